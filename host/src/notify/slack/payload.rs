//! What is posted, field by field as MagTape 2.4 posted it.

use serde_json::{Value, json};

use super::Style;
use crate::notify::Notification;

/// The message. `customer_alert` says whether the namespace is told too.
pub(super) fn payload(notification: &Notification, style: &Style, customer_alert: bool) -> Value {
    let Notification { object, cluster, allowed, .. } = notification;
    let (color, pretext) = match allowed {
        false => ("danger", "MagTape | Policy Denial Detected"),
        true => ("warning", "MagTape | Policy Failures Detected"),
    };
    let fallback = format!(
        "MagTape detected failures for {} \"{}\" in namespace \"{}\" on cluster \"{cluster}\"",
        object.kind, object.name, object.namespace
    );
    json!({
        "username": style.user,
        "icon_emoji": style.icon,
        "attachments": [{
            "fallback": escaped(&fallback),
            "color": color,
            "pretext": pretext,
            "text": escaped(&notification.message.replace(',', "\n")),
            "fields": fields(notification, customer_alert),
        }],
    })
}

fn fields(notification: &Notification, customer_alert: bool) -> Vec<Value> {
    let Notification { object, cluster, level, user, repeats, .. } = notification;
    let workload = format!("{}/{}", object.kind.to_lowercase(), object.name);
    let customer_alert = if customer_alert { "True" } else { "False" };
    let mut fields = vec![
        field("Cluster", cluster, "true"),
        field("Namespace", &object.namespace, "true"),
        field("MagTape Deny Level", level.as_str(), "true"),
        field("Workload", &workload, "false"),
        field("User", user, "false"),
        field("Customer Alert", customer_alert, "true"),
    ];
    if *repeats > 0 {
        fields.push(field("Repeated", &repeats.to_string(), "true"));
    }
    fields
}

/// `short` is a text, not a boolean, as it has always been.
fn field(title: &str, value: &str, short: &str) -> Value {
    json!({"title": title, "value": escaped(value), "short": short})
}

/// As Slack asks for it. Without it, whoever names an object could call a whole channel, or show a link as another one.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::notification::tests::notification;

    #[test]
    fn a_repeated_notification_says_so_and_control_characters_of_slack_are_text() {
        let mut notification = notification("web");
        (notification.repeats, notification.allowed) = (3, true);
        notification.user = "<!channel> & co".to_owned();
        let payload = payload(&notification, &Style::default(), false);
        let fields = &payload["attachments"][0]["fields"];
        assert_eq!(fields[6], json!({"title": "Repeated", "value": "3", "short": "true"}));
        assert_eq!(fields[4]["value"], "&lt;!channel&gt; &amp; co");
        assert_eq!(payload["attachments"][0]["color"], "warning");
    }
}
