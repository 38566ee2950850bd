//! Traces of a running webhook, as a collector gets them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, routing::post};
use magtape_testing::poll;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value},
    trace::v1::Span,
};
use prost::Message;
use tokio::net::TcpListener;

use crate::serve::{pod, review, webhook::Webhook};

type Received = Arc<Mutex<Vec<Span>>>;

/// Takes traces, as a collector does, and keeps them.
async fn collector() -> (String, Received) {
    let received = Received::default();
    let take = async |State(received): State<Received>, body: Bytes| {
        let request = ExportTraceServiceRequest::decode(body).unwrap();
        let scopes = request.resource_spans.into_iter().flat_map(|spans| spans.scope_spans);
        received.lock().unwrap().extend(scopes.flat_map(|scope| scope.spans));
    };
    let router = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&received));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await });
    (address, received)
}

fn text(attributes: &[KeyValue], key: &str) -> String {
    let value =
        attributes.iter().find(|attribute| attribute.key == key).and_then(|found| found.value.clone());
    match value {
        Some(AnyValue { value: Some(any_value::Value::StringValue(text)) }) => text,
        value => format!("{value:?}"),
    }
}

fn hexadecimal(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_request_is_a_span_of_its_callers_trace() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let (address, received) = collector().await;
    let mut webhook = Webhook::start(&["--otlp-endpoint", &address]).await;
    for (span, flags) in [("00f067aa0ba902b7", "01"), ("00f067aa0ba902b8", "00")] {
        let header = format!("00-{TRACE}-{span}-{flags}");
        let asked = webhook.client.post(webhook.url("/")).header("traceparent", header);
        assert_eq!(asked.json(&review(pod(true))).send().await.unwrap().status(), 200);
    }
    // What is left is sent at the end.
    webhook.terminate();
    assert_eq!(webhook.ended(Duration::from_secs(30)).await, Some(0));
    let spans = async || Ok(Some(received.lock().unwrap().clone()).filter(|spans| !spans.is_empty()));
    let spans = poll::until("the span", Duration::from_secs(10), spans).await.unwrap();
    let [span] = &spans[..] else { panic!("the caller asked for one of two: {spans:?}") };
    assert_eq!(hexadecimal(&span.trace_id), TRACE);
    assert_eq!(hexadecimal(&span.parent_span_id), "00f067aa0ba902b7");
    for (key, expected) in [
        ("admission.uid", "705ab4f5-6393-11e8-b7cc-42010a800002"),
        ("admission.operation", "CREATE"),
        ("admission.deny_level", "LOW"),
        ("k8s.namespace.name", "demo"),
        ("k8s.object.kind", "Pod"),
        ("k8s.object.api_version", "v1"),
    ] {
        assert_eq!(text(&span.attributes, key), expected, "{key}");
    }
    assert!(span.end_time_unix_nano > span.start_time_unix_nano);
    let privileged = span.events.iter().find(|event| text(&event.attributes, "policy.code") == "MT2001");
    assert_eq!(text(&privileged.unwrap().attributes, "policy.outcome"), "violated");
}
