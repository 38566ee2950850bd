//! Policies from ConfigMaps of a real API server, as MagTape's users apply them.
//!
//! Each test has a namespace of its own, with a webhook or two that live in it. They are asked directly; that an API
//! server asks them is what `cluster` is about.

mod many;
pub mod replica;

use magtape_testing::{client::Effect, cluster::Cluster};
use serde_json::{Value, json};

use replica::{Home, Replica};

const POLICY: &str = "\
package kubernetes.admission.policy_team

policy_metadata = {\"name\": \"policy-team\", \"severity\": \"HIGH\", \"errcode\": \"ORG1\", \"targets\": {\"Pod\"}}

matches {
  policy_metadata.targets[input.request.kind.kind]
}

deny[info] {
  not input.request.object.metadata.labels.team
  msg = sprintf(\"[FAIL] %v - TEXT (%v)\", [policy_metadata.severity, policy_metadata.errcode])
  info := {\"name\": policy_metadata.name, \"severity\": policy_metadata.severity, \"errcode\": policy_metadata.errcode, \"msg\": msg}
}
";

const DENIED: &str = "[FAIL] HIGH - Label team is missing (ORG1)";

/// A policy that says this of Pods without the label `team`.
pub fn policy(text: &str) -> String {
    POLICY.replace("TEXT", text)
}

/// A Pod without it.
pub fn pod() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [{"name": "app"}]}})
}

#[tokio::test]
async fn policies_come_change_break_are_mended_and_go() {
    let home = Home::new("comes-and-goes").await;
    let replica = Replica::start(&home, "one", &["--policies-from", "cluster"]).await;
    replica.has_policies(0).await;
    assert_eq!(replica.message(&pod()).await, "");

    let map =
        home.config_map("policy-team", "rego", "data", json!({"team.rego": policy("Label team is missing")}));
    home.create(&map).await;
    replica.answers(&pod(), DENIED).await;
    home.has_status(&map, &json!({"status": "ok"})).await;

    home.patch(&map, &json!({"data": {"team.rego": policy("There is no team")}})).await;
    replica.answers(&pod(), "[FAIL] HIGH - There is no team (ORG1)").await;

    home.patch(
        &map,
        &json!({"data": {"team.rego": "package kubernetes.admission.policy_team\n\nmatches {"}}),
    )
    .await;
    let status = home.status_that(&map, |status| status["status"] == "error").await;
    assert!(status["error"].as_str().unwrap().starts_with("policy-team/team.rego"), "{status}");
    assert_eq!(
        replica.message(&pod()).await,
        "[FAIL] HIGH - There is no team (ORG1)",
        "the last good one serves"
    );
    home.has_event(&map, "PolicyNotLoaded").await;

    home.patch(&map, &json!({"data": {"team.rego": policy("Label team is missing")}})).await;
    replica.answers(&pod(), DENIED).await;
    home.has_status(&map, &json!({"status": "ok"})).await;

    home.patch(&map, &json!({"metadata": {"labels": {"openpolicyagent.org/policy": null}}})).await;
    replica.answers(&pod(), "").await;
    home.patch(&map, &json!({"metadata": {"labels": {"openpolicyagent.org/policy": "rego"}}})).await;
    replica.answers(&pod(), DENIED).await;
    assert!(home.client.delete(&map, Effect::Real).await.unwrap().is_success());
    replica.answers(&pod(), "").await;
}

#[tokio::test]
async fn compiled_policies_come_as_binary_data_and_data_beside_them() {
    let home = Home::new("binary-data").await;
    let replica = Replica::start(&home, "one", &["--policies-from", "cluster"]).await;
    let binary = json!({
        "mt2001-privileged-pod.wasm": home.encoded("policies-rego/dist/mt2001-privileged-pod.wasm"),
        "mt3007-host-namespaces.wasm": home.encoded("policies-wasm/dist/mt3007-host-namespaces.wasm"),
    });
    home.create(&home.config_map("compiled", "wasm", "binaryData", binary)).await;
    let mut odd = pod();
    odd["spec"]["hostPID"] = json!(true);
    odd["spec"]["containers"][0]["securityContext"] = json!({"privileged": true});
    replica.has_policies(2).await;
    let message = replica.message(&odd).await;
    assert!(message.contains("(MT2001)") && message.contains("(MT3007)"), "{message}");
}

#[tokio::test]
async fn what_is_broken_harms_nothing_beside_it() {
    let home = Home::new("broken-beside").await;
    let broken = home.config_map("broken", "rego", "data", json!({"a.rego": "package a\n\nx {"}));
    let odd = home.config_map("odd", "javascript", "data", json!({"a.js": "1"}));
    let good = home.config_map("good", "rego", "data", json!({"team.rego": policy("Label team is missing")}));
    for map in [&broken, &odd, &good] {
        home.create(map).await;
    }
    let replica = Replica::start(&home, "one", &["--policies-from", "cluster"]).await;
    replica.answers(&pod(), DENIED).await;
    for (map, says) in [(&broken, "a.rego"), (&odd, "must be rego or wasm")] {
        let status = home.status_that(map, |status| status["status"] == "error").await;
        assert!(status["error"].as_str().unwrap().contains(says), "{status}");
    }
    home.has_status(&good, &json!({"status": "ok"})).await;
}

#[tokio::test]
async fn what_the_cluster_has_takes_the_place_of_what_is_embedded() {
    let home = Home::new("takes-the-place").await;
    let replica = Replica::start(&home, "one", &["--policies-from", "both"]).await;
    replica.has_policies(12).await;
    let own = policy("Label team is missing").replace("policy-team", "policy-liveness-probe");
    home.create(&home.config_map("policy-liveness-probe-check", "rego", "data", json!({"p.rego": own})))
        .await;
    replica.says(&pod(), DENIED).await;
    replica.has_policies(12).await;
}

#[tokio::test]
async fn one_replica_writes_and_another_takes_over() {
    let home = Home::new("takes-over").await;
    let map =
        home.config_map("policy-team", "rego", "data", json!({"team.rego": policy("Label team is missing")}));
    home.create(&map).await;
    let one = Replica::start(&home, "one", &["--policies-from", "cluster"]).await;
    home.is_led_by("one").await;
    let two = Replica::start(&home, "two", &["--policies-from", "cluster"]).await;
    two.answers(&pod(), DENIED).await;
    // Killed, not ended: nobody gives the Lease back.
    drop(one);
    home.is_led_by("two").await;
    home.patch(&map, &json!({"data": {"team.rego": "nonsense"}})).await;
    home.status_that(&map, |status| status["status"] == "error").await;
    assert_eq!(two.message(&pod()).await, DENIED);
}

#[tokio::test]
async fn without_a_cluster_it_does_not_start_and_says_why() {
    let cluster = Cluster::shared().await.unwrap();
    let output = replica::command(&["--policies-from", "cluster"])
        .env("KUBECONFIG", cluster.folder().join("there-is-no-such-file"))
        .env("MAGTAPE_NAMESPACE_NAME", "magtape-system")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("no cluster"), "{text}");
}
