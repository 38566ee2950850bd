//! The dashboards and rules that ship: a real Prometheus answers each of their expressions.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use magtape_testing::{poll, tools::Tool};
use serde_json::{Value, json};

use super::{FAILING, page::Page, prometheus::Prometheus, scenario};
use crate::config_maps::replica::{Home, Replica};

/// Rates need a few scrapes, of which there is one each second.
const ANSWERED: Duration = Duration::from_secs(120);

/// Series that are there where notifications are sent.
const OF_NOTIFICATIONS: &str = "magtape_notifications_";

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy")
}

fn rules() -> PathBuf {
    deploy().join("alerts/rules.yaml")
}

fn yaml(path: &Path) -> Value {
    magtape::yaml::parse(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The dashboards, by uid.
fn dashboards() -> BTreeMap<String, Value> {
    let files = fs::read_dir(deploy().join("dashboards")).unwrap();
    let read =
        |file: fs::DirEntry| -> Value { serde_json::from_slice(&fs::read(file.path()).unwrap()).unwrap() };
    let dashboards = files.map(|file| read(file.unwrap()));
    dashboards.map(|board| (board["uid"].as_str().unwrap().to_owned(), board)).collect()
}

/// What a dashboard asks, as Prometheus understands it.
fn questions(dashboard: &Value) -> Vec<String> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().unwrap());
    let expressions = targets.map(|target| target["expr"].as_str().unwrap().to_owned());
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    let queries = variables.filter_map(|variable| variable["query"]["query"].as_str());
    // A label of something is there if that is there.
    let selectors = queries.map(|query| {
        let inner = query.strip_prefix("label_values(").unwrap().strip_suffix(')').unwrap();
        let (series, label) = inner.rsplit_once(", ").unwrap();
        format!("{series}{{{label}!=\"\"}}")
    });
    expressions
        .chain(selectors)
        .map(|expression| {
            expression
                .replace("$__rate_interval", "30s")
                .replace("$__range", "5m")
                .replace("$namespace", "shop")
                .replace("$policy", "policy-.*")
        })
        .collect()
}

/// The rules: those that record as they are, alerts without what they are compared with, as nothing is wrong.
fn rule_questions() -> Vec<String> {
    let all = yaml(&rules());
    let rules = all["groups"].as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap());
    let question = |rule: &Value| {
        let expression = rule["expr"].as_str().unwrap();
        if rule.get("alert").is_none() {
            return expression.to_owned();
        }
        let (compared, bound) = expression.rsplit_once(' ').unwrap();
        assert!(bound.parse::<f64>().is_ok(), "{expression}");
        compared.strip_suffix(['<', '>']).unwrap().trim().to_owned()
    };
    rules.map(question).collect()
}

#[test]
fn the_dashboards_are_magtapes_and_one_more() {
    let dashboards = dashboards();
    let uids: Vec<&str> = dashboards.keys().map(String::as_str).collect();
    assert_eq!(uids, ["78pkrlOZz", "Pwtz9ldWz", "magtape-policy-cost", "rUtzr_dZz"]);
    for dashboard in dashboards.values() {
        let panels = dashboard["panels"].as_array().unwrap();
        let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
        assert_eq!(ids.len(), panels.len(), "{}", dashboard["title"]);
        assert!(panels.iter().all(|panel| panel["datasource"]["uid"] == "${datasource}"));
    }
}

#[test]
fn every_alert_has_a_test_and_a_runbook() {
    let runbooks = fs::read_to_string(deploy().join("../docs/runbooks.md")).unwrap();
    let (all, tests) = (yaml(&rules()), yaml(&deploy().join("alerts/rules_test.yaml")));
    let tested: BTreeSet<&str> =
        tests["tests"].as_array().unwrap().iter().map(|test| test["name"].as_str().unwrap()).collect();
    let alerts = all["groups"][1]["rules"].as_array().unwrap();
    assert!(alerts.len() >= 10, "{alerts:?}");
    for alert in alerts {
        let name = alert["alert"].as_str().unwrap();
        assert!(tested.contains(name), "{name} has no test");
        assert!(runbooks.contains(&format!("\n## {name}\n")), "{name} has no runbook");
        let link = format!("docs/runbooks.md#{}", name.to_lowercase());
        assert_eq!(alert["annotations"]["runbook_url"], link.as_str());
    }
    let of_operator = yaml(&deploy().join("monitoring/prometheus-rule.yaml"));
    assert_eq!(of_operator["spec"], all, "deploy/monitoring/prometheus-rule.yaml has other rules");
}

#[test]
fn prometheus_takes_the_rules_and_their_tests_pass() {
    let promtool = Tool::Promtool.built().unwrap();
    for (task, file) in [("check", "alerts/rules.yaml"), ("test", "alerts/rules_test.yaml")] {
        let output = Command::new(&promtool).args([task, "rules"]).arg(deploy().join(file)).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "promtool {task} rules {file}: {said}");
    }
}

#[test]
fn the_service_monitor_selects_what_is_deployed() {
    let monitor = yaml(&deploy().join("monitoring/service-monitor.yaml"));
    assert_eq!(monitor["metadata"]["namespace"], "monitoring");
    let spec = &monitor["spec"];
    assert_eq!(spec["selector"]["matchLabels"], json!({"app": "magtape"}));
    assert_eq!(spec["namespaceSelector"]["matchNames"], json!(["magtape-system"]));
    assert_eq!(
        spec["endpoints"],
        json!([{"port": "https", "scheme": "https", "interval": "30s", "tlsConfig": {"insecureSkipVerify": true}}])
    );
}

#[tokio::test]
async fn every_expression_has_an_answer() {
    let home = Home::new("dashboards").await;
    // A policy that reads the cluster, so that something of it is kept.
    let policy = |version: usize| {
        let rego = format!(
            "package kubernetes.admission.policy_maps\n# version {version}\n\
             policy_metadata = {{\"name\": \"policy-maps\", \"severity\": \"LOW\", \"errcode\": \"T1\", \"targets\": {{\"Pod\"}}}}\n\
             matches {{ policy_metadata.targets[input.request.kind.kind] }}\n\
             deny[info] {{ data.kubernetes.configmaps[_][name]; name == \"never\"; info := {{}} }}\n"
        );
        home.config_map("maps", "rego", "data", json!({"policy.rego": rego}))
    };
    home.create(&policy(0)).await;
    let limits = tempfile::NamedTempFile::new().unwrap();
    fs::write(&limits, FAILING).unwrap();
    let limits = limits.path().to_str().unwrap();
    let arguments = ["--policies-from", "both", "--failure-policy", "ignore", "--limits", limits];
    let replica = Replica::start(&home, "one", &arguments).await;
    replica.has_policies(13).await;
    let webhook = &replica.0;
    let prometheus = Prometheus::start(webhook, &rules()).await;
    let mut missing: BTreeSet<String> =
        dashboards().values().flat_map(questions).chain(rule_questions()).collect();
    assert!(missing.len() > 50, "{missing:#?}");
    let sends_notifications =
        |page: &Page| page.families().keys().any(|name| name.starts_with(OF_NOTIFICATIONS));
    scenario(webhook).await;
    let page = Page::once(webhook, |page| page.count("magtape_policy_failures_total") > 0).await;
    if !sends_notifications(&page) {
        missing.retain(|expression| !expression.contains(OF_NOTIFICATIONS));
    }
    let mut version = 0;
    let answered = async || {
        // Again and again, because a rate is of what changes.
        version += 1;
        home.patch(&policy(0), &policy(version)).await;
        scenario(webhook).await;
        for expression in missing.clone() {
            if prometheus.numbers(&expression).await? > 0 {
                missing.remove(&expression);
            }
        }
        Ok(missing.is_empty().then_some(()))
    };
    let waited = poll::until("every expression to have an answer", ANSWERED, answered).await;
    waited.unwrap_or_else(|error| panic!("{error}, and these have none: {missing:#?}"));
}
