//! Clusters of tests do what tests rely on: controllers at work, and an API server that ends, hangs and comes back.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise; clippy.toml says so for test functions, and this for what they call"
)]

use std::time::Duration;

use anyhow::Result;
use magtape_testing::client::{Client, Effect};
use magtape_testing::cluster::Cluster;
use magtape_testing::poll;
use serde_json::{Value, json};

/// Controllers start in seconds, more beside other tests.
const DONE: Duration = Duration::from_secs(90);

/// What a server that hangs must not answer within. It answers in milliseconds otherwise.
const HANGS: Duration = Duration::from_secs(1);

fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

async fn create(client: &Client, object: &Value) {
    let reply = client.create(object, Effect::Real).await.unwrap();
    assert!(reply.is_success(), "{reply:?}");
}

/// The names of the objects of a kind in a namespace.
async fn names(client: &Client, version: &str, kind: &str, namespace: &str) -> Result<Vec<String>> {
    let list = json!({"apiVersion": version, "kind": kind, "metadata": {"namespace": namespace, "name": ""}});
    let items = client.get(&list).await?.body["items"].take();
    let items = items.as_array().cloned().unwrap_or_default();
    Ok(items.iter().filter_map(|item| Some(item["metadata"]["name"].as_str()?.to_owned())).collect())
}

async fn until_there_are(client: &Client, pods: usize, namespace: &str) {
    let counted = async || Ok((names(client, "v1", "Pod", namespace).await?.len() == pods).then_some(()));
    let waited = poll::until("the Pods", DONE, counted).await;
    let found = names(client, "v1", "Pod", namespace).await;
    waited.unwrap_or_else(|error| panic!("{error}: there are {found:?}"));
}

#[tokio::test]
async fn a_deployment_makes_pods_more_when_it_is_scaled_and_goes_with_its_namespace() {
    let cluster = Cluster::shared_with_controllers().await.unwrap();
    let client = cluster.client().unwrap();
    let home = namespace("scaled");
    create(&client, &home).await;
    let labels = json!({"app": "web"});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "scaled"},
        "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": {
            "metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "app:1"}]}}}});
    create(&client, &deployment).await;
    until_there_are(&client, 2, "scaled").await;
    let replica_sets = names(&client, "apps/v1", "ReplicaSet", "scaled").await.unwrap();
    assert!(replica_sets.len() == 1 && replica_sets[0].starts_with("web-"), "{replica_sets:?}");

    let scaled = client.patch(&deployment, &json!({"spec": {"replicas": 5}})).await.unwrap();
    assert!(scaled.is_success(), "{scaled:?}");
    until_there_are(&client, 5, "scaled").await;

    assert!(client.delete(&home, Effect::Real).await.unwrap().is_success());
    let gone = async || Ok((client.get(&home).await?.status == 404).then_some(()));
    poll::until("the namespace to go", DONE, gone).await.unwrap();
}

#[tokio::test]
async fn an_api_server_comes_back_with_its_data_and_answers_nobody_while_it_hangs() {
    let mut cluster = Cluster::start().await.unwrap();
    let (client, server) = (cluster.client().unwrap(), cluster.server().to_owned());
    create(&client, &namespace("kept")).await;

    cluster.stop_api_server().unwrap();
    assert!(client.get(&namespace("kept")).await.is_err());
    assert!(cluster.stop_api_server().is_err(), "it does not run");
    cluster.start_api_server().await.unwrap();
    assert_eq!(cluster.server(), server);
    assert_eq!(client.get(&namespace("kept")).await.unwrap().status, 200);
    assert!(cluster.start_api_server().await.is_err(), "it runs");

    cluster.pause_api_server().unwrap();
    let asked = tokio::time::timeout(HANGS, client.is_ready()).await;
    assert!(asked.is_err(), "a server that hangs has answered: {asked:?}");
    cluster.resume_api_server().unwrap();
    let ready = async || Ok(client.is_ready().await.then_some(()));
    poll::until("the API server to go on", DONE, ready).await.unwrap();
}
