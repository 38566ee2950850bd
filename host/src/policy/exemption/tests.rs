use serde_json::{Value, json};

use super::*;
use crate::verdict::{Failure, Severity, Violation, examples};

fn parse(document: Value) -> Result<Exemption, ExemptionError> {
    Exemption::parse("map/key", &document)
}

/// The exemption with fields changed; `null` removes one.
fn with(changes: Value) -> Value {
    let mut document = json!({"codes": ["MT1"], "namespaces": ["team-*"], "reason": "moves in June"});
    for (field, value) in changes.as_object().unwrap() {
        document.as_object_mut().unwrap().remove(field);
        if !value.is_null() {
            document[field] = value.clone();
        }
    }
    document
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn outcomes() -> Vec<Outcome> {
    let outcome = |policy: &str, errcode: &str, finding| Outcome {
        errcode: errcode.to_owned(),
        ..examples::outcome(policy, finding)
    };
    let violation = |errcode: &str| Violation::new("[FAIL] HIGH - x", Severity::High, errcode);
    vec![
        outcome("a", "MT1", Finding::Violated(vec![violation("MT1"), violation("MT2")])),
        outcome("b", "MT3", Finding::Failed(Failure::new("trap", "trapped"))),
    ]
}

/// Which of MT1, MT2 and MT3 are exempted.
fn exempted(changes: Value, subject: Subject<'_>, now: &str) -> [bool; 3] {
    let exemptions: Exemptions = [parse(with(changes)).unwrap()].into_iter().collect();
    let mut outcomes = outcomes();
    exemptions.apply(subject, at(now), &mut outcomes);
    let [one, two] = outcomes[0].violations() else { panic!() };
    [one.exempted.is_some(), two.exempted.is_some(), outcomes[1].exempted.is_some()]
}

const WEB: Subject<'static> = Subject { group: "apps", kind: "Deployment", namespace: "team-a", name: "web" };
const NOW: &str = "2030-01-31T12:00:00Z";

#[test]
fn it_holds_where_all_that_it_names_fits() {
    let none = [false; 3];
    for (changes, expected) in [
        (json!({}), [true, false, false]),
        (json!({"codes": ["MT2", "MT3"]}), [false, true, true]),
        (json!({"codes": null, "policies": ["a"]}), [true, true, false]),
        (json!({"codes": ["MT3"], "policies": ["a"]}), [true, true, true]),
        (json!({"codes": ["mt1"]}), none),
        (json!({"namespaces": ["team-b", "team-a"]}), [true, false, false]),
        (json!({"namespaces": ["team"]}), none),
        (json!({"kinds": ["Deployment"]}), [true, false, false]),
        (json!({"kinds": ["apps/Deployment"]}), [true, false, false]),
        (json!({"kinds": ["extensions/Deployment", "Pod"]}), none),
        (json!({"names": ["we*"]}), [true, false, false]),
        (json!({"names": ["db"]}), none),
    ] {
        assert_eq!(exempted(changes.clone(), WEB, NOW), expected, "{changes}");
    }
}

#[test]
fn it_ends_by_itself() {
    for (until, now, holds) in [
        (json!("2030-01-31"), "2030-01-31T23:59:59Z", true),
        (json!("2030-01-31"), "2030-02-01T00:00:00Z", false),
        (json!("2030-01-31T12:00:00Z"), "2030-01-31T11:59:59Z", true),
        (json!("2030-01-31T12:00:00Z"), "2030-01-31T12:00:00Z", false),
        (json!("2030-01-31T12:00:00+02:00"), "2030-01-31T10:00:00Z", false),
        (json!(null), "9000-01-01T00:00:00Z", true),
    ] {
        assert_eq!(exempted(json!({"until": until}), WEB, now)[0], holds, "{until} at {now}");
    }
    assert!(parse(with(json!({}))).unwrap().is_endless());
}

#[test]
fn objects_of_the_cluster_are_exempt_only_by_a_star() {
    let role = Subject { group: "rbac.authorization.k8s.io", kind: "ClusterRole", namespace: "", name: "x" };
    assert!(exempted(json!({"namespaces": ["*"]}), role, NOW)[0]);
    assert!(!exempted(json!({"namespaces": ["team-*"]}), role, NOW)[0]);
    let nameless = Subject { name: "", ..WEB };
    assert!(!exempted(json!({"names": ["web-*"]}), nameless, NOW)[0]);
}

#[test]
fn what_is_wrong_is_named() {
    let long = "a".repeat(201);
    for (changes, expected) in [
        (json!({"code": ["MT1"]}), "unknown field `code`, expected one of"),
        (json!({"codes": "MT1"}), "invalid type: string \"MT1\", expected a sequence"),
        (json!({"codes": null}), "names neither policies nor codes"),
        (json!({"codes": ["MT*"]}), "codes has \"MT*\": an entry is one name"),
        (json!({"policies": [""]}), "policies has \"\""),
        (json!({"namespaces": null}), "missing field `namespaces`"),
        (json!({"namespaces": []}), "namespaces is empty"),
        (json!({"namespaces": ["team a"]}), "namespaces has \"team a\""),
        (json!({"names": []}), "names is empty"),
        (json!({"names": vec!["a"; 101]}), "names has more than 100 entries"),
        (json!({"until": "tomorrow"}), "until is \"tomorrow\": it is a date such as"),
        (json!({"until": "2030-02-30"}), "until is \"2030-02-30\""),
        (json!({"until": "2030-01-31T12:00:00"}), "until is \"2030-01-31T12:00:00\""),
        (json!({"until": "9999-12-31"}), "until is \"9999-12-31\""),
        (json!({"reason": null}), "missing field `reason`"),
        (json!({"reason": " "}), "reason must say why"),
        (json!({"reason": "a\nb"}), "reason must say why"),
        (json!({ "reason": long }), "reason must say why"),
    ] {
        let error = parse(with(changes)).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    assert!(parse(json!([])).is_err());
    for field in ["until", "names"] {
        let mut document = with(json!({}));
        document[field] = Value::Null;
        assert!(parse(document).unwrap_err().to_string().starts_with("invalid type: null"), "{field}");
    }
}
