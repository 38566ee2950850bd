//! A namespace with policies, and a replica of the webhook that lives in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use magtape_testing::{
    client::{Client, Effect},
    cluster::Cluster,
    poll,
};
use serde_json::{Value, json};

use crate::serve::webhook::{self, Webhook};

/// A change is to be in force within a second; other tests run at the same time.
const IN_FORCE: Duration = Duration::from_secs(30);

/// A replica that was killed is missed for the duration of its Lease, 15 seconds.
const MISSED: Duration = Duration::from_secs(90);

/// A namespace of one test.
pub struct Home {
    pub client: Client,
    name: String,
    kubeconfig: PathBuf,
}

/// A webhook that lives in it.
pub struct Replica(pub Webhook);

/// `magtape serve` with these arguments, on a free port.
pub fn command(arguments: &[&str]) -> Command {
    webhook::command(&[arguments, &["--self-signed"]].concat())
}

// === impl Home ===

impl Home {
    pub async fn new(name: &str) -> Self {
        Self::on(Cluster::shared().await.unwrap(), name).await
    }

    /// The same on another cluster.
    pub async fn on(cluster: &Cluster, name: &str) -> Self {
        let kubeconfig = cluster.kubeconfig().unwrap();
        let home = Self { client: cluster.client().unwrap(), name: format!("policies-{name}"), kubeconfig };
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": home.name}});
        home.create(&namespace).await;
        home
    }

    /// Another namespace of the same test.
    pub async fn beside(&self, name: &str, labels: Value, annotations: Value) -> Value {
        let metadata =
            json!({"name": format!("{}-{name}", self.name), "labels": labels, "annotations": annotations});
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata});
        self.create(&namespace).await;
        namespace
    }

    pub fn config_map(&self, name: &str, label: &str, field: &str, content: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", field: content, "metadata": {
            "name": name, "namespace": self.name, "labels": {"openpolicyagent.org/policy": label}}})
    }

    /// The namespace's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub async fn delete(&self, object: &Value) {
        let reply = self.client.delete(object, Effect::Real).await.unwrap();
        assert!(reply.is_success(), "{reply:?}");
    }

    /// A file of the repository as `binaryData` has it.
    pub fn encoded(&self, path: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        BASE64_STANDARD.encode(fs::read(root.join(path)).unwrap())
    }

    pub async fn create(&self, object: &Value) {
        let reply = self.client.create(object, Effect::Real).await.unwrap();
        assert!(reply.is_success(), "{reply:?}");
    }

    /// Creates it as soon as its kind is served.
    pub async fn create_once_served(&self, object: &Value) {
        let created = async || {
            // What says that there is no such kind is no JSON.
            let reply = self.client.create(object, Effect::Real).await;
            Ok(reply.is_ok_and(|reply| reply.is_success()).then_some(()))
        };
        poll::until("the kind to be served", IN_FORCE, created).await.unwrap();
    }

    /// Gives a user rights in this namespace.
    pub async fn allow(&self, user: &str, rules: &Value) {
        let group = "rbac.authorization.k8s.io";
        let metadata = json!({"name": user, "namespace": self.name});
        self.create(&json!({"apiVersion": format!("{group}/v1"), "kind": "Role", "metadata": metadata, "rules": rules}))
            .await;
        self.create(
            &json!({"apiVersion": format!("{group}/v1"), "kind": "RoleBinding", "metadata": metadata,
            "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
            "roleRef": {"apiGroup": group, "kind": "Role", "name": user}}),
        )
        .await;
    }

    pub async fn patch(&self, object: &Value, patch: &Value) {
        let reply = self.client.patch(object, patch).await.unwrap();
        assert!(reply.is_success(), "{reply:?}");
    }

    /// Waits until the status of a ConfigMap is this.
    pub async fn has_status(&self, config_map: &Value, expected: &Value) {
        self.status_that(config_map, |status| status == expected).await;
    }

    /// The status of a ConfigMap, once it is such.
    pub async fn status_that(&self, config_map: &Value, is: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let status = async || {
            let reply = self.client.get(config_map).await?;
            let annotation = reply.body.pointer("/metadata/annotations/openpolicyagent.org~1policy-status");
            last =
                annotation.and_then(Value::as_str).map(serde_json::from_str).transpose()?.unwrap_or_default();
            Ok(is(&last).then(|| last.clone()))
        };
        let found = poll::until("the status", IN_FORCE, status).await;
        found.unwrap_or_else(|error| panic!("{error}: {last}"))
    }

    /// Waits for an Event about an object.
    pub async fn has_event(&self, object: &Value, reason: &str) {
        self.has_event_in(&self.name, object, reason).await;
    }

    /// Waits for an Event in another namespace.
    pub async fn has_event_in(&self, namespace: &str, object: &Value, reason: &str) {
        let events = json!({"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "", "namespace": namespace}});
        let there = async || {
            let list = self.client.get(&events).await?.body;
            let items = list["items"].as_array().cloned().unwrap_or_default();
            let is = |event: &Value| {
                event["reason"] == reason && event["regarding"]["name"] == object["metadata"]["name"]
            };
            Ok(items.iter().any(is).then_some(()))
        };
        poll::until("the Event", IN_FORCE, there).await.unwrap();
    }

    /// Waits until that replica leads.
    pub async fn is_led_by(&self, identity: &str) {
        let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {"name": "magtape-leader", "namespace": self.name}});
        let leads = async || {
            let lease = self.client.get(&lease).await?.body;
            Ok((lease["spec"]["holderIdentity"] == identity).then_some(()))
        };
        poll::until("the leader", MISSED, leads).await.unwrap();
    }
}

// === impl Replica ===

impl Replica {
    pub async fn start(home: &Home, identity: &str, arguments: &[&str]) -> Self {
        Self::start_as(home, identity, arguments, &home.kubeconfig).await
    }

    /// The same as somebody else.
    pub async fn start_as(home: &Home, identity: &str, arguments: &[&str], kubeconfig: &Path) -> Self {
        let webhook = Webhook::start_with(arguments, |command| {
            command.env("KUBECONFIG", kubeconfig);
            command.env("MAGTAPE_NAMESPACE_NAME", &home.name).env("MAGTAPE_POD_NAME", identity);
        });
        Self(webhook.await)
    }

    /// Waits until so many policies are in force.
    pub async fn has_policies(&self, count: usize) {
        self.has_policies_within(count, IN_FORCE).await;
    }

    /// The same, when they take long to compile.
    pub async fn has_policies_within(&self, count: usize, within: Duration) {
        let ready = async || {
            let answer: Value = self.0.client.get(self.0.url("/readyz")).send().await?.json().await?;
            Ok((answer["ready"] == true && answer["policies"] == count).then_some(()))
        };
        poll::until("the policies", within, ready).await.unwrap();
    }

    /// What the webhook answers to the creation of an object in a namespace.
    pub async fn response(&self, namespace: &str, object: &Value) -> Value {
        let (group, version) =
            object["apiVersion"].as_str().and_then(|text| text.split_once('/')).unwrap_or(("", "v1"));
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
            "uid": "u", "operation": "CREATE", "namespace": namespace, "object": object,
            "name": object["metadata"]["name"],
            "kind": {"group": group, "version": version, "kind": object["kind"]}}});
        self.0.judge(&review).await["response"].clone()
    }

    /// That answer, once it is such.
    pub async fn responds(&self, namespace: &str, object: &Value, is: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let asked = async || {
            last = self.response(namespace, object).await;
            Ok(is(&last).then(|| last.clone()))
        };
        let waited = poll::until("such an answer", IN_FORCE, asked).await;
        waited.unwrap_or_else(|error| panic!("{error}: {last:#}"))
    }

    /// Waits until it says that it no longer leads.
    pub async fn until_it_leads_no_more(&self) {
        let is_over = async || {
            let lines = self.0.lines("leadership");
            Ok(lines.iter().any(|line| line["leads"] == false).then_some(()))
        };
        poll::until("the end of leadership", IN_FORCE, is_over).await.unwrap();
    }

    /// The first line of its log that begins so, once there is one.
    pub async fn logged(&self, message: &str) -> Value {
        self.0.logged(message).await
    }

    /// What the webhook has against the creation of an object.
    pub async fn message(&self, object: &Value) -> String {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or("demo");
        let response = self.response(namespace, object).await;
        response["status"]["message"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until that is all it has against it, when what it takes is looked at from time to time only.
    pub async fn answers_soon(&self, object: &Value, expected: &str) {
        self.until_within(MISSED, object, |message| message == expected).await;
    }

    /// Waits until that is all it has against it.
    pub async fn answers(&self, object: &Value, expected: &str) {
        self.until(object, |message| message == expected).await;
    }

    /// Waits until that is among what it has against it.
    pub async fn says(&self, object: &Value, expected: &str) {
        self.until(object, |message| message.contains(expected)).await;
    }

    async fn until(&self, object: &Value, is: impl Fn(&str) -> bool) {
        self.until_within(IN_FORCE, object, is).await;
    }

    async fn until_within(&self, within: Duration, object: &Value, is: impl Fn(&str) -> bool) {
        let mut last = String::new();
        let asked = async || {
            last = self.message(object).await;
            Ok(is(&last).then_some(()))
        };
        let waited = poll::until("the policies to be in force", within, asked).await;
        waited.unwrap_or_else(|error| panic!("{error}: {last:?}"));
    }
}
