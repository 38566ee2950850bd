//! Variables of MagTape's containers: those of their ConfigMap and those of the Deployment itself. Values are not shown,
//! but for the deny level: one of them is an address that nobody may know.

use serde_json::Value;

use super::{Install, Object, Settings, findings::Findings, object::items, workloads};

/// The ConfigMap that MagTape's containers take their variables from.
const CONFIG_MAP: &str = "magtape-env";
const LEVEL: &str = "MAGTAPE_DENY_LEVEL";

/// Variables that MagTape 2.4 knew or had known, and why they mean nothing here.
const OBSOLETE: [(&str, &str); 7] = [
    ("OPA_BASE_URL", "policies run in the process"),
    ("OPA_K8S_PATH", "policies run in the process"),
    ("FLASK_ENV", "it was for Python"),
    ("PYTHONUNBUFFERED", "it was for Python"),
    ("MAGTAPE_SLACK_CHANNEL", "MagTape 2.4 did not read it either"),
    ("MAGTAPE_SLACK_ANNOTATION", "MagTape 2.4 did not read it either"),
    ("magtape_tls_secret_name", "MAGTAPE_TLS_SECRET names the Secret"),
];

/// The deny level of the install, if it says one.
pub(super) fn deny_level(install: &Install) -> Option<&str> {
    let all = install.objects.iter().flat_map(variables);
    all.filter(|(name, _)| *name == LEVEL).find_map(|(_, value)| value)
}

/// Says of each variable whether it counts.
pub(super) fn examine(object: &Object, settings: &Settings<'_>, findings: &mut Findings) {
    for (name, value) in variables(object) {
        variable(object, name, value, settings, findings);
    }
}

fn variable(
    object: &Object,
    name: &str,
    value: Option<&str>,
    settings: &Settings<'_>,
    findings: &mut Findings,
) {
    if settings.honoured.contains(name) {
        return honoured(object, name, value, settings, findings);
    }
    if let Some((_, why)) = OBSOLETE.iter().find(|(obsolete, _)| *obsolete == name) {
        return findings.ignored(object, format!("{name} is ignored: {why}"));
    }
    findings.ignored(object, format!("{name} is unknown: neither MagTape 2.4 nor this program reads it"));
}

fn honoured(
    object: &Object,
    name: &str,
    value: Option<&str>,
    settings: &Settings<'_>,
    findings: &mut Findings,
) {
    match value {
        Some(value) if !(settings.accepts)(name, value) => findings.needs_action(
            object,
            format!("{name} is honoured, but has a value that this program does not start with"),
            "docs/configuration.md says which values there are",
        ),
        Some(level) if name == LEVEL => findings.same(object, format!("{name}={level} is honoured")),
        _ => findings.same(object, format!("{name} is honoured")),
    }
}

/// The variables that an object gives MagTape's containers; those that are filled in elsewhere have no value here.
fn variables(object: &Object) -> Vec<(&str, Option<&str>)> {
    // Kustomize may have put a hash behind the name.
    let is_named =
        object.name().strip_prefix(CONFIG_MAP).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    if object.kind() == "ConfigMap" && is_named {
        return object.strings("/data").map(|(name, value)| (name, Some(value))).collect();
    }
    let mut variables: Vec<_> = workloads::magtape(object)
        .flat_map(|container| items(container, "/env"))
        .filter_map(|variable| {
            Some((variable.get("name")?.as_str()?, variable.get("value").and_then(Value::as_str)))
        })
        .collect();
    // The init container has those of the webhook once more.
    variables.sort_unstable();
    variables.dedup_by_key(|(name, _)| *name);
    variables
}
