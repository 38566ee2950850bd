//! Receivers that are named in a file.

use std::{collections::BTreeSet, fs, path::Path};

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    receiver::{Receiver, Sent},
    stage::{self, DENIED, WARNED, alone, clean, denied, review, warned},
};
use crate::serve::webhook::{self, Webhook};

/// What all routes of the file lead to.
fn file(receiver: &Receiver) -> String {
    let (host, ca) = (receiver.host(), receiver.ca());
    let path = |name: &str, text: &str| receiver.file(name, text).display().to_string();
    let (url, token) = (path("url", &format!("https://{host}/events?s3cret\n")), path("token", "t0ken\n"));
    let (key, ca) = (path("key", "k3y\n"), ca.display());
    format!(
        "receivers:
  - {{name: audit, urlFile: {url}, bearerTokenFile: {token}, signingKeyFile: {key}, caFile: {ca}, networks: [127.0.0.0/8]}}
  - {{name: team, format: teams, url: 'https://{host}/teams', caFile: {ca}, networks: [127.0.0.1]}}
  - {{name: alerts, format: alertmanager, url: 'https://{host}/api/v2/alerts', caFile: {ca}, networks: [127.0.0.1]}}
routes:
  - receivers: [audit]
  - {{receivers: [team, alerts], namespaces: ['shop-*'], severities: [HIGH], outcomes: [denied]}}
  - {{receivers: [alerts], namespaces: [mill], codes: ['MT1*']}}
"
    )
}

async fn start(path: &Path) -> Webhook {
    Webhook::start_with(&[], |command| {
        alone(command);
        command.env("MAGTAPE_NOTIFICATIONS", path).env("MAGTAPE_LOG_LEVEL", "DEBUG");
    })
    .await
}

fn at<'s>(sent: &'s [Sent], path: &str) -> Vec<&'s Sent> {
    sent.iter().filter(|sent| sent.path == path).collect()
}

fn violation(policy: &str, code: &str, severity: &str, field: &str, message: &str) -> Value {
    json!({"policy": policy, "code": code, "severity": severity, "enforcement": "deny", "failed": false,
        "exemption": null, "field": format!("spec.template.spec.containers[0].{field}"), "message": message})
}

/// What the schema asks for is there, and nothing that it does not know.
fn fits(schema: &Value, value: &Value) {
    match value {
        Value::Object(fields) => {
            let required: BTreeSet<&str> =
                schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
            assert_eq!(fields.keys().map(String::as_str).collect::<BTreeSet<_>>(), required);
            fields.iter().for_each(|(name, value)| fits(&schema["properties"][name], value));
        }
        Value::Array(items) => items.iter().for_each(|item| fits(&schema["items"], item)),
        scalar => {
            if let Some(known) = schema.get("enum") {
                assert!(known.as_array().unwrap().contains(scalar), "{scalar} is none of {known}");
            }
            let kind = match scalar {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "integer",
                _ => "string",
            };
            assert!(schema.get("type").is_none_or(|of| of.to_string().contains(kind)), "{scalar}: {schema}");
        }
    }
}

/// Without the time, which is there and of the form that it has to be.
fn timeless(value: &Value, name: &str) -> Value {
    let mut value = value.clone();
    let time = value[name].take();
    assert!(time.as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{time}");
    value
}

/// What the documents say of the data.
fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/decision.schema.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn golden_event() -> Value {
    let liveness = violation("policy-liveness-probe", "MT1001", "LOW", "livenessProbe", WARNED);
    let privileged = DENIED.split(", ").next().unwrap();
    let privileged =
        violation("policy-privileged-pod", "MT2001", "HIGH", "securityContext.privileged", privileged);
    json!({"specversion": "1.0", "id": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "source": "/clusters/test-cluster/magtape", "type": "io.magtape.decision.denied",
        "subject": "shop-a/Deployment/web", "time": null, "datacontenttype": "application/json", "data": {
            "cluster": "test-cluster", "decision": "denied", "outcomes": ["denied"], "denyLevel": "LOW",
            "severity": "HIGH", "operation": "CREATE", "user": "jane@example.com",
            "object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop-a", "name": "web", "uid": null},
            "message": DENIED, "violations": [privileged, liveness], "omitted": 0, "repeats": 0}})
}

fn golden_alert() -> Value {
    json!({"labels": {"alertname": "MagTapeViolation", "cluster": "test-cluster",
            "namespace": "shop-a", "kind": "Deployment", "name": "web", "policy": "policy-privileged-pod", "code": "MT2001",
            "severity": "critical", "decision": "denied"},
        "annotations": {"summary": "Deployment shop-a/web was denied because of policy-privileged-pod",
            "description": DENIED.split(", ").next().unwrap(), "user": "jane@example.com"}, "startsAt": null})
}

#[tokio::test]
async fn each_receiver_is_told_what_its_routes_say_in_its_own_form() {
    let receiver = Receiver::start().await;
    let mut webhook = start(&receiver.file("notifications.yaml", &file(&receiver))).await;
    for object in
        [denied("shop-a", "web"), warned("shop-a", "mild"), clean("shop-a", "clean"), warned("mill", "mild")]
    {
        webhook.judge(&review(&object)).await;
    }
    stage::end(&mut webhook).await;
    let sent = receiver.sent();
    let [events, teams, alerts] = ["/events?s3cret", "/teams", "/api/v2/alerts"].map(|path| at(&sent, path));
    assert_eq!([events.len(), teams.len(), alerts.len(), sent.len()], [3, 1, 2, 6], "{sent:#?}");

    let of = |name: &str, namespace: &str| {
        let is = |sent: &&&Sent| sent.body["subject"] == format!("{namespace}/Deployment/{name}");
        *events.iter().find(is).unwrap()
    };
    let event = of("web", "shop-a");
    assert_eq!(timeless(&event.body, "time"), golden_event());
    let schema = schema();
    events.iter().for_each(|event| fits(&schema, &event.body["data"]));
    assert_eq!(of("mild", "mill").body["type"], "io.magtape.decision.allowed");

    let header = |name: &str| event.headers[name].to_str().unwrap();
    assert_eq!(header("content-type"), "application/cloudevents+json; charset=UTF-8");
    assert_eq!(header("authorization"), "Bearer t0ken");
    let mac =
        Hmac::<Sha256>::new_from_slice(b"k3y").unwrap().chain_update(&event.raw).finalize().into_bytes();
    let digits: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(header("x-magtape-signature"), format!("sha256={digits}"));

    assert!(
        teams[0].headers.get("authorization").is_none()
            && teams[0].headers.get("x-magtape-signature").is_none()
    );
    let card = &teams[0].body["attachments"][0];
    assert_eq!(card["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(card["content"]["body"][0]["text"], "MagTape | Policy Denial Detected");
    assert_eq!(
        card["content"]["body"][6]["inlines"][0],
        json!({"type": "TextRun", "text": DENIED, "weight": "default"})
    );

    let alert = |sent: &Sent, name: &str| {
        sent.body.as_array().unwrap().iter().find(|alert| alert["labels"]["policy"] == name).cloned()
    };
    let of_shop = alerts.iter().find(|sent| sent.body[0]["labels"]["namespace"] == "shop-a").unwrap();
    assert_eq!(timeless(&alert(of_shop, "policy-privileged-pod").unwrap(), "startsAt"), golden_alert());
    assert_eq!(alert(of_shop, "policy-liveness-probe").unwrap()["labels"]["severity"], "info");
    for secret in ["s3cret", "t0ken", "k3y", "/teams"] {
        assert_eq!(webhook.lines_that_have(secret), 0, "{secret} is in the log");
    }
}

#[test]
fn what_is_wrong_in_the_file_is_named_and_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notifications.yaml");
    let good = "receivers: [{name: a, url: 'https://example.com/s3cret'}]\nroutes: [{receivers: [a]}]\n";
    let swapped = |from: &str, to: &str| good.replace(from, to);
    for (text, expected) in [
        ("receivers: [".to_owned(), "is not YAML"),
        ("[]".to_owned(), "it has to have receivers and routes"),
        (swapped("routes", "paths"), "unknown section \"paths\""),
        (
            swapped("[{name: a, url: 'https://example.com/s3cret'}]", "[]"),
            "receivers: has to be a list of 1 to 16",
        ),
        (swapped("[{receivers: [a]}]", "[]"), "routes: has to be a list of 1 to 100"),
        (swapped("name: a", "name: slack"), "receivers[0].name: has to be lower case"),
        (swapped("name: a, ", ""), "receivers[0]: missing field `name`"),
        (swapped("name: a", "nam: a"), "receivers[0]: unknown field `nam`"),
        (swapped("https:", "http:"), "receivers[0].url or urlFile: it does not begin with https://"),
        (swapped("url: 'https://example.com/s3cret'", "format: teams"), "one of the two has to be there"),
        (swapped("name: a", "name: a, format: chat"), "receivers[0].format: has to be cloudevents"),
        (swapped("name: a", "name: a, networks: [x]"), "receivers[0].networks: unknown network"),
        (
            swapped("name: a", "name: a, networks: 'https://s3cret'"),
            "receivers[0]: something has another type",
        ),
        (
            swapped("name: a", "name: a, bearerTokenFile: /nowhere/token"),
            "the file of the token: No such file",
        ),
        (swapped("name: a", "name: a, caFile: /nowhere/ca"), "/nowhere/ca: no CA could be read"),
        (swapped("[{receivers: [a]}]", "[{receivers: [b]}]"), "no route leads to it"),
        (swapped("[{receivers: [a]}]", "[{receivers: [a, b]}]"), "routes[0]: there is no receiver \"b\""),
        (
            swapped("receivers: [a]", "receivers: [a], severities: [GRAVE]"),
            "routes[0].severities: has \"GRAVE\"",
        ),
        (swapped("receivers: [a]", "receivers: [a], outcomes: [lost]"), "routes[0].outcomes: has \"lost\""),
        (
            swapped("receivers: [a]", "receivers: [a], namespaces: ['a b']"),
            "routes[0].namespaces: has \"a b\"",
        ),
    ] {
        fs::write(&path, &text).unwrap();
        let mut command = webhook::command(&["--self-signed", "--cluster-name", "c", "--notifications"]);
        let output = command.arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{text}: {said}");
        assert!(said.replace("\\\"", "\"").contains(expected) && !said.contains("s3cret"), "{text}: {said}");
    }
    let mut command =
        webhook::command(&["--self-signed", "--cluster-name", "c", "--notifications", "/nowhere/file"]);
    let output = command.output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/file"));
}
