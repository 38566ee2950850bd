//! Webhook configurations, those of a cluster and the template of MagTape's init container.

mod rules;

use serde_json::Value;

use super::{
    Object,
    findings::Findings,
    object::{items, texts},
};
use crate::yaml;

/// MagTape's template: a ConfigMap and its key.
const TEMPLATE: (&str, &str) = ("magtape-vwc-template", "magtape-vwc");

/// Above this the API server keeps its users waiting; MagTape had said nothing, which is 10.
const MAX_SECONDS: u64 = 5;

/// Says what is missing, and what means something else now.
pub(super) fn examine(object: &Object, findings: &mut Findings) {
    if object.kind() == "ValidatingWebhookConfiguration" {
        return configuration(object, &object.value, findings);
    }
    if object.kind() != "ConfigMap" || object.name() != TEMPLATE.0 {
        return;
    }
    let text = object.strings("/data").find(|(key, _)| *key == TEMPLATE.1).map(|(_, text)| text);
    match text.map(yaml::parse) {
        Some(Ok(value)) => {
            findings.same(
                object,
                "is the template of the webhook configuration; --webhook-template reads it as it is",
            );
            configuration(object, &value, findings);
        }
        Some(Err(error)) => {
            findings.needs_action(object, format!("{}: {error}", TEMPLATE.1), "mend the template");
        }
        None => findings.needs_action(
            object,
            format!("has no key {}", TEMPLATE.1),
            "put the webhook configuration there, or write one of your own for --webhook-template",
        ),
    }
}

fn configuration(object: &Object, value: &Value, findings: &mut Findings) {
    let is_gatekeepers = value
        .pointer("/metadata/name")
        .and_then(Value::as_str)
        .is_some_and(|name| name.starts_with("gatekeeper-"));
    for webhook in items(value, "/webhooks") {
        let name = webhook.get("name").and_then(Value::as_str).unwrap_or_default();
        if is_gatekeepers {
            gatekeeper(object, name, webhook, findings);
        } else {
            rules::examine(object, name, webhook, findings);
            consequences(object, name, webhook, findings);
            address(object, name, webhook, findings);
        }
    }
}

/// What the API server does with an answer, or without one.
fn consequences(object: &Object, name: &str, webhook: &Value, findings: &mut Findings) {
    let text = |field: &str| webhook.get(field).and_then(Value::as_str);
    let closed = text("failurePolicy").is_none_or(|policy| policy == "Fail");
    match closed {
        true => findings.same(object, format!("{name}: failurePolicy Fail, no webhook means no change")),
        false => {
            findings.same(object, format!("{name}: failurePolicy Ignore, no webhook means no judgement"))
        }
    }
    if closed && selects_all(webhook) {
        findings.needs_action(
            object,
            format!("{name}: has no namespaceSelector, so without the webhook even its own Pods are refused"),
            "leave out kube-system and the webhook's own namespace",
        );
    }
    if text("sideEffects") == Some("None") {
        findings.changes(
            object,
            format!("{name}: sideEffects None; alerts are side effects, and dry runs have none here"),
            "say NoneOnDryRun",
        );
    }
    match webhook.get("timeoutSeconds").and_then(Value::as_u64) {
        Some(seconds) if seconds <= MAX_SECONDS => {
            findings
                .same(object, format!("{name}: timeoutSeconds {seconds}; policies get four fifths of it"));
        }
        seconds => findings.changes(
            object,
            format!(
                "{name}: the API server waits for {} seconds, policies get 8 at most",
                seconds.unwrap_or(10)
            ),
            format!("say timeoutSeconds: {MAX_SECONDS}; policies get four fifths of it"),
        ),
    }
}

fn selects_all(webhook: &Value) -> bool {
    let selector = webhook.get("namespaceSelector");
    let is_empty = |field: &str| match selector.and_then(|selector| selector.get(field)) {
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(labels)) => labels.is_empty(),
        _ => true,
    };
    is_empty("matchLabels") && is_empty("matchExpressions")
}

/// Where the API server asks, and in which words.
fn address(object: &Object, name: &str, webhook: &Value, findings: &mut Findings) {
    let path = webhook.pointer("/clientConfig/service/path").and_then(Value::as_str).unwrap_or("/");
    if path != "/" {
        findings.needs_action(
            object,
            format!("{name}: asks at the path {path}, and reviews are taken at / only"),
            "say path: /",
        );
    }
    let versions = texts(webhook, "/admissionReviewVersions");
    if !versions.is_empty() && !versions.contains(&"v1") {
        findings.needs_action(
            object,
            format!("{name}: asks in {} only, and reviews are answered in v1", versions.join(", ")),
            "add v1 to admissionReviewVersions",
        );
    }
}

fn gatekeeper(object: &Object, name: &str, webhook: &Value, findings: &mut Findings) {
    let text = |field: &str| webhook.get(field).and_then(Value::as_str).unwrap_or("Fail");
    findings.changes(
        object,
        format!("{name}: is Gatekeeper's own, with failurePolicy {}", text("failurePolicy")),
        "register this program's webhook with a configuration of its own, and remove this one last",
    );
    let expressions = items(webhook, "/namespaceSelector/matchExpressions");
    let ignores = |expression: &&Value| {
        expression.get("key").and_then(Value::as_str) == Some("admission.gatekeeper.sh/ignore")
    };
    if expressions.filter(ignores).count() > 0 && name.starts_with("validation.") {
        findings.needs_action(
            object,
            format!("{name}: namespaces with the label admission.gatekeeper.sh/ignore are not judged"),
            "repeat the expression in the namespaceSelector of the new configuration; nothing here keeps others from \
             setting the label",
        );
    }
}
