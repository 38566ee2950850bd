//! The audit log of a running webhook.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use magtape_testing::poll;
use serde_json::{Value, json};

use crate::serve::{pod, review, webhook::Webhook};

/// The lines of a log, once there are so many.
async fn lines(path: &Path, count: usize) -> Vec<Value> {
    let written = async || {
        let text = fs::read_to_string(path)?;
        let lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Ok((lines.len() >= count).then_some(lines))
    };
    poll::until("the lines", Duration::from_secs(20), written).await.unwrap()
}

/// A webhook that writes a log, and the log.
async fn audited(content: &[&str]) -> (tempfile::TempDir, std::path::PathBuf, Webhook) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let webhook = Webhook::start(&[&["--audit-log", path.to_str().unwrap()], content].concat()).await;
    (folder, path, webhook)
}

/// The one policy that has something against a privileged Pod.
fn privileged(line: &Value) -> &Value {
    line["policies"].as_array().unwrap().iter().find(|policy| policy["code"] == "MT2001").unwrap()
}

#[tokio::test]
async fn each_decision_is_a_line_with_nothing_of_objects_but_their_names() {
    let (_folder, path, webhook) = audited(&[]).await;
    let mut denied = review(pod(true));
    denied["request"]["userInfo"] = json!({"username": "jane"});
    webhook.judge(&denied).await;
    let mut dry = review(pod(false));
    dry["request"]["dryRun"] = json!(true);
    webhook.judge(&dry).await;
    let written = lines(&path, 2).await;
    // They are written after their answers, on two threads.
    let [one, two] =
        [false, true].map(|dry_run| written.iter().find(|line| line["dryRun"] == dry_run).unwrap());
    for (field, expected) in [
        ("uid", json!("705ab4f5-6393-11e8-b7cc-42010a800002")),
        ("operation", json!("CREATE")),
        ("group", json!("")),
        ("version", json!("v1")),
        ("kind", json!("Pod")),
        ("namespace", json!("demo")),
        ("name", json!("web")),
        ("user", json!("jane")),
        ("dryRun", json!(false)),
        ("allowed", json!(false)),
        ("level", json!("LOW")),
        ("judged", json!(true)),
    ] {
        assert_eq!(one[field], expected, "{field} of {one}");
    }
    assert!(one["elapsedMicroseconds"].as_u64().unwrap() > 0 && one.get("object").is_none(), "{one}");
    let found = privileged(one);
    assert_eq!(found["outcome"], "violated");
    assert_eq!(found["violations"], json!([{"severity": "HIGH", "denies": true}]));
    assert_eq!(found["digest"].as_str().unwrap().len(), 64);
    assert_eq!((&two["dryRun"], &two["allowed"]), (&json!(true), &json!(true)));
    assert_eq!(privileged(two)["outcome"], "passed");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn texts_and_objects_are_there_when_they_are_asked_for_but_never_a_secret() {
    let (_folder, path, webhook) = audited(&["--audit-content", "objects"]).await;
    webhook.judge(&review(pod(true))).await;
    let secret =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key"}, "data": {"a": "c2VjcmV0"}});
    webhook.judge(&review(secret)).await;
    let written = lines(&path, 2).await;
    let of = |kind: &str| written.iter().find(|line| line["kind"] == kind).unwrap();
    assert_eq!(of("Pod")["object"], pod(true));
    let text = "[FAIL] HIGH - Found privileged Security Context for container \"app\" (MT2001)";
    assert_eq!(privileged(of("Pod"))["violations"][0]["message"], text);
    assert!(of("Secret").get("object").is_none(), "{}", of("Secret"));
    assert!(!fs::read_to_string(&path).unwrap().contains("c2VjcmV0"));
}
