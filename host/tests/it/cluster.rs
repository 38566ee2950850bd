//! The webhook behind a real API server: what `kubectl apply` would see.
//!
//! etcd and kube-apiserver run on loopback; the webhook is the real binary with its own CA, registered as an
//! administrator would. Each test has a namespace of its own.

mod namespace;
mod objects;
mod stage;

use magtape_testing::client::Effect;
use serde_json::json;

use namespace::Namespace;
use objects::{budget, clean, deployment, persistent_volume, pod, privileged, replica_set, service};

const PRIVILEGED: &str = "[FAIL] HIGH - Found privileged Security Context for container \"app\" (MT2001)";
const LIVENESS: &str = "[FAIL] LOW - Liveness Probe missing for container \"app\" (MT1001)";
const READINESS: &str = "[FAIL] LOW - Readiness Probe missing for container \"app\" (MT1002)";
const LIMITS: &str = "[FAIL] LOW - Resource limits missing (CPU/MEM) for container \"app\" (MT1003)";

/// Neither a ReplicaSet of this name nor this uid exists.
fn forged_owners() -> serde_json::Value {
    json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-5d4f8c7b9", "controller": true,
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002"}])
}

#[tokio::test]
async fn a_privileged_deployment_is_refused_word_for_word() {
    let namespace = Namespace::new("refused").await;
    let mut container = privileged();
    container["livenessProbe"].take();
    container["readinessProbe"].take();
    let deployment = namespace.place(deployment("web", container));
    let reply = namespace.client.create(&deployment, Effect::Real).await.unwrap();
    assert_eq!(
        reply.message(),
        "admission webhook \"magtape.webhook.k8s.t-mobile.com\" denied the request: \
         [FAIL] HIGH - Found privileged Security Context for container \"app\" (MT2001), \
         [FAIL] LOW - Liveness Probe missing for container \"app\" (MT1001), \
         [FAIL] LOW - Readiness Probe missing for container \"app\" (MT1002)"
    );
    assert_eq!((reply.status, &reply.body["reason"]), (403, &json!("Forbidden")));
    assert_eq!(reply.warnings, [PRIVILEGED, LIVENESS, READINESS]);
    assert_eq!(namespace.client.get(&deployment).await.unwrap().status, 404, "nothing was stored");
}

/// The API server drops annotations with keys that it does not take, so that they are in its log shows that it takes these.
#[tokio::test]
async fn what_policies_found_is_in_the_audit_log() {
    let namespace = Namespace::new("audited").await;
    let mut silent = clean();
    silent["livenessProbe"].take();
    namespace.admits(deployment("warned", silent), &[LIVENESS]).await;
    namespace.refuses(deployment("denied", privileged()), &[PRIVILEGED]).await;
    namespace.admits(deployment("clean", clean()), &[]).await;
    for (name, expected) in [("warned", Some("MT1001")), ("denied", Some("MT2001")), ("clean", None)] {
        let annotations = namespace.audited(name).await;
        let annotation = |key: &str| annotations[format!("magtape.webhook.k8s.t-mobile.com/{key}")].as_str();
        assert_eq!(annotation("violated"), expected, "{annotations}");
        assert_eq!(annotation("deny-level"), expected.map(|_| "LOW"), "{annotations}");
    }
}

#[tokio::test]
async fn a_clean_deployment_is_admitted_without_a_word() {
    let namespace = Namespace::new("clean").await;
    namespace.admits(deployment("web", clean()), &[]).await;
    namespace.was_asked("Deployment", "web", "CREATE").await;
}

#[tokio::test]
async fn violations_below_the_level_are_warnings_one_each() {
    let namespace = Namespace::new("warned").await;
    let container =
        json!({"name": "app", "image": "app:1", "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}});
    namespace.admits(deployment("web", container), &[LIVENESS, READINESS, LIMITS]).await;
}

#[tokio::test]
async fn an_update_is_judged_by_what_the_object_becomes() {
    let namespace = Namespace::new("updated").await;
    let web = namespace.admits(deployment("web", clean()), &[]).await;
    let patch = json!({"spec": {"template": {"spec": {"containers": [privileged()]}}}});
    let reply = namespace.client.patch(&web, &patch).await.unwrap();
    namespace::assert_refused(&reply, &[PRIVILEGED]);
    let reply = namespace.client.patch(&web, &json!({"spec": {"replicas": 5}})).await.unwrap();
    assert!(reply.is_success() && reply.warnings.is_empty(), "{reply:?}");
}

#[tokio::test]
async fn a_deletion_is_judged_by_the_object_that_goes() {
    let namespace = Namespace::new("deleted").await;
    let web = namespace.admits(deployment("web", clean()), &[]).await;
    assert!(namespace.client.delete(&web, Effect::Real).await.unwrap().is_success());
    assert_eq!(namespace.client.get(&web).await.unwrap().status, 404);
    namespace.was_asked("Deployment", "web", "DELETE").await;

    // One that was there before its namespace was judged.
    let early = Namespace::unjudged("deleted-early").await;
    let old = early.admits(deployment("old", privileged()), &[]).await;
    early.judge_from_now_on(&old).await;
    namespace::assert_refused(&early.client.delete(&old, Effect::Real).await.unwrap(), &[PRIVILEGED]);
    assert!(early.client.get(&old).await.unwrap().is_success(), "it is still there");
}

#[tokio::test]
async fn objects_of_the_cluster_are_answered() {
    let namespace = Namespace::new("cluster-scoped").await;
    namespace.was_asked("Namespace", &namespace.name, "CREATE").await;
    let volume = persistent_volume("archive", stage::judged());
    let reply = namespace.client.create(&volume, Effect::Real).await.unwrap();
    assert!(reply.is_success() && reply.warnings.is_empty(), "{reply:?}");
    namespace.was_asked("PersistentVolume", "archive", "CREATE").await;
    assert!(namespace.client.delete(&volume, Effect::Real).await.unwrap().is_success());
    namespace.was_asked("PersistentVolume", "archive", "DELETE").await;
}

#[tokio::test]
async fn a_forged_owner_changes_nothing() {
    let namespace = Namespace::new("forged").await;
    let (mut web, mut bare) = (deployment("web", privileged()), pod("bare", privileged()));
    let honest = namespace.refuses(web.clone(), &[PRIVILEGED]).await;
    web["metadata"]["ownerReferences"] = forged_owners();
    assert_eq!(namespace.refuses(web, &[PRIVILEGED]).await.message(), honest.message());
    bare["metadata"]["ownerReferences"] = forged_owners();
    namespace.refuses(bare, &[PRIVILEGED]).await;
    namespace.refuses(replica_set("web", privileged()), &[PRIVILEGED]).await;
}

#[tokio::test]
async fn an_empty_list_of_owners_is_answered() {
    let namespace = Namespace::new("ownerless").await;
    let mut bare = pod("bare", clean());
    bare["metadata"]["ownerReferences"] = json!([]);
    // The API server drops the empty list before anyone is asked.
    namespace.admits(bare, &["[FAIL] LOW - \"bare\" is a singleton pod. (MT1007)"]).await;
}

#[tokio::test]
async fn a_dry_run_is_judged_like_the_real_thing() {
    let namespace = Namespace::new("dry-run").await;
    let web = namespace.place(deployment("web", privileged()));
    let dry = namespace.client.create(&web, Effect::DryRun).await.unwrap();
    let real = namespace.client.create(&web, Effect::Real).await.unwrap();
    namespace::assert_refused(&dry, &[PRIVILEGED]);
    assert_eq!((dry.status, dry.message()), (real.status, real.message()));
    let clean = namespace.place(deployment("clean", clean()));
    assert!(namespace.client.create(&clean, Effect::DryRun).await.unwrap().is_success());
    assert_eq!(namespace.client.get(&clean).await.unwrap().status, 404, "nothing was stored");
}

#[tokio::test]
async fn services_and_disruption_budgets_are_judged() {
    let namespace = Namespace::new("services").await;
    let mismatch = "[FAIL] HIGH - Logical port name \"http\" mismatch with port number \"443\" for service \"shop\" (MT1006)";
    namespace
        .refuses(service("shop", json!({"name": "http", "port": 443, "nodePort": 30100})), &[mismatch])
        .await;
    namespace.admits(service("shop", json!({"name": "https", "port": 443, "nodePort": 30100})), &[]).await;
    let integer =
        "[FAIL] HIGH - Value \"2\" for \"minAvailable\" should be a Percentage, not an Integer (MT1005)";
    namespace.refuses(budget("shop", json!({"minAvailable": 2})), &[integer]).await;
    let outside = "[FAIL] HIGH - Value (20%) for \"maxUnavailable\" not within range 33%-100% (MT1005)";
    namespace.refuses(budget("shop", json!({"maxUnavailable": "20%"})), &[outside]).await;
    namespace.admits(budget("shop", json!({"minAvailable": "50%"})), &[]).await;
}
