//! Roles of the install: what of them may go. What the webhook needs, docs/configuration.md lists.

use serde_json::Value;

use super::{
    Object,
    findings::Findings,
    object::{items, texts},
};

/// Rights that MagTape 2.4 had for itself, and why nobody needs them.
const NOT_NEEDED: [(&str, &str, &str); 5] = [
    ("ClusterRole", "secrets", "Secrets of all namespaces are not read"),
    ("ClusterRole", "certificatesigningrequests", "no certificate has to be signed by the cluster"),
    ("ClusterRole", "certificatesigningrequests/approval", "no certificate has to be approved"),
    ("ClusterRole", "certificatesigningrequests/status", "no certificate has to be approved"),
    ("ClusterRole", "signers", "no certificate has to be signed by the cluster"),
];

/// Says which rights may go.
pub(super) fn examine(object: &Object, findings: &mut Findings) {
    if !matches!(object.kind(), "Role" | "ClusterRole") || !is_of_an_install(object) {
        return;
    }
    let granted: Vec<&str> =
        items(&object.value, "/rules").flat_map(|rule| texts(rule, "/resources")).collect();
    for (kind, resource, why) in NOT_NEEDED {
        if object.kind() == kind && granted.contains(&resource) {
            findings.ignored(object, format!("the right to {resource} may go: {why}"));
        }
    }
    if object.kind() == "Role" && !granted.contains(&"leases") {
        findings.changes(
            object,
            "has no right to leases, by which replicas elect the one that writes",
            "grant get, create and update of leases in coordination.k8s.io; docs/configuration.md lists all rights",
        );
    }
    if object.kind() == "ClusterRole" && items(&object.value, "/rules").any(everything) {
        findings.changes(
            object,
            "has every right on everything",
            "docs/configuration.md lists those that are needed",
        );
    }
}

/// A directory of manifests may have roles of others.
fn is_of_an_install(object: &Object) -> bool {
    ["magtape", "opa", "kube-mgmt", "gatekeeper"].iter().any(|name| object.name().contains(name))
        || object.label("app").is_some_and(|app| matches!(app, "magtape" | "opa"))
}

fn everything(rule: &Value) -> bool {
    ["/apiGroups", "/resources", "/verbs"].iter().all(|list| texts(rule, list).contains(&"*"))
}
