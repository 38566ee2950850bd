use std::time::Duration;

use serde_json::json;

use super::*;
use crate::{
    review::Request,
    verdict::{DenyLevel, Failure, FailurePolicy, Finding, Outcome, Severity, Violation, decide, examples},
};

fn outcome(policy: &str, finding: Finding) -> Outcome {
    Outcome { elapsed: Duration::from_micros(40), ..examples::outcome(policy, finding) }
}

fn violated(policy: &str, severity: Severity, violations: usize) -> Outcome {
    let violation = Violation::new("[FAIL] …", severity, "MT1");
    outcome(policy, Finding::Violated(vec![violation; violations]))
}

fn decide_on(metrics: &Metrics, namespace: &str, outcomes: &[Outcome]) {
    let request = json!({"uid": "u", "operation": "CREATE", "kind": {"kind": "Pod"}, "namespace": namespace});
    let request = Request::parse(json!({ "request": request }).to_string().into_bytes()).unwrap();
    let verdict = decide(outcomes, DenyLevel::Low, FailurePolicy::Fail);
    let elapsed = Duration::from_millis(1);
    metrics.decided(&Decision { elapsed, ..Decision::example(&request, outcomes, &verdict) });
}

/// The value of a series.
fn value(metrics: &Metrics, series: &str) -> Option<f64> {
    let page = metrics.page().unwrap();
    let line = page.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok())
}

#[test]
fn a_request_is_counted_once_as_magtape_counted_it() {
    let metrics = Metrics::new().unwrap();
    decide_on(&metrics, "shop", &[outcome("a", Finding::Passed), violated("b", Severity::Low, 2)]);
    decide_on(&metrics, "shop", &[outcome("a", Finding::NotApplicable), violated("b", Severity::High, 1)]);
    decide_on(&metrics, "", &[outcome("a", Finding::Failed(Failure::new("trap", "…")))]);
    for (series, expected) in [
        (r#"magtape_requests_total{alert_sent="false",count_type="total",ns="shop"}"#, 2.0),
        (r#"magtape_requests_total{alert_sent="false",count_type="allowed",ns="shop"}"#, 1.0),
        (r#"magtape_requests_total{alert_sent="false",count_type="denied",ns="shop"}"#, 1.0),
        (r#"magtape_requests_total{alert_sent="false",count_type="denied",ns=""}"#, 1.0),
        (r#"magtape_policy_total{count_type="pass",ns="shop",policy="a"}"#, 1.0),
        (r#"magtape_policy_total{count_type="total",ns="shop",policy="a"}"#, 1.0),
        (r#"magtape_policy_total{count_type="fail",ns="shop",policy="b"}"#, 3.0),
        (r#"magtape_policy_total{count_type="total",ns="shop",policy="b"}"#, 3.0),
        (r#"magtape_policy_total{count_type="total",ns="",policy="a"}"#, 0.0),
        (r#"magtape_policy_outcomes_total{outcome="not_applicable",policy="a"}"#, 1.0),
        (r#"magtape_policy_outcomes_total{outcome="violated",policy="b"}"#, 2.0),
        (r#"magtape_policy_failures_total{cause="trap",policy="a"}"#, 1.0),
        (r#"magtape_policy_evaluation_duration_seconds_bucket{policy="b",le="0.00005"}"#, 2.0),
        (r#"magtape_decisions_total{deny_level="LOW",outcome="warned"}"#, 1.0),
        (r#"magtape_decisions_total{deny_level="LOW",outcome="denied"}"#, 2.0),
        (r#"magtape_decisions_total{deny_level="HIGH",outcome="denied"}"#, 0.0),
    ] {
        assert_eq!(value(&metrics, series), Some(expected), "{series}\n{}", metrics.page().unwrap());
    }
}

#[test]
fn a_policy_that_nobody_asked_took_no_time() {
    let metrics = Metrics::new().unwrap();
    let failed = outcome("a", Finding::Failed(Failure::new(Failure::OVERLOAD, "…")));
    decide_on(&metrics, "shop", &[Outcome { elapsed: Duration::ZERO, ..failed }]);
    assert_eq!(value(&metrics, r#"magtape_policy_evaluation_duration_seconds_count{policy="a"}"#), Some(0.0));
    assert_eq!(value(&metrics, r#"magtape_policy_failures_total{cause="overload",policy="a"}"#), Some(1.0));
}

#[test]
fn who_is_alerted_is_counted_apart() {
    let metrics = Metrics::new().unwrap();
    metrics.alerts(|decision| !decision.verdict.allowed);
    decide_on(&metrics, "shop", &[violated("b", Severity::High, 1)]);
    decide_on(&metrics, "shop", &[outcome("b", Finding::Passed)]);
    for (alert_sent, denied, allowed) in [("true", 1.0, 0.0), ("false", 0.0, 1.0)] {
        for (count_type, expected) in [("denied", denied), ("allowed", allowed), ("total", 1.0)] {
            let labels = format!(r#"{{alert_sent="{alert_sent}",count_type="{count_type}",ns="shop"}}"#);
            assert_eq!(
                value(&metrics, &format!("magtape_requests_total{labels}")),
                Some(expected),
                "{labels}"
            );
        }
    }
}

/// Ten thousand of each: names that tenants give, names that requests give, and ways to fail.
#[test]
fn nobody_makes_the_page_grow_without_end() {
    let metrics = Metrics::new().unwrap();
    for number in 0..10_000 {
        let outcomes = [
            violated(&format!("policy-{number}"), Severity::Low, 1),
            violated(&format!("team-{number}:policy"), Severity::Low, 1),
            outcome("own", Finding::Failed(Failure::new("trap", format!("in its way {number}")))),
        ];
        decide_on(&metrics, &format!("namespace-{number}"), &outcomes);
        metrics.http().answered(&Asked::new(&format!("M{number}"), &format!("/{number}")), "404");
    }
    let page = metrics.page().unwrap();
    let lines = |family: &str| page.lines().filter(|line| line.starts_with(&format!("{family}{{"))).count();
    assert_eq!(lines("magtape_requests_total"), (1000 + 1) * 3);
    assert_eq!(lines("magtape_policy_failures_total"), 1);
    assert_eq!(lines("magtape_policy_outcomes_total"), (600 + 200 + 1) * 4);
    assert!(lines("magtape_policy_total") <= (10_000 + 801) * 3, "{}", lines("magtape_policy_total"));
    assert_eq!(lines("magtape_http_request_total"), 1);
    assert!(page.len() < 8 * 1024 * 1024, "{} bytes", page.len());
    // Nothing is lost for it.
    let counted = |start: &str| -> f64 {
        let of_family = page.lines().filter(|line| line.starts_with(start));
        of_family.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    };
    assert_eq!(counted(r#"magtape_requests_total{alert_sent="false",count_type="total""#), 10_000.0);
    assert_eq!(counted(r#"magtape_policy_total{count_type="fail""#), 20_000.0);
    assert_eq!(value(&metrics, r#"magtape_http_request_total{method="other",status="404"}"#), Some(10_000.0));
    decide_on(&metrics, &"x".repeat(64), &[]);
    assert!(!metrics.page().unwrap().contains("xxx"), "no namespace has such a name");
}

#[test]
fn what_is_read_is_bounded_too() {
    let metrics = Metrics::new().unwrap();
    let family = Family { name: "many", help: "Many.", kind: Kind::Gauge, labels: &["of"] };
    metrics.read(family, || (0..5000).map(|of| Sample::new([&of.to_string()], 1.0)).collect()).unwrap();
    let page = metrics.page().unwrap();
    assert_eq!(page.lines().filter(|line| line.starts_with("many{")).count(), family::MAX_SAMPLES);
    assert!(metrics.read(family, Vec::new).is_err(), "the name is taken");
}

#[test]
fn the_process_tells_of_itself() {
    let metrics = Metrics::new().unwrap();
    let value = |series| value(&metrics, series).unwrap();
    assert!(value("process_resident_memory_bytes") > 1e6);
    assert!(value("process_open_fds") >= 1.0 && value("process_open_fds") <= value("process_max_fds"));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    let age = now - value("process_start_time_seconds");
    assert!((-1.0..86_400.0).contains(&age), "began {age} seconds ago");
}
