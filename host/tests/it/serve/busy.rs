//! More requests than there is time for: each has an answer, by the failure policy, and none waits for long.

use std::{
    fs,
    path::{Path, PathBuf},
    thread::available_parallelism,
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::webhook::Webhook;

const BUSY: &str = "[FAIL] HIGH - The webhook was too busy to ask its policies";

/// Requests that may wait for a thread.
const WAITING: usize = 200;

/// A webhook whose one policy never comes back, and is stopped after that long.
async fn webhook(deadline: Duration, folder: &TempDir) -> Webhook {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testing/guests/base.wat");
    let deny = "(func $deny (result i32) (i32.const 5120))";
    let base = fs::read_to_string(base).unwrap();
    assert!(base.contains(deny));
    let endless = base.replace(deny, "(func $deny (result i32) (loop $forever (br $forever)) (unreachable))");
    let policy = write(folder, "endless.wasm", &wat::parse_str(format!("(module {endless})")).unwrap());
    let limits = json!({"default": {"deadlineMilliseconds": deadline.as_millis()}}).to_string();
    let limits = write(folder, "limits.json", limits.as_bytes());
    let path = |path: &PathBuf| path.to_str().unwrap().to_owned();
    Webhook::start(&["--policies", &path(&policy), "--limits", &path(&limits)]).await
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn threads() -> usize {
    available_parallelism().unwrap().get()
}

/// Sends a review of a Deployment for each of the numbers at once, as the API server does that waits that long.
fn send(
    client: &Client,
    webhook: &Webhook,
    timeout: &str,
    numbers: std::ops::Range<usize>,
) -> JoinSet<(Value, Duration)> {
    let url = webhook.url(&format!("/?timeout={timeout}"));
    let one = |number: usize| {
        let review = json!({"request": {"uid": number.to_string(), "operation": "CREATE", "object": {},
            "kind": {"group": "apps", "version": "v1", "kind": "Deployment"}}});
        let (request, sent) = (client.post(&url).json(&review), Instant::now());
        async move {
            let mut answer: Value = request.send().await.unwrap().json().await.unwrap();
            let response = answer["response"].take();
            assert_eq!(response["uid"], number.to_string());
            (response, sent.elapsed())
        }
    };
    numbers.map(one).collect()
}

#[tokio::test]
async fn a_full_queue_answers_at_once_and_what_waits_too_long_is_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let webhook = webhook(Duration::from_secs(7), &folder).await;
    let judged = send(&webhook.client, &webhook, "10s", 0..threads());
    let others = send(&webhook.other_client(), &webhook, "3s", 1000..1000 + WAITING + 20);
    let others = others.join_all().await;
    let told: Vec<_> = others.iter().filter(|(response, _)| response["status"]["message"] == BUSY).collect();
    assert!(
        told.iter()
            .all(|(response, _)| response["allowed"] == false && response["warnings"] == json!([BUSY]))
    );
    // Before a thread could be free, or the time of any could be over: these were refused.
    let at_once = told.iter().filter(|(_, took)| *took < Duration::from_millis(2400)).count();
    assert!(at_once > 0 && told.len() > at_once, "{at_once} of {} at once", told.len());
    assert!(others.iter().all(|(_, took)| *took < Duration::from_secs(7)), "nobody waited for the threads");
    webhook.logged("not judged: the queue is full").await;
    let line = webhook.logged("not judged: no thread was free in time").await;
    assert!(line["refused"].as_u64().unwrap() > 0 && line["expired"].as_u64().unwrap() > 0, "{line}");
    drop(judged);
}

#[tokio::test]
async fn what_is_queued_is_judged_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut webhook = webhook(Duration::from_millis(700), &folder).await;
    let count = threads() * 5;
    let mut queued = send(&webhook.client, &webhook, "10s", 0..count);
    queued.join_next().await.unwrap().unwrap();
    webhook.terminate();
    for (response, _) in queued.join_all().await {
        let message = response["status"]["message"].as_str().unwrap();
        assert!(message.contains("Policy hostile-@guest could not be evaluated"), "{message}");
    }
    assert_eq!(webhook.ended(Duration::from_secs(20)).await, Some(0));
    let ended = webhook.logged("ended").await;
    assert_eq!((&ended["drained"], &ended["accepted"]), (&json!(true), &json!(count)));
    assert_eq!((&ended["refused"], &ended["expired"]), (&json!(0), &json!(0)));
}
