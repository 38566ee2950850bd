//! What Gatekeeper's controller was told, and its audit.

use super::{Findings, Object, flags};

/// Flags whose effect is lost, with what to do instead.
const LOST: [(&str, &str, &str); 5] = [
    (
        "--exempt-namespace",
        "namespaces are exempt by the webhook configuration here",
        "leave the namespace out in its namespaceSelector: kubernetes.io/metadata.name NotIn […]",
    ),
    (
        "--exempt-namespace-prefix",
        "namespaces are exempt by the webhook configuration here, by labels",
        "label those namespaces, and leave the label out in its namespaceSelector",
    ),
    (
        "--exempt-namespace-suffix",
        "namespaces are exempt by the webhook configuration here, by labels",
        "label those namespaces, and leave the label out in its namespaceSelector",
    ),
    (
        "--enable-external-data",
        "there are no providers of external data",
        "bring what policies ask them for as data, in a ConfigMap",
    ),
    (
        "--enable-generator-resource-expansion",
        "workloads are not expanded to the Pods that they would make",
        "let the templates look at workloads, or rely on the Pods being judged",
    ),
];

pub(super) fn examine(object: &Object, arguments: &[&str], findings: &mut Findings) {
    let flags = flags(arguments);
    let is_operation = |name: &str| flags.contains(&("--operation", name));
    let audits = is_operation("audit") || object.name().ends_with("audit");
    if audits {
        findings.needs_action(
            object,
            "there is no audit of what is in the cluster already",
            "leave this Deployment running beside the webhook, or judge from time to time: kubectl get … -A -o yaml | \
             magtape check --policies gatekeeper.yaml -",
        );
    } else {
        findings.changes(
            object,
            "its webhook is this program's",
            "register the new webhook first, and remove this one when both have said the same for a while",
        );
    }
    for (flag, value) in &flags {
        let lost = LOST.iter().find(|(name, _, _)| name == flag).filter(|_| *value != "false");
        if let Some((_, what, action)) = lost.filter(|_| !audits) {
            findings.needs_action(object, format!("{flag}={value}: {what}"), *action);
        }
    }
}
