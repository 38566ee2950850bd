//! Events, in the real API server.

use magtape_testing::poll;
use serde_json::{Value, json};

use super::{
    receiver::SOON,
    stage::{self, DENIED, Stage, denied, review},
};

/// Has something against each key of a ConfigMap, and against each capacity of a PersistentVolume.
const POLICY: &str = r#"package kubernetes.admission.policy_many

policy_metadata = {"name": "policy-many", "severity": "HIGH", "errcode": "MT9001", "targets": {"ConfigMap", "PersistentVolume"}}

matches { policy_metadata.targets[input.request.kind.kind] }

names[name] { input.request.object.data[name] }
names[name] { input.request.object.spec.capacity[name] }

deny[info] {
    names[name]
    msg := sprintf("[FAIL] HIGH - Nobody wants \"%v\" (MT9001)", [name])
    info := {"name": "policy-many", "severity": "HIGH", "errcode": "MT9001", "msg": msg}
}
"#;

const ON: (&str, &str) = ("MAGTAPE_K8S_EVENTS_ENABLED", "TRUE");

/// The Events about what has that name, as soon as there are so many, the oldest first.
async fn events(stage: &Stage, namespace: &str, name: &str, count: usize) -> Vec<Value> {
    let all = json!({"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "", "namespace": namespace}});
    let there = async || {
        let list = stage.client.get(&all).await?.body;
        let mut events = list["items"].as_array().cloned().unwrap_or_default();
        events.retain(|event| event["regarding"]["name"] == name);
        events.sort_by_key(|event| event["eventTime"].as_str().unwrap().to_owned());
        Ok(Some(events).filter(|events| events.len() >= count))
    };
    let events = poll::until("Events", SOON, there).await.unwrap();
    assert_eq!(events.len(), count, "{events:#?}");
    events
}

#[tokio::test]
async fn an_event_is_beside_its_object_with_all_that_names_it() {
    let stage = Stage::new("events").await;
    let namespace = stage.namespace("beside", None).await;
    let web = denied(&namespace, "web");
    stage.create(&web).await;
    let stored = stage.client.get(&web).await.unwrap().body;
    let mut webhook = stage.webhook(&[ON, ("MAGTAPE_NOTIFICATION_WINDOW", "2s")]).await;
    for _ in 0..4 {
        webhook.judge(&review(&stored)).await;
    }
    let mut dry = review(&denied(&namespace, "dry"));
    dry["request"]["dryRun"] = true.into();
    webhook.judge(&dry).await;
    let event = events(&stage, &namespace, "web", 1).await.remove(0);
    let expected = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": namespace,
        "uid": stored["metadata"]["uid"]});
    assert!(expected["uid"].is_string());
    assert_eq!(event["regarding"], expected);
    assert_eq!(event["metadata"]["labels"], json!({"magtape-event": "policy-failure"}));
    assert_eq!(event["metadata"]["generateName"], "magtape-policy-failure-");
    let field = |name: &str| event[name].as_str().unwrap_or_default();
    assert_eq!(
        ["type", "reason", "action", "note", "reportingController", "reportingInstance"].map(field),
        ["Warning", "MagTapePolicyFailure", "MagTape Policy Failure", DENIED, "magtape", "test-pod"]
    );
    assert!(field("eventTime").len() > 20 && event.get("series").is_none_or(Value::is_null), "{event}");

    // What was not told is in the next one.
    let all = json!({"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "", "namespace": namespace}});
    let another = async || {
        webhook.judge(&review(&stored)).await;
        let list = stage.client.get(&all).await?.body;
        Ok((list["items"].as_array().map_or(0, Vec::len) > 1).then_some(()))
    };
    poll::until("another Event", SOON, another).await.unwrap();
    stage::end(&mut webhook).await;
    let list = stage.client.get(&all).await.unwrap().body;
    let series = |event: &Value| event["series"]["count"].as_u64().unwrap_or_default();
    let count = list["items"].as_array().unwrap().iter().map(series).max().unwrap();
    assert!(count >= 4, "{list:#}");
    assert!(!list.to_string().contains("\"dry\""));
}

#[tokio::test]
async fn long_notes_are_cut_and_objects_of_the_cluster_have_events_too() {
    let stage = Stage::new("notes").await;
    let namespace = stage.namespace("long", None).await;
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.rego");
    std::fs::write(&policy, POLICY).unwrap();
    let webhook = stage.webhook_with(&["--policies", policy.to_str().unwrap()], &[ON]).await;
    let keys: serde_json::Map<String, Value> =
        (0..40).map(|number| (format!("key-{number:02}"), json!("value"))).collect();
    let settings = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": keys,
        "metadata": {"name": "settings", "namespace": namespace}});
    let answer = webhook.judge(&review(&settings)).await;
    let message = answer["response"]["status"]["message"].as_str().unwrap().to_owned();
    assert!(message.len() > 1024);
    let event = events(&stage, &namespace, "settings", 1).await.remove(0);
    let note = event["note"].as_str().unwrap();
    let (told, more) = note.rsplit_once(", … and ").unwrap();
    assert!(note.len() <= 1024 && message.starts_with(told) && told.ends_with("(MT9001)"), "{note}");
    let told = told.split(", ").count();
    assert_eq!(more, format!("{} more violations", 40 - told));

    let name = "notify-notes-volume";
    let volume = json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
        "spec": {"capacity": {"storage": "1Gi"}}});
    webhook.judge(&review(&volume)).await;
    let event = events(&stage, "default", name, 1).await.remove(0);
    assert_eq!(event["regarding"], json!({"apiVersion": "v1", "kind": "PersistentVolume", "name": name}));
    assert_eq!(event["note"], "[FAIL] HIGH - Nobody wants \"storage\" (MT9001)");
}
