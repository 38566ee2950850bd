//! The cluster with the webhook registered, which all tests share.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use magtape_testing::certs::Authority;
use magtape_testing::client::{Client, Effect};
use magtape_testing::cluster::Cluster;
use magtape_testing::daemon::Daemon;
use magtape_testing::poll;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::objects;

/// Compiling twelve policies takes a second or two, more beside other tests.
const STARTED: Duration = Duration::from_secs(60);

/// The API server learns of a new webhook or label by a watch, at once but not synchronously.
pub const IN_FORCE: Duration = Duration::from_secs(30);

/// A cluster whose API server asks the webhook.
pub struct Stage {
    pub webhook: Daemon,
    pub cluster: &'static Cluster,
}

// === impl Stage ===

impl Stage {
    /// The stage that all tests share: set up for the first that asks, once.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<Result<Stage, String>> = OnceCell::const_new();
        let shared =
            SHARED.get_or_init(async || Self::start().await.map_err(|error| format!("{error:#}"))).await;
        shared.as_ref().unwrap_or_else(|error| panic!("{error}"))
    }

    async fn start() -> Result<Self> {
        let cluster = Cluster::shared().await?;
        let authority = Authority::generate("magtape test webhook")?;
        let (webhook, port) = serve(cluster, &authority).await?;
        let stage = Self { webhook, cluster };
        let client = cluster.client()?;
        create(&client, &registration(port, authority.pem())).await;
        stage.until_in_force(&client).await?;
        Ok(stage)
    }

    /// Until the API server asks the webhook, which it does a moment after it has stored the registration.
    async fn until_in_force(&self, client: &Client) -> Result<()> {
        create(client, &objects::namespace("in-force", judged())).await;
        let pod = placed(objects::pod("probe", objects::privileged()), "in-force");
        let mut last = None;
        let refused = async || {
            let reply = client.create(&pod, Effect::DryRun).await?;
            let refused = reply.status == 403;
            last = Some(reply);
            Ok(refused.then_some(()))
        };
        let waited = poll::until("the webhook to be in force", IN_FORCE, refused).await;
        waited.with_context(|| format!("the last answer: {last:?}\n{}", self.webhook.tail()))
    }
}

/// The labels by which objects are judged, as MagTape has always had them.
pub fn judged() -> Value {
    json!({"k8s.t-mobile.com/magtape": "enabled"})
}

/// What an administrator would apply. Objects in namespaces are chosen by their namespace's label, those of the
/// cluster by their own.
fn registration(port: u16, authority: &str) -> Value {
    let authority = STANDARD.encode(authority);
    let webhook = |name: &str, selector: &str, resources: &[&str]| {
        json!({
            "name": name,
            "clientConfig": {"url": format!("https://localhost:{port}/"), "caBundle": authority},
            "rules": [{"operations": ["CREATE", "UPDATE", "DELETE"], "apiGroups": ["", "apps", "policy"],
                "apiVersions": ["*"], "resources": resources}],
            selector: {"matchLabels": judged()},
            "failurePolicy": "Fail",
            "sideEffects": "NoneOnDryRun",
            "admissionReviewVersions": ["v1"],
        })
    };
    let namespaced = ["namespaces", "pods", "deployments", "replicasets", "services", "poddisruptionbudgets"];
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "magtape-webhook"},
        "webhooks": [
            webhook("magtape.webhook.k8s.t-mobile.com", "namespaceSelector", &namespaced),
            webhook("cluster.magtape.webhook.k8s.t-mobile.com", "objectSelector", &["persistentvolumes"]),
        ],
    })
}

/// Starts the real binary with a certificate of `authority`, and gives the port it listens on.
async fn serve(cluster: &Cluster, authority: &Authority) -> Result<(Daemon, u16)> {
    let identity = authority.issue("magtape", cluster.folder())?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_magtape"));
    command
        .args(["serve", "--listen", "127.0.0.1:0"])
        .arg("--tls-cert")
        .arg(identity.cert)
        .arg("--tls-key")
        .arg(identity.key)
        .env("MAGTAPE_DENY_LEVEL", "LOW")
        .env("MAGTAPE_LOG_LEVEL", "INFO")
        .env("MAGTAPE_LOG_FORMAT", "json");
    let mut webhook = Daemon::start("magtape", &mut command, &cluster.folder().join("magtape.log"))?;
    cluster.watch(&webhook)?;
    let listening = async |webhook: &Daemon| Ok(port_in(&webhook.log()?));
    let port = webhook.until("the webhook to listen", STARTED, listening).await?;
    Ok((webhook, port))
}

/// The port in `listening on https://127.0.0.1:PORT`, once that line is whole.
fn port_in(log: &str) -> Option<u16> {
    let line = log.split_inclusive('\n').find(|line| line.contains("https://") && line.ends_with('\n'))?;
    let address = line.split("https://").nth(1)?.split(['"', ' ', '\n']).next()?;
    address.rsplit(':').next()?.parse().ok()
}

pub async fn create(client: &Client, object: &Value) {
    let reply = client.create(object, Effect::Real).await.unwrap();
    assert!(reply.is_success(), "{reply:?}");
}

pub fn placed(mut object: Value, namespace: &str) -> Value {
    object["metadata"]["namespace"] = json!(namespace);
    object
}
