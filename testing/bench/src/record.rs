//! Records the corpus: a real API server sends its reviews to a webhook that keeps them.
//!
//! [`webhook`] keeps what comes, [`api`] sends requests as the [`actor`]s in a cluster do,
//! [`play`] is what they do with the manifests of `testing/corpus`, and [`controllers`] makes what controllers would.

mod actor;
mod api;
mod controllers;
mod manifests;
mod play;
mod sizes;
mod webhook;

use std::{fs, io::Write, time::Duration};

use anyhow::{Context, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use magtape_testing::{
    certs::Authority,
    client::{Client, Effect},
    cluster::Cluster,
    corpus, poll,
};
use serde_json::{Value, json};

use api::Api;
use webhook::Webhook;

/// The API server learns of a webhook by a watch, at once but not synchronously.
const IN_FORCE: Duration = Duration::from_secs(30);

/// Fewer would mean that something was not recorded.
const AT_LEAST: usize = 150;

/// Records the corpus anew and says what is in it.
pub(crate) async fn run() -> Result<()> {
    let objects = manifests::read()?;
    let cluster = Cluster::start().await?;
    let authority = Authority::generate("magtape recording")?;
    let webhook = Webhook::start(authority.issue("webhook", cluster.folder())?).await?;
    let client = cluster.client()?;
    create(&client, &rights()).await?;
    create(&client, &registration(webhook.port, authority.pem())).await?;
    until_recorded(&client, &webhook).await?;
    play::play(&Api::of(&cluster)?, &objects).await?;
    let reviews = recorded(&webhook)?;
    ensure!(reviews.len() >= AT_LEAST, "only {} reviews were recorded", reviews.len());
    let path = corpus::file();
    fs::write(&path, [reviews.join(&b'\n'), b"\n".to_vec()].concat())
        .with_context(|| format!("cannot write {}", path.display()))?;
    writeln!(anstream::stdout().lock(), "{}", sizes::Summary::of(&reviews)?)?;
    Ok(())
}

async fn create(client: &Client, object: &Value) -> Result<()> {
    let reply = client.create(object, Effect::Real).await?;
    ensure!(reply.is_success(), "the API server refused {object}: {}", reply.message());
    Ok(())
}

/// What those who deploy may do: everything.
fn rights() -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"name": "deployers"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": actor::DEPLOYERS}],
    })
}

/// Everything is to be sent, also what policies never look at.
fn registration(port: u16, authority: &str) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "recording"},
        "webhooks": [{
            "name": "recording.shop.example",
            "clientConfig": {"url": format!("https://localhost:{port}/"), "caBundle": STANDARD.encode(authority)},
            "rules": [{"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"]}],
            "failurePolicy": "Fail",
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        }],
    })
}

/// Until the API server asks the webhook, which it does a moment after it has stored the registration.
async fn until_recorded(client: &Client, webhook: &Webhook) -> Result<()> {
    let probe = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "probe"}});
    let asked = async || {
        client.create(&probe, Effect::DryRun).await?;
        let bodies = webhook.bodies();
        let is_probe = |body: &Vec<u8>| username(body).is_ok_and(|name| name == actor::SETUP);
        Ok(bodies.iter().any(is_probe).then_some(()))
    };
    poll::until("the webhook to be asked", IN_FORCE, asked).await
}

/// What was played, and neither what set it up nor what the API server does by itself.
fn recorded(webhook: &Webhook) -> Result<Vec<Vec<u8>>> {
    let mut reviews = Vec::new();
    for body in webhook.bodies() {
        if ![actor::SETUP, "system:apiserver"].contains(&username(&body)?.as_str()) {
            reviews.push(body.trim_ascii().to_vec());
        }
    }
    Ok(reviews)
}

fn username(review: &[u8]) -> Result<String> {
    let review: Value = serde_json::from_slice(review).context("the API server sent no JSON")?;
    let name = review.pointer("/request/userInfo/username").and_then(Value::as_str);
    Ok(name.context("a review names no user")?.to_owned())
}
