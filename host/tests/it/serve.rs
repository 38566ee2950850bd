//! `magtape serve` over real TLS connections.

mod busy;
mod connections;
pub mod webhook;

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use webhook::Webhook;

pub fn review(object: Value) -> Value {
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "operation": "CREATE", "namespace": "demo",
        "kind": {"group": "", "version": "v1", "kind": object["kind"]}, "object": object}})
}

pub fn pod(privileged: bool) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "web", "namespace": "demo", "ownerReferences": []},
        "spec": {"containers": [{"name": "app", "livenessProbe": {}, "readinessProbe": {},
            "resources": {"limits": {"cpu": 1, "memory": 1}, "requests": {"cpu": 1, "memory": 1}},
            "securityContext": {"privileged": privileged}}]}})
}

#[tokio::test]
async fn a_review_gets_a_review() {
    let webhook = Webhook::start(&[]).await;
    let denied = webhook.judge(&review(pod(true))).await;
    let text = "[FAIL] HIGH - Found privileged Security Context for container \"app\" (MT2001)";
    assert_eq!(
        denied,
        json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "allowed": false, "warnings": [text],
            "auditAnnotations": {"violated": "MT2001", "deny-level": "LOW"},
            "status": {"message": text, "reason": "Forbidden", "code": 403}}})
    );
    let allowed = webhook.judge(&review(pod(false))).await;
    assert_eq!(allowed["response"], json!({"uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "allowed": true}));
}

#[tokio::test]
async fn whatever_can_be_read_is_answered() {
    let webhook = Webhook::start(&[]).await;
    for request in [
        json!({"uid": "u", "operation": "CREATE", "kind": {"kind": "Pod"}}),
        json!({"uid": "u", "object": null, "operation": "CREATE", "kind": {"kind": "Pod"}}),
        json!({"uid": "u", "operation": "DELETE", "object": null, "oldObject": pod(false), "kind": {"kind": "Pod"}}),
        json!({"uid": "u", "operation": "CONNECT", "kind": {"kind": "PodExecOptions"}, "object": {"kind": "x"}}),
        json!({"uid": "u", "operation": "CREATE", "kind": {"kind": "Namespace"}, "object": {"kind": "Namespace", "metadata": {}}}),
        json!({"uid": "u", "operation": "CREATE", "kind": {"kind": "Deployment"}, "object": {"spec": "odd", "metadata": [1]}}),
    ] {
        let answer = webhook.judge(&json!({ "request": request })).await;
        assert_eq!(answer["response"], json!({"uid": "u", "allowed": true}), "{request}");
    }
    let mut beta = review(pod(false));
    beta["apiVersion"] = "admission.k8s.io/v1beta1".into();
    assert_eq!(webhook.judge(&beta).await["apiVersion"], "admission.k8s.io/v1");
}

#[tokio::test]
async fn what_is_no_review_is_refused_and_nothing_else_happens() {
    let webhook = Webhook::start(&[]).await;
    let large = format!("{{\"x\": \"{}\"}}", "x".repeat(8 * 1024 * 1024));
    for (body, content_type, expected) in [
        ("{", "application/json", StatusCode::BAD_REQUEST),
        ("{}", "application/json", StatusCode::BAD_REQUEST),
        (r#"{"request":{"uid":"u"}}"#, "application/json", StatusCode::BAD_REQUEST),
        ("{}", "text/plain", StatusCode::BAD_REQUEST),
        (large.as_str(), "application/json", StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let request = webhook.client.post(webhook.url("/")).header("content-type", content_type);
        let answer = request.body(body.to_owned()).send().await.unwrap();
        assert_eq!(answer.status(), expected, "{}", &body[..body.len().min(20)]);
        assert!(!answer.text().await.unwrap().is_empty());
    }
    let status = |path: &str| webhook.client.get(webhook.url(path)).send();
    assert_eq!(status("/").await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(status("/nothing").await.unwrap().status(), StatusCode::NOT_FOUND);
    assert_eq!(webhook.judge(&review(pod(false))).await["response"]["allowed"], true);
}

#[tokio::test]
async fn the_probes_say_what_the_original_said() {
    let webhook = Webhook::start(&[]).await;
    let health: Value =
        webhook.client.get(webhook.url("/healthz")).send().await.unwrap().json().await.unwrap();
    assert_eq!((&health["health"], &health["pod_name"]), (&json!("ok"), &json!("test-pod")));
    assert!(health["date_time"].as_str().unwrap().len() >= 19, "{health}");
    let ready: Value = webhook.client.get(webhook.url("/readyz")).send().await.unwrap().json().await.unwrap();
    assert_eq!(ready, json!({"ready": true, "policies": 12, "degraded": []}));
}

#[tokio::test]
async fn a_signal_drains_and_ends_it_well() {
    let mut webhook = Webhook::start(&[]).await;
    webhook.terminate();
    webhook.until_ready_answers(StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(webhook.judge(&review(pod(false))).await["response"]["allowed"], true, "still judging");
    assert_eq!(webhook.ended(Duration::from_secs(20)).await, Some(0));
}

#[tokio::test]
async fn a_peer_that_talks_nonsense_disturbs_nobody() {
    let webhook = Webhook::start(&[]).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        let mut stream = tokio::net::TcpStream::connect(webhook.address()).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        silent.push(stream);
        silent.push(tokio::net::TcpStream::connect(webhook.address()).await.unwrap());
    }
    assert_eq!(webhook.judge(&review(pod(false))).await["response"]["allowed"], true);
    let mut answer = Vec::new();
    // Nonsense is cut off; that it is cut off is all that matters.
    let _ = silent[0].read_to_end(&mut answer).await;
}

#[test]
fn what_is_wrong_at_start_is_named_and_ends_with_2() {
    let missing = ["--tls-cert", "/nowhere/cert.pem", "--tls-key", "/nowhere/key.pem"];
    for (arguments, level, expected) in [
        (&missing[..], "LOW", "/nowhere/cert.pem: no certificate could be read"),
        (&["--self-signed"][..], "MEDIUM", "unknown deny level \"MEDIUM\""),
        (&[][..], "LOW", "--tls-cert"),
        (&["--self-signed", "--policies", "/nowhere"][..], "LOW", "/nowhere: cannot be opened"),
        (&["--self-signed", "--listen", "192.0.2.1:1"][..], "LOW", "cannot listen on 192.0.2.1:1"),
    ] {
        let output = webhook::command(arguments).env("MAGTAPE_DENY_LEVEL", level).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
}
