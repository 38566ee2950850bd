//! Gatekeeper's other objects. Templates and constraints are policies; `policies` has them.

use super::{
    Object,
    findings::Findings,
    object::{items, texts},
};

/// Templates come from files, and files are judged by without a cluster.
const NOT_SYNCED: &str = "is not read: templates from files find in data.inventory what --data gives";
const SYNC: &str = "give --data what policies compare objects with, or leave their constraints to Gatekeeper";

/// Says what has nobody who reads it any more.
pub(super) fn examine(object: &Object, findings: &mut Findings) {
    match (object.group(), object.kind()) {
        ("config.gatekeeper.sh", "Config") => config(object, findings),
        ("syncset.gatekeeper.sh", "SyncSet") => findings.needs_action(object, NOT_SYNCED, SYNC),
        ("mutations.gatekeeper.sh", kind) => findings.needs_action(
            object,
            format!("{kind}: nothing is mutated here"),
            "leave Gatekeeper's mutation webhook running, or use Kubernetes' MutatingAdmissionPolicy",
        ),
        ("externaldata.gatekeeper.sh", _) => findings.needs_action(
            object,
            "there are no providers of external data here",
            "bring what policies ask it for as data, in a ConfigMap",
        ),
        ("expansion.gatekeeper.sh", _) => findings.needs_action(
            object,
            "workloads are not expanded to the Pods that they would make",
            "let the templates look at workloads, or rely on the Pods being judged",
        ),
        _ => {}
    }
}

fn config(object: &Object, findings: &mut Findings) {
    for entry in items(&object.value, "/spec/match") {
        let processes = texts(entry, "/processes");
        if !processes.iter().any(|process| matches!(*process, "*" | "webhook")) {
            continue;
        }
        let namespaces = texts(entry, "/excludedNamespaces").join(", ");
        findings.needs_action(
            object,
            format!("exempts the namespaces {namespaces}, and is not read"),
            "leave them out in the namespaceSelector of the webhook configuration",
        );
    }
    if items(&object.value, "/spec/sync/syncOnly").count() > 0 {
        findings.needs_action(object, format!("spec.sync: {NOT_SYNCED}"), SYNC);
    }
    if object.value.pointer("/spec/validation").is_some() {
        findings
            .ignored(object, "spec.validation: there are no traces; the log names each policy that failed");
    }
}
