//! The policies: two that never change, and some that are created, edited, broken, mended and deleted, over and over.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use magtape_testing::{
    client::{Client, Effect, Reply},
    poll,
};
use serde_json::{Value, json};

use super::{HOME, Tally, create as create_object, load};

/// What denies a Deployment without the label `team`.
pub(super) const DENIED: &str = "[FAIL] HIGH - There is no team (SOAK1)";

/// What every Deployment is warned of.
pub(super) const WARNED: &str = "[FAIL] LOW - This is a soak (SOAK2)";

/// What the changing policies warn of ends so.
pub(super) const CHURNED: &str = "(SOAK3)";

/// Three changes a second.
const CHANGE: Duration = Duration::from_millis(333);

/// How many policies change.
const CHANGING: u64 = 8;

/// A change is in force within a second; the cores are busy.
const IN_FORCE: Duration = Duration::from_secs(30);

/// What becomes of a policy next.
#[derive(Clone, Copy)]
enum Change {
    Created,
    Edited,
    Broken,
    Mended,
    Deleted,
}

const LIFE: [Change; 5] = [Change::Created, Change::Edited, Change::Broken, Change::Mended, Change::Deleted];

/// Creates the policies that never change.
pub(super) async fn create(client: &Client) -> Result<()> {
    let team = "not input.request.object.metadata.labels.team";
    create_object(client, &config_map("team", &rego("team", "HIGH", "SOAK1", team, "There is no team")))
        .await?;
    create_object(client, &config_map("soak", &rego("soak", "LOW", "SOAK2", "true", "This is a soak"))).await
}

/// Changes the others until the end.
pub(super) async fn churn(client: &Client, tally: &RefCell<Tally>, end: Instant) -> Result<()> {
    let mut ticks = tokio::time::interval(CHANGE);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for number in 0.. {
        ticks.tick().await;
        if Instant::now() >= end {
            break;
        }
        let reply = change(client, number).await?;
        ensure!(reply.is_success(), "change {number} of the policies was refused: {reply:?}");
        tally.borrow_mut().changed();
    }
    Ok(())
}

/// Each policy in turn lives on by one change.
async fn change(client: &Client, number: u64) -> Result<Reply> {
    let (name, round) = (format!("changing-{}", number % CHANGING), number / CHANGING);
    let phase = usize::try_from(round % 5)?;
    let change = LIFE.get(phase).context("there are five changes in a life")?;
    // Mended, it is what it was before it was broken; else nobody has seen it before.
    let text = |number: u64| rego(&name, "LOW", "SOAK3", "true", &format!("Change {number}"));
    let object = |text: &str| config_map(&name, text);
    let patch = |text: &str| json!({"data": {"policy.rego": text}});
    match change {
        Change::Created => client.create(&object(&text(number)), Effect::Real).await,
        Change::Edited => client.patch(&object(""), &patch(&text(number))).await,
        Change::Broken => client.patch(&object(""), &patch("package broken\n\ndeny {")).await,
        Change::Mended => client.patch(&object(""), &patch(&text(number - 2 * CHANGING))).await,
        Change::Deleted => client.delete(&object(""), Effect::Real).await,
    }
}

/// Whether a replica still takes up what changes: the last change is the one that tells.
pub(super) async fn are_still_followed(client: &Client, replica: &str) -> Result<()> {
    let (name, text) = (format!("last-{replica}"), format!("The last of {replica}"));
    create_object(client, &config_map(&name, &rego(&name, "LOW", "SOAK3", "true", &text))).await?;
    let warned = async || {
        let reply = client.create(&load::deployment("last", replica, true), Effect::DryRun).await?;
        Ok(reply.warnings.iter().any(|warning| warning.contains(&text)).then_some(()))
    };
    poll::until("the last policy to be in force", IN_FORCE, warned).await.context(name)
}

fn config_map(name: &str, text: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"policy.rego": text}, "metadata": {
        "name": name, "namespace": HOME, "labels": {"openpolicyagent.org/policy": "rego"}}})
}

/// A policy in MagTape's dialect that denies Deployments on a condition.
fn rego(name: &str, severity: &str, code: &str, condition: &str, text: &str) -> String {
    let package = name.replace('-', "_");
    format!(
        r#"package kubernetes.admission.{package}

policy_metadata = {{"name": "{name}", "severity": "{severity}", "errcode": "{code}", "targets": {{"Deployment"}}}}

matches {{
  policy_metadata.targets[input.request.kind.kind]
}}

deny[info] {{
  {condition}
  msg = sprintf("[FAIL] %v - {text} (%v)", [policy_metadata.severity, policy_metadata.errcode])
  info := {{"name": policy_metadata.name, "severity": policy_metadata.severity, "errcode": policy_metadata.errcode, "msg": msg}}
}}
"#
    )
}
