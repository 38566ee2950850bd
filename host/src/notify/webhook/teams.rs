//! A message for a workflow of Microsoft Teams: an Adaptive Card.
//!
//! All that comes from a request is in runs of text, which have no markup: nobody can put a link into a card.

use serde_json::{Value, json};

use crate::notify::Notification;

/// Teams takes 28 KB of a message, in which each character may be escaped.
const MAX_TEXT_BYTES: usize = 8 * 1024;

pub(super) fn message(notification: &Notification) -> Value {
    let Notification { object, cluster, level, user, repeats, .. } = notification;
    let (color, title) = match notification.allowed {
        false => ("attention", "MagTape | Policy Denial Detected"),
        true => ("warning", "MagTape | Policy Failures Detected"),
    };
    let mut body = vec![
        json!({"type": "TextBlock", "text": title, "weight": "bolder", "size": "medium", "color": color, "wrap": true}),
        fact("Cluster", cluster),
        fact("Namespace", &object.namespace),
        fact("Workload", &format!("{}/{}", object.kind.to_lowercase(), object.name)),
        fact("User", user),
        fact("Deny level", level.as_str()),
    ];
    if *repeats > 0 {
        body.push(fact("Repeated", &repeats.to_string()));
    }
    body.push(runs(&[run(&notification.within(MAX_TEXT_BYTES), "default")]));
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": {"width": "Full"},
                "body": body,
            },
        }],
    })
}

fn fact(title: &str, value: &str) -> Value {
    runs(&[run(&format!("{title}: "), "bolder"), run(value, "default")])
}

fn runs(inlines: &[Value]) -> Value {
    json!({"type": "RichTextBlock", "spacing": "small", "inlines": inlines})
}

fn run(text: &str, weight: &str) -> Value {
    json!({"type": "TextRun", "text": text, "weight": weight})
}
