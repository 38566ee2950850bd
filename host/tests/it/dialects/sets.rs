//! Several files that belong together: helpers, imports, one policy in parts.

use serde_json::json;

use super::{
    examples::example,
    judge::{Check, Report, folder},
};

const IMAGES: &str = "\
package team.images

import rego.v1

deny contains msg if {
	some image in images
	not trusted(image)
	msg := sprintf(\"image %s is not trusted\", [image])
}
";

const HELPERS: &str = "\
package team.images

images[image] { image := input.request.object.spec.containers[_].image }

trusted(image) { startswith(image, \"registry.example.com/\") }
";

const IMPORTS: &str = "\
package team.images

import rego.v1
import data.lib.registries

deny contains msg if {
	some container in input.request.object.spec.containers
	not registries.trusted(container.image)
	msg := sprintf(\"image %s is not trusted\", [container.image])
}
";

const LIBRARY: &str = "\
package lib.registries

import rego.v1
import data.lib.text

trusted(image) if text.starts(image, \"registry.example.com/\")
";

const TEXT: &str = "\
package lib.text

import rego.v1

starts(text, start) if startswith(text, start)
";

const UNTRUSTED: [&str; 2] = [
    "pod-untrusted-denied: HIGH OPA image redis:7 is not trusted",
    "pod-untrusted-denied: HIGH OPA image registry.example.com.evil.example/proxy:1 is not trusted",
];

const METADATA: &str = "\
policy_metadata = {\"name\": \"policy-parts\", \"severity\": \"MED\", \"errcode\": \"ORG4001\", \"targets\": {\"Pod\"}}
";

const MATCHES: &str = "matches { policy_metadata.targets[input.request.kind.kind] }
";

const MANY: &str = "
deny[info] {
    count(input.request.object.spec.containers) > 2
    info := {\"name\": \"policy-parts\", \"severity\": \"MED\", \"errcode\": \"ORG4001\", \"msg\": \"too many containers\"}
}
";

const PROXY: &str = "
deny[info] {
    input.request.object.spec.containers[_].name == \"proxy\"
    info := {\"name\": \"policy-parts\", \"severity\": \"MED\", \"errcode\": \"ORG4001\", \"msg\": \"no proxy\"}
}
";

const PARTS: [&str; 2] =
    ["pod-untrusted-denied: MED ORG4001 no proxy", "pod-untrusted-denied: MED ORG4001 too many containers"];

fn judged(files: &[(&str, &str)]) -> Report {
    let policies = folder(files);
    Check::with(&[policies.path()])
        .of(&["pod-untrusted-denied", "pod-allowed"].map(|name| example(&format!("opa/objects/{name}.yaml"))))
}

fn part(rules: &[&str]) -> String {
    format!("package kubernetes.admission.policy_parts\n\n{}", rules.concat())
}

#[test]
fn a_policy_takes_its_helpers_from_other_files() {
    for files in [
        // The helpers are in another version of Rego.
        &[("deny.rego", IMAGES), ("helpers.rego", HELPERS)][..],
        &[("a.rego", HELPERS), ("z.rego", IMAGES)],
        &[("deny.rego", IMPORTS), ("library.rego", LIBRARY), ("text.rego", TEXT)],
    ] {
        let report = judged(files);
        report.is_whole();
        assert_eq!(report.found(), UNTRUSTED, "{}", report.stderr);
        assert_eq!(report.all("policy").len(), 1, "helpers are no policies");
    }
}

#[test]
fn a_policy_of_magtapes_may_be_in_several_files() {
    let (whole, metadata) = (part(&[METADATA, MATCHES, MANY]), part(&[METADATA, MATCHES]));
    let (both, many, proxy) = (part(&[MANY, PROXY]), part(&[MANY]), part(&[PROXY]));
    let only_metadata = part(&[METADATA]);
    let with_matches = part(&[MATCHES, MANY, PROXY]);
    for files in [
        &[("deny.rego", both.as_str()), ("metadata.rego", &metadata)][..],
        &[("a.rego", &metadata), ("many.rego", &many), ("proxy.rego", &proxy)],
        &[("more.rego", &proxy), ("whole.rego", &whole)],
        &[("deny.rego", &with_matches), ("metadata.rego", &only_metadata)],
    ] {
        let report = judged(files);
        report.is_whole();
        assert_eq!(report.found(), PARTS, "{files:?}: {}", report.stderr);
    }
}

/// Each denies for itself: neither key answers for the other, although they share a package.
#[test]
fn two_keys_of_one_package_are_two_policies() {
    let rego = |condition: &str, msg: &str| {
        format!(
            "package kubernetes.admission\ndeny[msg] {{ input.request.object.{condition}; msg := \"{msg}\" }}\n"
        )
    };
    let config_map = json!({"apiVersion": "v1", "kind": "ConfigMap",
    "metadata": {"name": "rules", "namespace": "opa", "labels": {"openpolicyagent.org/policy": "rego"}},
    "data": {
        "proxy.rego": rego("spec.containers[_].name == \"proxy\"", "no proxy"),
        "shop.rego": rego("metadata.namespace == \"shop\"", "no shop"),
    }});
    let report = judged(&[("rules.yaml", &config_map.to_string())]);
    report.is_whole();
    assert_eq!(
        report.found(),
        [
            "pod-allowed: HIGH OPA no shop",
            "pod-untrusted-denied: HIGH OPA no proxy",
            "pod-untrusted-denied: HIGH OPA no shop"
        ]
    );
    assert_eq!(report.all("policy"), ["rules/proxy", "rules/shop"]);
}

/// Without its library a policy would find nothing, in silence.
#[test]
fn a_broken_library_keeps_out_who_needs_it_and_nobody_else() {
    let broken = "package lib.registries\n\ntrusted(image) {\n";
    let other = "package other\n\ndeny[msg] { input.request.object.kind == \"Pod\"; msg := \"judged\" }\n";
    let by_reference = "package by.reference\n\ndeny[msg] { data.lib.registries.refused[msg] }\n";
    let report = judged(&[
        ("imports.rego", IMPORTS),
        ("library.rego", broken),
        ("other.rego", other),
        ("reference.rego", by_reference),
    ]);
    assert_eq!(report.code, 2);
    assert_eq!(report.found(), ["pod-allowed: HIGH OPA judged", "pod-untrusted-denied: HIGH OPA judged"]);
    for (file, reason) in [
        ("library.rego:", "rego_parse_error"),
        ("imports.rego: needs package lib.registries of ", "library.rego, which could not be read"),
        ("reference.rego: needs package lib.registries of ", "library.rego, which could not be read"),
    ] {
        let told = report.stderr.lines().any(|line| line.contains(file) && line.contains(reason));
        assert!(told, "{file} {reason}: {}", report.stderr);
    }
}

#[test]
fn a_broken_file_of_its_own_package_is_missed_by_the_compiler() {
    let report =
        judged(&[("deny.rego", IMAGES), ("helpers.rego", "package team.images\n\nimages[image] {\n")]);
    assert_eq!((report.code, report.json.is_null()), (2, true), "{}", report.stderr);
    let missed = "deny.rego:7:2: rego_type_error: undefined function trusted";
    assert!(report.stderr.contains(missed), "{}", report.stderr);
}
