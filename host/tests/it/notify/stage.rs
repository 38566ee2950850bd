//! A webhook that tells a receiver, and namespaces of a real cluster.

use std::{path::PathBuf, process::Command, time::Duration};

use magtape_testing::{
    client::{Client, Effect},
    cluster::Cluster,
};
use serde_json::{Value, json};

use super::receiver::Receiver;
use crate::serve::webhook::Webhook;

/// What the shipped policies have against the three objects.
pub const DENIED: &str = "[FAIL] HIGH - Found privileged Security Context for container \"app\" (MT2001), \
    [FAIL] LOW - Liveness Probe missing for container \"app\" (MT1001)";
pub const WARNED: &str = "[FAIL] LOW - Liveness Probe missing for container \"app\" (MT1001)";

/// The administrators' channel, as they would have it from Slack.
pub const DEFAULT_URL: &str = "https://hooks.slack.com/services/T0/B0/defaultsecret";
pub const DEFAULT_PATH: &str = "/services/T0/B0/defaultsecret";

pub struct Stage {
    pub client: Client,
    kubeconfig: PathBuf,
    name: &'static str,
}

// === impl Stage ===

impl Stage {
    pub async fn new(name: &'static str) -> Self {
        let cluster = Cluster::shared().await.unwrap();
        Self { client: cluster.client().unwrap(), kubeconfig: cluster.kubeconfig().unwrap(), name }
    }

    pub async fn create(&self, object: &Value) {
        let reply = self.client.create(object, Effect::Real).await.unwrap();
        assert!(reply.is_success(), "{reply:?}");
    }

    /// A namespace; with a channel at that URL, if there is one.
    pub async fn namespace(&self, name: &str, channel: Option<&str>) -> String {
        let name = format!("notify-{}-{name}", self.name);
        self.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})).await;
        if let Some(url) = channel {
            let secret = json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"webhook-url": url},
                "metadata": {"name": "magtape-slack", "namespace": name}});
            self.create(&secret).await;
        }
        name
    }

    /// A webhook with these settings, in the cluster.
    pub async fn webhook(&self, settings: &[(&str, &str)]) -> Webhook {
        self.webhook_with(&[], settings).await
    }

    pub async fn webhook_with(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Webhook {
        Webhook::start_with(arguments, |command| {
            command.env("KUBECONFIG", &self.kubeconfig).env("MAGTAPE_CLUSTER_NAME", "test-cluster");
            command.env("MAGTAPE_LOG_LEVEL", "DEBUG").envs(settings.iter().copied());
        })
        .await
    }
}

/// The settings by which Slack is the receiver.
pub fn slack(receiver: &Receiver) -> Vec<(&'static str, String)> {
    vec![
        ("MAGTAPE_SLACK_ENABLED", "TRUE".to_owned()),
        ("MAGTAPE_SLACK_WEBHOOK_URL_BASE", receiver.host()),
        ("MAGTAPE_SLACK_NETWORKS", "127.0.0.0/8".to_owned()),
        ("MAGTAPE_SLACK_CA", receiver.ca().to_str().unwrap().to_owned()),
    ]
}

/// The settings as they are given.
pub fn given<'s>(
    settings: &'s [(&'static str, String)],
    more: &[(&'s str, &'s str)],
) -> Vec<(&'s str, &'s str)> {
    settings.iter().map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied()).collect()
}

/// `magtape serve` without a cluster.
pub fn alone(command: &mut Command) {
    command.env("KUBECONFIG", "/nowhere/kubeconfig").env("MAGTAPE_CLUSTER_NAME", "test-cluster");
}

/// The object's part that is in order but for that.
pub fn deployment(namespace: &str, name: &str, probe: bool, privileged: bool) -> Value {
    let mut container = json!({"name": "app", "image": "app:1", "readinessProbe": {"httpGet": {"port": 80}},
        "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}},
        "securityContext": {"privileged": privileged}});
    if probe {
        container["livenessProbe"] = json!({"httpGet": {"port": 80}});
    }
    let labels = json!({"app": name});
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}}})
}

pub fn denied(namespace: &str, name: &str) -> Value {
    deployment(namespace, name, false, true)
}

pub fn warned(namespace: &str, name: &str) -> Value {
    deployment(namespace, name, false, false)
}

pub fn clean(namespace: &str, name: &str) -> Value {
    deployment(namespace, name, true, false)
}

/// The creation of an object by Jane.
pub fn review(object: &Value) -> Value {
    let (group, version) =
        object["apiVersion"].as_str().and_then(|text| text.split_once('/')).unwrap_or(("", "v1"));
    let mut review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "operation": "CREATE", "object": object,
        "name": object["metadata"]["name"], "userInfo": {"username": "jane@example.com"},
        "kind": {"group": group, "version": version, "kind": object["kind"]}}});
    if let Some(namespace) = object["metadata"].get("namespace") {
        review["request"]["namespace"] = namespace.clone();
    }
    review
}

/// Ends the webhook as a cluster does, after which everything that is ever told has been told.
pub async fn end(webhook: &mut Webhook) {
    webhook.terminate();
    assert_eq!(webhook.ended(Duration::from_secs(40)).await, Some(0));
}
