//! CloudEvents 1.0 in the structured mode of its JSON format. `docs/decision.schema.json` describes the data.

use serde_json::{Value, json};

use super::route::Outcome;
use crate::notify::{Notification, Told};

pub(super) fn event(notification: &Notification) -> Value {
    let decision = decision(notification);
    json!({
        "specversion": "1.0",
        "id": notification.uid,
        "source": format!("/clusters/{}/magtape", encoded(&notification.cluster)),
        "type": format!("io.magtape.decision.{decision}"),
        "subject": subject(notification),
        "time": notification.time.to_string(),
        "datacontenttype": "application/json",
        "data": data(notification),
    })
}

fn decision(notification: &Notification) -> &'static str {
    if notification.allowed { "allowed" } else { "denied" }
}

/// What it is about, for whoever sorts events: `namespace/kind/name`.
fn subject(notification: &Notification) -> String {
    let object = &notification.object;
    let parts = [&object.namespace, &object.kind, &object.name];
    let parts: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join("/")
}

fn data(notification: &Notification) -> Value {
    let Notification { cluster, operation, object, user, level, severity, message, omitted, repeats, .. } =
        notification;
    let outcomes: Vec<&str> = Outcome::of(notification).map(Outcome::as_str).collect();
    let violations: Vec<Value> = notification.violations.iter().map(violation).collect();
    json!({
        "cluster": cluster,
        "decision": decision(notification),
        "outcomes": outcomes,
        "denyLevel": level.as_str(),
        "severity": severity.as_str(),
        "operation": operation,
        "user": user,
        "object": {
            "apiVersion": object.api_version,
            "kind": object.kind,
            "namespace": object.namespace,
            "name": object.name,
            "uid": object.uid,
        },
        "message": message,
        "violations": violations,
        "omitted": omitted,
        "repeats": repeats,
    })
}

fn violation(told: &Told) -> Value {
    json!({
        "policy": told.policy,
        "code": told.code,
        "severity": told.severity.as_str(),
        "enforcement": told.enforcement.as_str(),
        "failed": told.failed,
        "exemption": told.exemption,
        "field": told.field,
        "message": told.text,
    })
}

/// As a segment of a URI's path (RFC 3986).
fn encoded(text: &str) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let encode =
        |byte: u8| if is_plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encode).collect()
}
