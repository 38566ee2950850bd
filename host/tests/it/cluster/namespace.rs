//! A namespace for each test, and what a test says about its objects.

use std::{fs, time::Duration};

use magtape_testing::client::{Client, Effect, Reply};
use magtape_testing::cluster::AUDIT_LOG;
use magtape_testing::poll;
use serde_json::{Value, json};

use super::objects;
use super::stage::{IN_FORCE, Stage, create, judged, placed};

/// A line of the log is written some milliseconds after the answer, on a busy machine later.
const LOGGED: Duration = Duration::from_secs(10);

const DENIED: &str = "admission webhook \"magtape.webhook.k8s.t-mobile.com\" denied the request: ";

/// A test's own namespace, and a client.
pub struct Namespace {
    pub name: String,
    pub client: Client,
    stage: &'static Stage,
}

// === impl Namespace ===

impl Namespace {
    /// A namespace whose objects are judged.
    pub async fn new(name: &str) -> Self {
        Self::with_labels(name, judged()).await
    }

    /// A namespace whose objects are not judged.
    pub async fn unjudged(name: &str) -> Self {
        Self::with_labels(name, json!({})).await
    }

    async fn with_labels(name: &str, labels: Value) -> Self {
        let stage = Stage::shared().await;
        let client = stage.cluster.client().unwrap();
        create(&client, &objects::namespace(name, labels)).await;
        Self { name: name.to_owned(), client, stage }
    }

    /// Has this namespace judged, and waits until a deletion of `violating` would be refused.
    pub async fn judge_from_now_on(&self, violating: &Value) {
        let namespace = objects::namespace(&self.name, judged());
        let reply = self.client.patch(&namespace, &namespace).await.unwrap();
        assert!(reply.is_success(), "{reply:?}");
        let refused =
            async || Ok((self.client.delete(violating, Effect::DryRun).await?.status == 403).then_some(()));
        poll::until("the namespace to be judged", IN_FORCE, refused).await.unwrap();
    }

    /// The object, in this namespace.
    pub fn place(&self, object: Value) -> Value {
        placed(object, &self.name)
    }

    /// Creates the object, which must be admitted with exactly these warnings.
    pub async fn admits(&self, object: Value, warnings: &[&str]) -> Value {
        let object = self.place(object);
        let reply = self.client.create(&object, Effect::Real).await.unwrap();
        assert!(reply.is_success(), "{reply:?}");
        assert_eq!(reply.warnings, warnings);
        object
    }

    /// Creates the object, which must be refused for exactly these violations.
    pub async fn refuses(&self, object: Value, violations: &[&str]) -> Reply {
        let reply = self.client.create(&self.place(object), Effect::Real).await.unwrap();
        assert_refused(&reply, violations);
        reply
    }

    /// The annotations of the creation of an object in the API server's audit log.
    pub async fn audited(&self, name: &str) -> Value {
        let path = self.stage.cluster.folder().join(AUDIT_LOG);
        let is_it = |event: &Value| {
            let of = &event["objectRef"];
            event["verb"] == "create" && of["namespace"] == self.name.as_str() && of["name"] == name
        };
        let noted = async || {
            let log = fs::read_to_string(&path)?;
            let mut events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            Ok(events.find(is_it).map(|event| event["annotations"].clone()))
        };
        poll::until(&format!("{name} to be audited"), LOGGED, noted).await.unwrap()
    }

    /// Asserts that the webhook has judged this, here or in the cluster: that something is admitted does not show
    /// that anyone was asked.
    pub async fn was_asked(&self, kind: &str, name: &str, operation: &str) {
        let judged = |line: &Value| {
            line["message"] == "judged"
                && (line["kind"] == kind && line["name"] == name && line["operation"] == operation)
                && (line["namespace"] == self.name || line["namespace"] == "")
        };
        // Lines are written a moment after the answer.
        let logged = async || {
            let log = self.stage.webhook.log()?;
            let mut lines = log.lines().filter_map(|line| serde_json::from_str(line).ok());
            Ok(lines.any(|line| judged(&line)).then_some(()))
        };
        let what = format!("a line about {operation} {kind} {name}");
        let logged = poll::until(&what, LOGGED, logged).await;
        logged.unwrap_or_else(|error| panic!("{error}\n{}", self.stage.webhook.log().unwrap()));
    }
}

/// Asserts that the reply is the webhook's refusal, word for word.
pub fn assert_refused(reply: &Reply, violations: &[&str]) {
    assert_eq!(reply.message(), format!("{DENIED}{}", violations.join(", ")));
    assert_eq!(reply.status, 403);
    assert_eq!(reply.warnings, violations);
}
