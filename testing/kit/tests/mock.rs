//! The mock answers as it was told, and breaks off where it was told.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise; clippy.toml says so for test functions, and this for what they call"
)]

use std::time::{Duration, Instant};

use magtape_testing::mock::{Answer, Mock};
use serde_json::{Value, json};

const PODS: &str = "/api/v1/pods";

/// Until an answer that is not to end has ended; it takes no time.
const ENDED: Duration = Duration::from_secs(10);

async fn get(mock: &Mock, path: &str) -> reqwest::Response {
    // Another test may have installed it first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::get(format!("{}{path}", mock.url())).await.unwrap()
}

#[tokio::test]
async fn answers_come_in_turn_and_the_last_one_again_and_again() {
    let mock = Mock::start().await.unwrap();
    mock.answers("GET", PODS, [Answer::refusal(500, "not now"), Answer::list(&[json!({"a": 1})], None)]);
    mock.answers("GET", "/api/v1/pods?labelSelector=app%3Dweb", [Answer::text(200, "{no JSON")]);
    let refused = get(&mock, PODS).await;
    assert_eq!(refused.status(), 500);
    assert_eq!(refused.json::<Value>().await.unwrap()["message"], "not now");
    for _ in 0..2 {
        let list: Value = get(&mock, "/api/v1/pods?limit=5").await.json().await.unwrap();
        assert_eq!(list["items"], json!([{"a": 1}]));
    }
    assert_eq!(
        get(&mock, "/api/v1/pods?limit=5&labelSelector=app=web").await.text().await.unwrap(),
        "{no JSON"
    );
    assert_eq!(get(&mock, "/api/v1/nodes").await.status(), 404);
    let lines: Vec<String> = mock.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(
        (lines.len(), lines[0].as_str(), lines[4].as_str()),
        (5, "GET /api/v1/pods", "GET /api/v1/nodes")
    );
}

#[tokio::test]
async fn answers_are_slow_break_off_and_stay_open() {
    let mock = Mock::start().await.unwrap();
    let pause = Duration::from_millis(20);
    mock.answers("GET", "/slow", [Answer::text(200, "0123456789").slowly(4, pause)]);
    let start = Instant::now();
    assert_eq!(get(&mock, "/slow").await.text().await.unwrap(), "0123456789");
    assert!(start.elapsed() >= pause * 2, "{:?}", start.elapsed());

    mock.answers("GET", "/cut", [Answer::text(200, "0123456789").cut_after(4)]);
    let mut cut = get(&mock, "/cut").await;
    assert_eq!(cut.chunk().await.unwrap().unwrap(), "0123");
    assert!(cut.chunk().await.is_err(), "the connection breaks");

    mock.answers("GET", PODS, [Answer::watch(&[("ADDED", json!({"a": 1}))])]);
    let mut watch = get(&mock, PODS).await;
    let event: Value = serde_json::from_slice(&watch.chunk().await.unwrap().unwrap()).unwrap();
    assert_eq!(event, json!({"type": "ADDED", "object": {"a": 1}}));
    let next = tokio::spawn(async move { watch.chunk().await });
    mock.answers("GET", PODS, [Answer::broken_watch(410, "too old")]);
    assert_eq!(tokio::time::timeout(ENDED, next).await.unwrap().unwrap().unwrap(), None);
    let event: Value = get(&mock, PODS).await.json().await.unwrap();
    assert_eq!((&event["type"], &event["object"]["code"]), (&json!("ERROR"), &json!(410)));
}
