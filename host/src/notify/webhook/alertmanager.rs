//! Alerts of Alertmanager (`POST /api/v2/alerts`): one for each policy that has something against the object.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    notify::{Notification, Told},
    verdict::Severity,
};

pub(super) fn alerts(notification: &Notification) -> Value {
    // Alerts with the same labels would be one.
    let mut by_policy = BTreeMap::<(&str, &str), Vec<&Told>>::new();
    for told in notification.violations.iter().filter(|told| told.exemption.is_none()) {
        by_policy.entry((&told.policy, &told.code)).or_default().push(told);
    }
    by_policy.values().map(|told| alert(notification, told)).collect()
}

/// The alert of what one policy says.
fn alert(notification: &Notification, told: &[&Told]) -> Value {
    let Notification { object, cluster, allowed, .. } = notification;
    let (policy, code) = told.first().map_or(("", ""), |told| (told.policy.as_str(), told.code.as_str()));
    let severity = told.iter().map(|told| told.severity).max().unwrap_or(Severity::Low);
    let texts: Vec<&str> = told.iter().map(|told| told.text.as_str()).collect();
    let (decision, done) =
        if *allowed { ("allowed", "allowed in spite of") } else { ("denied", "denied because of") };
    let place = if object.namespace.is_empty() { String::new() } else { format!("{}/", object.namespace) };
    json!({
        "labels": {
            "alertname": "MagTapeViolation",
            "cluster": cluster,
            "namespace": object.namespace,
            "kind": object.kind,
            "name": object.name,
            "policy": policy,
            "code": code,
            "severity": usual(severity),
            "decision": decision,
        },
        "annotations": {
            "summary": format!("{} {place}{} was {done} {policy}", object.kind, object.name),
            "description": texts.join("\n"),
            "user": notification.user,
        },
        "startsAt": notification.time.to_string(),
    })
}

/// The severities that routes of Alertmanager usually know.
fn usual(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "critical",
        Severity::Med => "warning",
        Severity::Low => "info",
    }
}
