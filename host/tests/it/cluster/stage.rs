//! The cluster with the webhook registered, which all tests share.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use magtape_testing::certs::Authority;
use magtape_testing::client::{Client, Effect};
use magtape_testing::cluster::Cluster;
use magtape_testing::daemon::Daemon;
use magtape_testing::poll;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::objects;

/// The label by which objects are judged; its value names the stage that judges them. A stage that has ended, on
/// a cluster that lives on, is asked about nothing more.
const JUDGED_BY: &str = "magtape.test/judged-by";

/// Compiling twelve policies takes a second or two, more beside other tests.
const STARTED: Duration = Duration::from_secs(60);

/// The API server learns of a new webhook or label by a watch, at once but not synchronously.
pub const IN_FORCE: Duration = Duration::from_secs(30);

/// A cluster whose API server asks the webhook.
pub struct Stage {
    name: String,
    pub webhook: Daemon,
    pub cluster: Arc<Cluster>,
}

// === impl Stage ===

impl Stage {
    /// The stage that all tests share, ended with the last that holds it.
    pub async fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Stage>> = Mutex::const_new(Weak::new());
        let mut shared = SHARED.lock().await;
        if let Some(stage) = shared.upgrade() {
            return stage;
        }
        let stage = Arc::new(Self::start().await);
        *shared = Arc::downgrade(&stage);
        stage
    }

    async fn start() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("stage-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let cluster = Cluster::shared().await.unwrap();
        let authority = Authority::generate("magtape test webhook").unwrap();
        let (webhook, port) = serve(&name, cluster.folder(), &authority).await;
        let stage = Self { name, webhook, cluster };
        let client = stage.cluster.client().unwrap();
        create(&client, &stage.registration(port, authority.pem())).await;
        stage.until_in_force(&client).await;
        stage
    }

    /// The labels by which objects are judged.
    pub fn labels(&self) -> Value {
        json!({ JUDGED_BY: self.name })
    }

    /// What an administrator would apply. Objects in namespaces are chosen by their namespace's label, those of
    /// the cluster by their own.
    fn registration(&self, port: u16, authority: &str) -> Value {
        let authority = STANDARD.encode(authority);
        let webhook = |name: &str, selector: &str, resources: &[&str]| {
            json!({
                "name": name,
                "clientConfig": {"url": format!("https://localhost:{port}/"), "caBundle": authority},
                "rules": [{"operations": ["CREATE", "UPDATE", "DELETE"], "apiGroups": ["", "apps", "policy"],
                    "apiVersions": ["*"], "resources": resources}],
                selector: {"matchLabels": self.labels()},
                "failurePolicy": "Fail",
                "sideEffects": "NoneOnDryRun",
                "admissionReviewVersions": ["v1"],
            })
        };
        let namespaced =
            ["namespaces", "pods", "deployments", "replicasets", "services", "poddisruptionbudgets"];
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": self.name},
            "webhooks": [
                webhook("magtape.webhook.k8s.t-mobile.com", "namespaceSelector", &namespaced),
                webhook("cluster.magtape.webhook.k8s.t-mobile.com", "objectSelector", &["persistentvolumes"]),
            ],
        })
    }

    /// Until the API server asks the webhook, which it does a moment after it has stored the registration.
    async fn until_in_force(&self, client: &Client) {
        create(client, &objects::namespace(&self.name, self.labels())).await;
        let pod = placed(objects::pod("probe", objects::privileged()), &self.name);
        let mut last = None;
        let refused = async || {
            let reply = client.create(&pod, Effect::DryRun).await?;
            let refused = reply.status == 403;
            last = Some(reply);
            Ok(refused.then_some(()))
        };
        let waited = poll::until("the webhook to be in force", IN_FORCE, refused).await;
        assert!(waited.is_ok(), "{waited:?}; the last answer: {last:?}\n{}", self.webhook.tail());
    }
}

/// Starts the real binary with a certificate of `authority`, and gives the port it listens on.
async fn serve(name: &str, folder: &Path, authority: &Authority) -> (Daemon, u16) {
    let identity = authority.issue(name, folder).unwrap();
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
    let log = folder.join(format!("{name}.log"));
    let mut webhook = Daemon::start("magtape", &mut command, &log).unwrap();
    let listening = async |webhook: &Daemon| Ok(port_in(&webhook.log()?));
    let port = webhook.until("the webhook to listen", STARTED, listening).await.unwrap();
    (webhook, port)
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
