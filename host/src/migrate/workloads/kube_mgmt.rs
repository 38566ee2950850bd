//! What kube-mgmt was told, and who does it now. Flags of 4.1.1, which MagTape had, and of later releases.

use super::{Findings, Object, flags};

/// The values that this program takes for granted, by flag.
const DEFAULTS: [(&str, &str); 7] = [
    ("--policy-label", "openpolicyagent.org/policy"),
    ("--policy-value", "rego"),
    ("--data-label", "openpolicyagent.org/data"),
    ("--data-value", "opa"),
    ("--replicate-path", "kubernetes"),
    ("--enable-policies", "true"),
    ("--enable-data", "true"),
];

pub(super) fn examine(object: &Object, arguments: &[&str], with_magtape: bool, findings: &mut Findings) {
    findings.ignored(object, "the container kube-mgmt goes: the webhook follows ConfigMaps by itself");
    let flags = flags(arguments);
    for (flag, value) in &flags {
        let said = format!("kube-mgmt {flag}={value}");
        match *flag {
            "--policies" | "--namespaces" => policies(object, &said, value, findings),
            "--replicate" | "--replicate-cluster" => findings.same(
                object,
                format!("{said}: the webhook takes it as {flag}; what policies read in Rego is followed without it"),
            ),
            "--require-policy-label" if *value != "false" => {
                findings.same(object, format!("{said}: only ConfigMaps with the label are policies"));
            }
            "--replicate-ignore-namespaces" => findings.changes(
                object,
                format!("{said}: is not known here, objects of all namespaces are followed"),
                "leave those namespaces out in the policies that read them",
            ),
            _ => other(object, flag, value, &said, findings),
        }
    }
    let labelled = flags.iter().any(|(flag, value)| *flag == "--require-policy-label" && *value != "false");
    let is_old = with_magtape || flags.iter().any(|(flag, _)| *flag == "--policies");
    if is_old && !labelled {
        findings.needs_action(
            object,
            "kube-mgmt takes every ConfigMap of its namespace for a policy, as it has no --require-policy-label",
            "label those that are: openpolicyagent.org/policy=rego",
        );
    }
}

fn policies(object: &Object, said: &str, value: &str, findings: &mut Findings) {
    let elsewhere: Vec<&str> =
        value.split(',').filter(|name| object.namespace() != "" && *name != object.namespace()).collect();
    if elsewhere.is_empty() {
        return findings
            .same(object, format!("{said}: policies are the ConfigMaps of the webhook's namespace"));
    }
    findings.needs_action(
        object,
        format!("{said}: policies are read in the webhook's namespace only, not in {}", elsewhere.join(", ")),
        "move them there, or let those namespaces bring policies of their own with --tenant-namespaces; those judge their \
         namespace only",
    );
}

fn other(object: &Object, flag: &str, value: &str, said: &str, findings: &mut Findings) {
    let default = DEFAULTS.iter().find(|(name, _)| *name == flag);
    match default {
        Some((_, default)) if value.is_empty() || value == *default => {
            findings.same(object, format!("{said}: is so here"));
        }
        Some((_, default)) => findings.needs_action(
            object,
            format!("{said}: cannot be changed here, it is {default}"),
            "relabel the ConfigMaps, or rewrite what policies read, before you switch",
        ),
        // It may be a token.
        None => findings.ignored(object, format!("kube-mgmt {flag}: means nothing here")),
    }
}
