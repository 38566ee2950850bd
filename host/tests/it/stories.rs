//! The webhook's life in a cluster, as those who run it see it.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use magtape_testing::{client::Effect, cluster::Cluster, poll};
use serde_json::{Value, json};

use crate::{
    config_maps::{
        pod, policy,
        replica::{Home, Replica},
    },
    serve::webhook::Webhook,
};

const CLUSTER: [&str; 2] = ["--policies-from", "cluster"];

/// Controllers and caches of an API server take a moment; other tests run at the same time.
const SOON: Duration = Duration::from_secs(60);

fn example(path: &str) -> String {
    fs::read_to_string(format!("{}/../testing/examples/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Has the API server ask a replica about Pods of namespaces that the test labelled.
async fn register(home: &Home, replica: &Replica) {
    let url = format!("https://localhost:{}/", replica.0.address().port());
    home.create(&json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": home.name()},
        "webhooks": [{
            "name": format!("{}.magtape.example.com", home.name()),
            "clientConfig": {"url": url, "caBundle": BASE64_STANDARD.encode(&replica.0.ca)},
            "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}],
            "namespaceSelector": {"matchLabels": {"magtape-test": home.name()}},
            "failurePolicy": "Fail",
            "sideEffects": "NoneOnDryRun",
            "admissionReviewVersions": ["v1"],
        }],
    }))
    .await;
}

async fn pods(home: &Home, namespace: &str) -> Vec<Value> {
    let list = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "", "namespace": namespace}});
    home.client.get(&list).await.unwrap().body["items"].as_array().cloned().unwrap_or_default()
}

async fn until_there_are(home: &Home, namespace: &str, count: usize) -> Vec<Value> {
    let there = async || {
        let pods = pods(home, namespace).await;
        Ok((pods.len() == count).then_some(pods))
    };
    poll::until("the Pods", SOON, there).await.unwrap()
}

/// What controllers make is judged like everything else, and never stands in the way of itself.
#[tokio::test]
async fn deployments_scale_under_a_policy_of_unique_pod_names() {
    let home = Home::on(Cluster::shared_with_controllers().await.unwrap(), "scaling").await;
    let text = example("opa/unique-pod-name.rego");
    home.create(&home.config_map("unique-pod-name", "rego", "data", json!({"p.rego": text}))).await;
    let replica = Replica::start(&home, "one", &CLUSTER).await;
    replica.has_policies(1).await;
    register(&home, &replica).await;
    let labels = json!({"magtape-test": home.name()});
    let one = home.beside("one", labels.clone(), json!({})).await;
    let other = home.beside("other", labels, json!({})).await;
    let (one, other) =
        (one["metadata"]["name"].as_str().unwrap(), other["metadata"]["name"].as_str().unwrap());
    let template = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "image": "app"}]}});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": one},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template}});
    home.create(&deployment).await;
    until_there_are(&home, one, 2).await;
    home.patch(&deployment, &json!({"spec": {"replicas": 5}})).await;
    let made = until_there_are(&home, one, 5).await;
    let taken = json!({"apiVersion": "v1", "kind": "Pod", "spec": made[0]["spec"],
        "metadata": {"name": made[0]["metadata"]["name"], "namespace": other}});
    let refused = async || {
        let reply = home.client.create(&taken, Effect::DryRun).await?;
        Ok((reply.status == 403).then_some(reply))
    };
    let reply = poll::until("the refusal", SOON, refused).await.unwrap();
    assert!(reply.message().contains(&format!("is taken in namespace {one:?}")), "{reply:?}");
    home.patch(&deployment, &json!({"spec": {"replicas": 0}})).await;
    until_there_are(&home, one, 0).await;
    let admitted = async || Ok(home.client.create(&taken, Effect::DryRun).await?.is_success().then_some(()));
    poll::until("the name to be free", SOON, admitted).await.unwrap();
}

/// `kubectl apply` of what MagTape's users have: a policy in a ConfigMap, and the entrypoint that gathered them in OPA.
#[tokio::test]
async fn what_magtapes_users_have_is_taken_as_it_is() {
    let home = Home::new("as-it-is").await;
    let replica = Replica::start(&home, "one", &[&CLUSTER[..], &["--deny-level", "HIGH"]].concat()).await;
    replica.has_policies(0).await;
    let text = example("magtape/liveness-probe-configmap.yaml");
    let mut map: Value = magtape::yaml::parse(&text).unwrap();
    map["metadata"]["namespace"] = home.name().into();
    let entrypoint = json!({"magtape.rego": example("magtape/opa-entrypoint.rego")});
    let entrypoint = home.config_map("magtape-opa-entrypoint", "rego", "data", entrypoint);
    home.create(&entrypoint).await;
    home.create(&map).await;
    replica.answers(&pod(), "[FAIL] LOW - Liveness Probe missing for container \"app\" (MT1001)").await;
    home.has_status(&map, &json!({"status": "ok"})).await;
    home.has_status(&entrypoint, &json!({"status": "ok"})).await;
}

/// Two replicas behind one name, as a Service has them: whoever finds one gone asks the other.
async fn ask(replicas: [&Webhook; 2], first: usize, review: &Value) -> Option<Value> {
    for turn in 0..2 {
        let replica = replicas[(first + turn) % 2];
        let Ok(answer) = replica.client.post(replica.url("/")).json(review).send().await else { continue };
        if let Ok(answer) = answer.json().await {
            return Some(answer);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_killed_under_load_is_missed_by_nobody() {
    let home = Home::new("killed").await;
    let map =
        home.config_map("policy-team", "rego", "data", json!({"team.rego": policy("Label team is missing")}));
    home.create(&map).await;
    let one = Replica::start(&home, "one", &CLUSTER).await;
    home.is_led_by("one").await;
    let two = Replica::start(&home, "two", &CLUSTER).await;
    for replica in [&one, &two] {
        replica.answers(&pod(), "[FAIL] HIGH - Label team is missing (ORG1)").await;
    }
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "u", "operation": "CREATE", "namespace": "demo", "object": pod(),
        "kind": {"group": "", "version": "v1", "kind": "Pod"}}});
    let (replicas, done) = (Arc::new([one, two]), Arc::new(AtomicBool::new(false)));
    let (asked, wrong) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let loads: Vec<_> = (0..4)
        .map(|first| {
            let (replicas, done, review) = (Arc::clone(&replicas), Arc::clone(&done), review.clone());
            let (asked, wrong) = (Arc::clone(&asked), Arc::clone(&wrong));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let answer = ask([&replicas[0].0, &replicas[1].0], first, &review).await;
                    let refused = answer.is_some_and(|answer| answer["response"]["allowed"] == false);
                    asked.fetch_add(1, Ordering::Relaxed);
                    wrong.fetch_add(usize::from(!refused), Ordering::Relaxed);
                }
            })
        })
        .collect();
    let at_least = async |count: usize| {
        poll::until("the load", SOON, async || Ok((asked.load(Ordering::Relaxed) >= count).then_some(())))
            .await
            .unwrap();
    };
    at_least(200).await;
    replicas[0].0.signal("KILL");
    at_least(asked.load(Ordering::Relaxed) + 200).await;
    home.is_led_by("two").await;
    home.patch(&map, &json!({"data": {"team.rego": "nonsense"}})).await;
    home.status_that(&map, |status| status["status"] == "error").await;
    done.store(true, Ordering::Relaxed);
    for load in loads {
        load.await.unwrap();
    }
    assert_eq!(wrong.load(Ordering::Relaxed), 0, "of {}", asked.load(Ordering::Relaxed));
}

#[tokio::test]
async fn while_the_api_server_is_away_the_webhook_judges_by_what_it_has() {
    let mut cluster = Cluster::start().await.unwrap();
    let home = Home::on(&cluster, "restarted").await;
    let map =
        home.config_map("policy-team", "rego", "data", json!({"team.rego": policy("Label team is missing")}));
    home.create(&map).await;
    let replica = Replica::start(&home, "one", &CLUSTER).await;
    replica.answers(&pod(), "[FAIL] HIGH - Label team is missing (ORG1)").await;
    home.has_status(&map, &json!({"status": "ok"})).await;
    cluster.stop_api_server().unwrap();
    replica.logged("the election of a leader does not go on").await;
    assert_eq!(replica.message(&pod()).await, "[FAIL] HIGH - Label team is missing (ORG1)");
    replica.has_policies(1).await;
    cluster.start_api_server().await.unwrap();
    home.patch(&map, &json!({"data": {"team.rego": policy("There is no team")}})).await;
    replica.answers_soon(&pod(), "[FAIL] HIGH - There is no team (ORG1)").await;
    home.has_status(&map, &json!({"status": "ok"})).await;
}

/// A leader that stands still does not know that time has passed, and must not write when it goes on.
#[tokio::test]
async fn a_leader_that_was_paused_leads_no_more() {
    let home = Home::new("paused").await;
    let map =
        home.config_map("policy-team", "rego", "data", json!({"team.rego": policy("Label team is missing")}));
    home.create(&map).await;
    let one = Replica::start(&home, "one", &CLUSTER).await;
    home.is_led_by("one").await;
    home.has_status(&map, &json!({"status": "ok"})).await;
    let two = Replica::start(&home, "two", &CLUSTER).await;
    one.0.signal("STOP");
    home.is_led_by("two").await;
    home.patch(&map, &json!({"data": {"team.rego": "nonsense"}})).await;
    let told = home.status_that(&map, |status| status["status"] == "error").await;
    one.0.signal("CONT");
    one.until_it_leads_no_more().await;
    home.patch(&map, &json!({"data": {"team.rego": policy("There is no team")}})).await;
    for replica in [&one, &two] {
        replica.answers(&pod(), "[FAIL] HIGH - There is no team (ORG1)").await;
    }
    home.has_status(&map, &json!({"status": "ok"})).await;
    home.is_led_by("two").await;
    assert!(told["error"].as_str().unwrap().contains("team.rego"), "{told}");
}
