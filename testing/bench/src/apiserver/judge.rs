//! What the API server asks, and how to make it ask.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use magtape_testing::{
    client::{Client, Effect, Reply},
    poll,
};
use serde_json::{Value, json};

use super::{objects, twins};
use crate::wire::server::Server;

/// The API server learns of a registration by a watch, and looks at policies once a second.
const IN_FORCE: Duration = Duration::from_secs(30);

/// Something that judges what is created.
pub(super) struct Judge {
    /// What it is called in the table.
    pub(super) name: &'static str,
    /// The objects by which the API server knows of it.
    registration: Vec<Value>,
    probes: Vec<Probe>,
}

/// What tells whether a judge is in force.
pub(super) struct Probe {
    /// An object that is refused while it is.
    pub(super) object: Value,
    /// What the refusal says.
    pub(super) refusal: String,
}

// === impl Judge ===

impl Judge {
    /// Nobody judges.
    pub(super) fn nobody() -> Self {
        Self { name: "nobody", registration: Vec::new(), probes: Vec::new() }
    }

    /// A webhook judges.
    pub(super) fn webhook(server: &Server) -> Self {
        let probe = Probe { object: objects::violating(), refusal: WEBHOOK.to_owned() };
        Self { name: server.system.name(), registration: vec![registration(server)], probes: vec![probe] }
    }

    /// The API server judges, by five policies in its own language.
    pub(super) fn policies() -> Self {
        Self {
            name: "ValidatingAdmissionPolicy (five of the twelve)",
            registration: twins::objects(),
            probes: twins::probes(),
        }
    }

    /// Has objects judged, and waits until each probe is refused.
    pub(super) async fn register(&self, client: &Client) -> Result<()> {
        for object in &self.registration {
            create(client, object).await?;
        }
        for probe in &self.probes {
            let refused = |reply: &Reply| !reply.is_success() && reply.message().contains(&probe.refusal);
            wait(client, probe, "it to be in force", refused).await?;
        }
        Ok(())
    }

    /// Has objects no longer judged, and waits until each probe is admitted.
    pub(super) async fn withdraw(&self, client: &Client) -> Result<()> {
        for object in &self.registration {
            let reply = client.delete(object, Effect::Real).await?;
            ensure!(reply.is_success(), "{reply:?}");
        }
        for probe in &self.probes {
            wait(client, probe, "it to be out of force", Reply::is_success).await?;
        }
        Ok(())
    }
}

/// Creates an object, for good.
pub(super) async fn create(client: &Client, object: &Value) -> Result<()> {
    let reply = client.create(object, Effect::Real).await?;
    ensure!(reply.is_success(), "{reply:?}");
    Ok(())
}

async fn wait(client: &Client, probe: &Probe, what: &str, condition: impl Fn(&Reply) -> bool) -> Result<()> {
    let mut last = None;
    let waited = poll::until(what, IN_FORCE, async || {
        let reply = client.create(&probe.object, Effect::DryRun).await?;
        let holds = condition(&reply);
        last = Some(reply);
        Ok(holds.then_some(()))
    });
    waited.await.with_context(|| format!("the last answer: {last:?}"))
}

const WEBHOOK: &str = "judge.bench.example.com";

fn registration(server: &Server) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "judge"},
        "webhooks": [{
            "name": WEBHOOK,
            "clientConfig": {"url": server.url(), "caBundle": STANDARD.encode(&server.authority)},
            "rules": objects::rules(),
            "matchPolicy": "Exact",
            "namespaceSelector": {"matchLabels": objects::labels()},
            "failurePolicy": "Fail",
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        }],
    })
}
