//! The tables of testing/examples/README.md.

use std::fs;

use serde_json::json;

use super::judge::{Check, Report, files, folder, root};

/// Policies, and all that they have against the objects of a folder.
struct Example {
    policies: &'static [&'static str],
    data: bool,
    objects: &'static str,
    found: &'static [&'static str],
}

pub const LIVENESS: &[&str] = &[
    "deployment-denied: LOW MT1001 [FAIL] LOW - Liveness Probe missing for container \"log\" (MT1001)",
    "deployment-denied: LOW MT1001 [FAIL] LOW - Liveness Probe missing for container \"web\" (MT1001)",
    "pod-denied: LOW MT1001 [FAIL] LOW - Liveness Probe missing for container \"log\" (MT1001)",
];

pub const LATEST: &[&str] = &[
    "stateful-set-denied: MED ORG1002 [FAIL] MED - Image of container \"database\" has the tag latest (ORG1002)",
];

pub const REGISTRY: &[&str] = &[
    "pod-both-denied: HIGH OPA image nginx is not from registry.example.com",
    "pod-untrusted-denied: HIGH OPA image redis:7 is not from registry.example.com",
    "pod-untrusted-denied: HIGH OPA image registry.example.com.evil.example/proxy:1 is not from registry.example.com",
];

pub const TAKEN: &[&str] = &[
    "pod-both-denied: HIGH OPA pod name \"ledger\" is taken in namespace \"bank\"",
    "pod-name-taken-denied: HIGH OPA pod name \"web\" is taken in namespace \"bank\"",
];

const INGRESS: &[&str] = &[
    "ingress-denied: HIGH OPA an ingress needs a certificate",
    "ingress-denied: HIGH OPA host *.example.com has a wildcard",
];

pub const ADDRESSES: &[&str] = &[
    "service-denied: MED ORG1001 service web claims the external address 192.0.2.7",
    "service-denied: MED ORG1001 service web claims the external address 192.0.2.8",
];

pub const REPOS: &[&str] = &[
    "pod-denied: HIGH K8sAllowedRepos [own-registry] container <cache> has an image <redis:7> from elsewhere than \
     [\"registry.example.com/\"]",
    "pod-denied: HIGH K8sAllowedRepos [own-registry] init container <setup> has an image <busybox> from elsewhere \
     than [\"registry.example.com/\"]",
];

const EXAMPLES: &[Example] = &[
    Example { policies: &["magtape/liveness-probe.rego"], data: false, objects: "magtape", found: LIVENESS },
    Example {
        policies: &["magtape/liveness-probe-configmap.yaml"],
        data: false,
        objects: "magtape",
        found: LIVENESS,
    },
    Example { policies: &["magtape/latest-tag.rego"], data: false, objects: "magtape", found: LATEST },
    Example { policies: &["opa/untrusted-registry.rego"], data: false, objects: "opa", found: REGISTRY },
    Example { policies: &["opa/unique-pod-name.rego"], data: false, objects: "opa", found: &[] },
    Example { policies: &["opa/unique-pod-name.rego"], data: true, objects: "opa", found: TAKEN },
    Example { policies: &["opa/object-message.rego"], data: false, objects: "opa", found: INGRESS },
    Example { policies: &["opa/annotated.rego"], data: false, objects: "opa", found: ADDRESSES },
    Example { policies: &["gatekeeper"], data: false, objects: "gatekeeper/allowed-repos", found: REPOS },
    Example {
        policies: &["gatekeeper/allowed-repos/constraint.yaml", "gatekeeper/allowed-repos/template.yaml"],
        data: false,
        objects: "gatekeeper/allowed-repos",
        found: REPOS,
    },
];

/// A path below testing/examples.
pub fn example(path: &str) -> String {
    format!("testing/examples/{path}")
}

pub fn sorted(parts: &[&[&str]]) -> Vec<String> {
    let mut all: Vec<String> = parts.concat().into_iter().map(str::to_owned).collect();
    all.sort();
    all
}

// === impl Example ===

impl Example {
    fn judged(&self, level: &str) -> Report {
        let policies: Vec<String> = self.policies.iter().map(|path| example(path)).collect();
        let check = Check::with(&policies).option("--deny-level", level);
        let check = if self.data { check.option("--data", example("opa/data.json")) } else { check };
        check.of(&[example(&format!("{}/objects", self.objects))])
    }

    /// The objects that have something of these severities against them.
    fn denied(&self, severities: &[&str]) -> Vec<&str> {
        let split = |line: &'static str| line.split_once(": ").unwrap();
        let grave = |(_, text): &(&str, &str)| severities.iter().any(|severity| text.starts_with(severity));
        let mut denied: Vec<&str> =
            self.found.iter().map(|line| split(line)).filter(grave).map(|(object, _)| object).collect();
        denied.dedup();
        denied
    }
}

#[test]
fn every_example_finds_what_its_table_says() {
    for example in EXAMPLES {
        for (level, severities) in [("LOW", &["HIGH"][..]), ("HIGH", &["HIGH", "MED", "LOW"]), ("OFF", &[])] {
            let report = example.judged(level);
            let place = format!("{:?} at {level}: {}", example.policies, report.stderr);
            report.is_whole();
            assert_eq!(report.found(), example.found, "{place}");
            assert_eq!(report.denied(), example.denied(severities), "{place}");
            assert_eq!(report.code, i32::from(!report.denied().is_empty()), "{place}");
        }
    }
}

#[test]
fn an_allowed_object_by_itself_ends_with_0_and_a_denied_one_with_1() {
    for (policy, objects) in
        [("opa/untrusted-registry.rego", "opa"), ("gatekeeper", "gatekeeper/allowed-repos")]
    {
        let is_about = |name: &str| name.starts_with("pod-") && !name.contains("taken");
        for object in files(&example(&format!("{objects}/objects")), is_about) {
            let report =
                Check::with(&[example(policy)]).of(&[example(&format!("{objects}/objects/{object}"))]);
            assert_eq!(report.code, i32::from(object.contains("denied")), "{object}: {}", report.stderr);
        }
    }
}

#[test]
fn a_directory_is_judged_as_a_whole_and_its_collector_is_noted() {
    let report = Check::with(&[example("opa")])
        .option("--data", example("opa/data.json"))
        .of(&[example("opa/objects")]);
    report.is_whole();
    assert_eq!(report.found(), sorted(&[REGISTRY, TAKEN, INGRESS, ADDRESSES]));
    let policies = ["annotated", "object-message", "unique-pod-name", "untrusted-registry"];
    assert_eq!(report.all("policy"), policies);
    let note = "note: testing/examples/opa/main.rego: gathers data.kubernetes.admission.deny; those policies are \
                judged on their own";
    assert!(report.stderr.contains(note), "{}", report.stderr);
}

#[test]
fn a_folder_of_magtapes_own_form_needs_no_collector_either() {
    let rego = ["liveness-probe.rego", "latest-tag.rego", "opa-entrypoint.rego"];
    let report =
        Check::with(&rego.map(|name| example(&format!("magtape/{name}")))).of(&[example("magtape/objects")]);
    report.is_whole();
    assert_eq!(report.found(), sorted(&[LIVENESS, LATEST]));
    let note = "note: testing/examples/magtape/opa-entrypoint.rego: gathers data.kubernetes.admission;";
    assert!(report.stderr.contains(note), "{}", report.stderr);
}

/// With nothing to gather, it is a policy that answers the whole review.
#[test]
fn a_main_rule_that_is_named_alone_is_asked() {
    let alone = "package system\nmain = {\"response\": {\"allowed\": false, \"status\": {\"message\": \"no\"}}} { true }\n";
    let policies = folder(&[("main.rego", alone)]);
    let report = Check::with(&[policies.path()]).of(&[example("opa/objects/pod-allowed.yaml")]);
    assert_eq!(report.found(), ["pod-allowed: HIGH OPA no"], "{}", report.stderr);
}

#[test]
fn a_configmap_finds_what_its_file_finds() {
    for example in EXAMPLES.iter().filter(|example| example.policies[0].ends_with(".rego")) {
        let path = root().join("testing/examples").join(example.policies[0]);
        let config_map = json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "rules", "labels": {"openpolicyagent.org/policy": "rego"}},
            "data": {"rule.rego": fs::read_to_string(path).unwrap()}});
        let policies = folder(&[("rules.yaml", config_map.to_string())]);
        let check = Check::with(&[policies.path()]);
        let check = if example.data { check.option("--data", self::example("opa/data.json")) } else { check };
        let report = check.of(&[self::example(&format!("{}/objects", example.objects))]);
        report.is_whole();
        assert_eq!(report.found(), example.found, "{:?}: {}", example.policies, report.stderr);
    }
}

#[test]
fn what_a_policy_says_beside_the_message_is_told() {
    let report =
        Check::with(&[example("opa/object-message.rego")]).of(&[example("opa/objects/ingress-denied.yaml")]);
    let violations = report.json["results"][0]["violations"].as_array().unwrap();
    let details: Vec<_> = violations.iter().filter_map(|violation| violation.get("details")).collect();
    assert_eq!(details, [&json!({"host": "*.example.com"})]);
}
