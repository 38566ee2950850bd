//! What OPA was told, and what of it is lost: this program asks policies itself, and has no REST API.

use super::{Findings, Object, flags};

/// What configures something that is not here, with what to do instead.
const LOST: [(&str, &str, &str); 4] = [
    (
        "bundles",
        "nothing asks a bundle server here",
        "bring the bundle as a ConfigMap or as a file: docs/policies.md says how",
    ),
    (
        "services",
        "nothing asks a service for bundles or discovery here",
        "bring the policies as ConfigMaps or as files: docs/policies.md says how",
    ),
    (
        "decision_logs",
        "there is no decision log",
        "read the webhook's log: it has a line for each review and one for each failed policy",
    ),
    (
        "authorization",
        "there is no REST API to guard",
        "take reviews from API servers only, with --client-ca, if that was what it was for",
    ),
];

pub(super) fn examine(object: &Object, arguments: &[&str], findings: &mut Findings) {
    findings
        .ignored(object, "the container opa goes: policies run in the webhook, each in a sandbox of its own");
    for (flag, value) in flags(arguments) {
        let said = format!("opa {flag}={}", shown(value));
        match flag {
            "--set" | "--set-file" => setting(object, &said, value, findings),
            "-c" | "--config-file" => findings.changes(
                object,
                format!("{said}: OPA's configuration is not read"),
                "look in it for bundles, services and decision_logs, which are not here",
            ),
            "-b" | "--bundle" => lost(object, &format!("opa {flag}"), "bundles", findings),
            "--authorization" if value != "off" => lost(object, &said, "authorization", findings),
            _ => {}
        }
    }
    let files: Vec<&str> = arguments.iter().copied().filter(|path| path.ends_with(".rego")).collect();
    if !files.is_empty() {
        findings.changes(
            object,
            format!("opa reads {} from its image or a volume", files.join(", ")),
            "unless it is about OPA's own REST API, make a ConfigMap of it, or mount it and name it with --policies",
        );
    }
}

fn setting(object: &Object, said: &str, value: &str, findings: &mut Findings) {
    let (key, value) = value.split_once('=').unwrap_or((value, ""));
    let section = key.split(['.', '[']).next().unwrap_or_default();
    if key == "default_decision" {
        let note = "rules that deny are asked one by one, and a main rule that answers the review itself is a policy too";
        return findings.changes(
            object,
            format!("{said}: there is no default decision; {note}"),
            format!("if {value} decides more than what deny rules say, state its dialect: docs/policies.md"),
        );
    }
    lost(object, said, section, findings);
}

fn lost(object: &Object, said: &str, section: &str, findings: &mut Findings) {
    match LOST.iter().find(|(name, _, _)| *name == section) {
        Some((_, what, action)) => findings.needs_action(object, format!("{said}: {what}"), *action),
        None => findings.ignored(object, format!("{said}: means nothing here")),
    }
}

/// What configures services may have their credentials: only its name is shown.
fn shown(value: &str) -> &str {
    if value.starts_with("services") { value.split('=').next().unwrap_or_default() } else { value }
}
