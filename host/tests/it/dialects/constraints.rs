//! Gatekeeper's templates and constraints, as `check` takes them.

use std::fs;

use magtape::yaml;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::judge::{Check, Report, folder, root};

const OBJECTS: &str = "testing/examples/gatekeeper/allowed-repos/objects";

const FOUND: [&str; 2] = [
    "[own-registry] container <cache> has an image <redis:7> from elsewhere than [\"registry.example.com/\"]",
    "[own-registry] init container <setup> has an image <busybox> from elsewhere than [\"registry.example.com/\"]",
];

/// The template of the example with its constraint, whose `spec` has these fields too.
pub fn variant(fields: &Value) -> TempDir {
    let example = |name: &str| {
        let path = root().join("testing/examples/gatekeeper/allowed-repos").join(name);
        fs::read_to_string(path).unwrap()
    };
    let mut constraint = yaml::parse(&example("constraint.yaml")).unwrap();
    constraint["spec"].as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    folder(&[("template.yaml", example("template.yaml")), ("constraint.yaml", constraint.to_string())])
}

fn judged(fields: &Value, data: Option<&Value>) -> Report {
    let policies = variant(fields);
    let document = folder(&[("data.json", data.unwrap_or(&Value::Null).to_string())]);
    let check = Check::with(&[policies.path()]).option("--deny-level", "HIGH");
    let check = match data {
        Some(_) => check.option("--data", document.path().join("data.json")),
        None => check,
    };
    check.of(&[OBJECTS])
}

/// Actions at their points, as a constraint has them.
fn scoped(actions: &[(&str, &str)]) -> Value {
    let action =
        |(action, point): &(&str, &str)| json!({"action": action, "enforcementPoints": [{"name": point}]});
    let actions: Vec<Value> = actions.iter().map(action).collect();
    json!({"enforcementAction": "scoped", "scopedEnforcementActions": actions})
}

#[test]
fn only_deny_denies_whatever_the_level() {
    let (webhook, cli) = ("validation.gatekeeper.sh", "gator.gatekeeper.sh");
    for (fields, severity, enforcement) in [
        (json!({}), "HIGH", "deny"),
        (json!({"enforcementAction": "deny"}), "HIGH", "deny"),
        (json!({"enforcementAction": "warn"}), "LOW", "warn"),
        (json!({"enforcementAction": "dryrun"}), "LOW", "dryrun"),
        (scoped(&[("deny", webhook), ("warn", cli)]), "LOW", "warn"),
        (scoped(&[("deny", cli), ("warn", webhook)]), "HIGH", "deny"),
        (scoped(&[("dryrun", "*")]), "LOW", "dryrun"),
    ] {
        let report = judged(&fields, None);
        report.is_whole();
        let expected: Vec<_> =
            FOUND.iter().map(|text| format!("pod-denied: {severity} K8sAllowedRepos {text}")).collect();
        assert_eq!(report.found(), expected, "{fields}: {}", report.stderr);
        assert_eq!(report.all("enforcement"), [enforcement], "{fields}");
        assert_eq!(report.code, i32::from(enforcement == "deny"), "{fields}");
    }
}

#[test]
fn a_constraint_of_another_point_is_noted_and_not_asked() {
    let policies = variant(&scoped(&[("deny", "validation.gatekeeper.sh")]));
    let always = "testing/examples/opa/untrusted-registry.rego";
    let report = Check::with(&[policies.path(), always.as_ref()]).of(&[OBJECTS]);
    report.is_whole();
    assert_eq!(report.all("policy"), ["untrusted-registry"]);
    assert!(report.stderr.contains("is not enforced at gator.gatekeeper.sh"), "{}", report.stderr);
}

#[test]
fn labels_of_a_namespace_come_from_the_data_and_are_missed_without() {
    let selected = json!({"match": {"namespaceSelector": {"matchLabels": {"registry": "own"}}}});
    let namespace =
        |registry: &str| json!({"shop": {"metadata": {"labels": {"registry": registry}}}, "sandbox": {}});
    let kube_mgmt = |registry| json!({"kubernetes": {"namespaces": namespace(registry)}});
    let gatekeeper = |registry| json!({"inventory": {"cluster": {"v1": {"Namespace": namespace(registry)}}}});
    for (data, code, denied) in [
        (kube_mgmt("own"), 1, &["pod-denied"][..]),
        (gatekeeper("own"), 1, &["pod-denied"]),
        (kube_mgmt("other"), 0, &[]),
        (gatekeeper("other"), 0, &[]),
    ] {
        let report = judged(&selected, Some(&data));
        report.is_whole();
        assert_eq!(
            (report.code, report.denied()),
            (code, denied.iter().map(ToString::to_string).collect()),
            "{data}"
        );
    }
    for data in [None, Some(json!({"inventory": {"cluster": {}}}))] {
        let report = judged(&selected, data.as_ref());
        assert_eq!((report.code, report.found()), (2, vec![]), "{}", report.stderr);
        let failed = report.failed().join("\n");
        assert!(
            failed.contains("namespace \\\"shop\\\"") && failed.contains("namespace \\\"sandbox\\\""),
            "{failed}"
        );
    }
}

#[test]
fn the_inventory_is_what_the_data_has_of_it() {
    let suite = "testing/gatekeeper/unique-ingress-host";
    let ingress = |host: &str| json!({"spec": {"rules": [{"host": host}]}});
    let inventory = |host: &str| {
        let version = json!({"networking.k8s.io/v1": {"Ingress": {"web": ingress(host)}}});
        json!({"inventory": {"namespace": {"bank": version}}})
    };
    let policies = [format!("{suite}/template.yaml"), format!("{suite}/samples/unique-host/constraint.yaml")];
    let taken =
        "ingress: HIGH K8sUniqueIngressHost [unique-host] host shop.example.com is taken by ingress bank/web";
    for (host, found) in [("bank.example.com", vec![]), ("shop.example.com", vec![taken])] {
        let data = folder(&[("data.json", inventory(host).to_string())]);
        let report = Check::with(&policies)
            .option("--data", data.path().join("data.json"))
            .of(&[format!("{suite}/samples/unique-host/ingress.yaml")]);
        report.is_whole();
        assert_eq!(report.found(), found, "{}", report.stderr);
    }
}

#[test]
fn annotations_say_what_gatekeeper_has_no_place_for() {
    let policies = variant(&json!({}));
    let path = policies.path().join("constraint.yaml");
    let mut constraint: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    constraint["metadata"]["annotations"] =
        json!({"magtape.io/severity": "MED", "magtape.io/errcode": "ORG3001"});
    fs::write(path, constraint.to_string()).unwrap();
    let report = Check::with(&[policies.path()]).of(&[OBJECTS]);
    report.is_whole();
    assert_eq!(report.found()[0], format!("pod-denied: MED ORG3001 {}", FOUND[0]));
    assert_eq!(report.code, 0, "MED denies only from the level MED on");
}
