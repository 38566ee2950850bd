//! ConfigMaps with policies and data: whether they are where the webhook looks. What is in them, `policies` says.

use super::{Install, Object, findings::Findings};

const POLICY: &str = "openpolicyagent.org/policy";
const DATA: &str = "openpolicyagent.org/data";

/// The rule that MagTape's OPA was asked for, and the one that OPA asks for if nobody says anything.
const ENTRYPOINTS: [&str; 2] = ["magtape-opa-entrypoint", "magtape-opa-default-main"];

/// Says which are read.
pub(super) fn examine(object: &Object, install: &Install, findings: &mut Findings) {
    if object.kind() != "ConfigMap" {
        return;
    }
    if ENTRYPOINTS.contains(&object.name()) {
        return findings.ignored(
            object,
            "is not needed: policies are asked one by one, and nobody gathers what they say",
        );
    }
    let Some(what) = content(object) else { return };
    if !install.is_home(object) {
        findings.needs_action(
            object,
            format!("has {what}, in a namespace that the webhook does not read"),
            "move it into the webhook's namespace; policies of a tenant's own may stay, with --tenant-namespaces",
        );
    }
    if object.label(DATA).is_some() && object.label(POLICY).is_none() {
        findings.changes(
            object,
            format!(
                "policies read it as data.{}.{}.<key>; the kube-mgmt of MagTape 2.4 read no data",
                object.namespace(),
                object.name()
            ),
            "remove the label if policies are not to read it",
        );
    }
}

/// Whether a policy is asked for what others say: what it is called in an install says that already.
pub(super) fn is_entrypoint(object: &Object) -> bool {
    object.kind() == "ConfigMap" && ENTRYPOINTS.contains(&object.name())
}

fn content(object: &Object) -> Option<&'static str> {
    match (object.label(POLICY), object.label(DATA)) {
        (Some(_), _) => Some("policies"),
        (None, Some("opa")) => Some("data"),
        _ => None,
    }
}
