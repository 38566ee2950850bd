//! Deployments that are created and updated through the API server, and stored only once.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use magtape_testing::{
    client::{Client, Effect, Reply},
    poll,
};
use serde_json::{Value, json};

use super::{
    JUDGED, LABEL, Tally, create,
    policies::{CHURNED, DENIED, WARNED},
};

/// Twenty requests a second for each replica, which leaves the cores time for the policies.
const REQUEST: Duration = Duration::from_millis(50);

/// The API server learns of a registration by a watch.
const IN_FORCE: Duration = Duration::from_secs(60);

/// What must come of a request.
#[derive(Clone, Copy)]
enum Expected {
    Admitted,
    Refused,
}

/// Waits until the replica is asked, and stores the Deployment that is updated later.
pub(super) async fn prepare(client: &Client, replica: &str) -> Result<()> {
    let mut last = None;
    let judged = async || {
        let mut wrong = None;
        for number in 0..2 {
            let (reply, expected) = ask(client, replica, number).await?;
            wrong = wrong.or(expected.wrong(&reply));
        }
        let holds = wrong.is_none();
        last = wrong;
        Ok(holds.then_some(()))
    };
    let waited = poll::until("the replica to be asked", IN_FORCE, judged).await;
    waited.with_context(|| format!("the last answer: {last:?}"))?;
    create(client, &deployment("stored", replica, true)).await
}

/// Asks until the end.
pub(super) async fn run(client: &Client, replica: &str, tally: &RefCell<Tally>, end: Instant) -> Result<()> {
    let mut ticks = tokio::time::interval(REQUEST);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for number in 0.. {
        ticks.tick().await;
        let start = Instant::now();
        if start >= end {
            break;
        }
        let wrong = match ask(client, replica, number).await {
            Ok((reply, expected)) => expected.wrong(&reply),
            Err(error) => Some(format!("{error:#}")),
        };
        let wrong = wrong.map(|wrong| format!("replica {replica}, request {number}: {wrong}"));
        tally.borrow_mut().asked(start.elapsed(), wrong);
    }
    Ok(())
}

/// One request, and what must come of it.
async fn ask(client: &Client, replica: &str, number: u64) -> Result<(Reply, Expected)> {
    let stored = deployment("stored", replica, true);
    Ok(match number % 4 {
        0 => (client.create(&deployment("new", replica, true), Effect::DryRun).await?, Expected::Admitted),
        1 => (client.create(&deployment("new", replica, false), Effect::DryRun).await?, Expected::Refused),
        2 => {
            let patch = json!({"spec": {"replicas": 2 + number % 7}});
            (client.patch_dry_run(&stored, &patch).await?, Expected::Admitted)
        }
        _ => {
            let patch = json!({"metadata": {"labels": {"team": null}}});
            (client.patch_dry_run(&stored, &patch).await?, Expected::Refused)
        }
    })
}

/// A Deployment that this replica is to judge, of a team or of none.
pub(super) fn deployment(name: &str, replica: &str, has_team: bool) -> Value {
    let mut labels = json!({LABEL: replica});
    if let Some(labels) = labels.as_object_mut().filter(|_| has_team) {
        labels.insert("team".to_owned(), json!("shop"));
    }
    let selected = json!({"app": name});
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": format!("{name}-{replica}"), "namespace": JUDGED, "labels": labels},
        "spec": {"replicas": 1, "selector": {"matchLabels": selected}, "template": {
            "metadata": {"labels": selected},
            "spec": {"containers": [{"name": "app", "image": "registry.example.com/shop/app:1"}]}}}})
}

// === impl Expected ===

impl Expected {
    /// What of an answer is not as it must be. The policies that change may warn, and nothing else.
    fn wrong(self, reply: &Reply) -> Option<String> {
        let decided = match self {
            Self::Admitted => reply.is_success(),
            Self::Refused => reply.status == 403 && reply.message().contains(DENIED),
        };
        let known = |warning: &String| {
            warning == WARNED || warning.ends_with(CHURNED) || (warning == DENIED && !reply.is_success())
        };
        let warned = reply.warnings.iter().any(|warning| warning == WARNED);
        let holds = decided && warned && reply.warnings.iter().all(known);
        let Reply { status, warnings, .. } = reply;
        (!holds).then(|| format!("status {status}, message {:?}, warnings {warnings:?}", reply.message()))
    }
}
