//! A cluster's life in short: two replicas follow policies that change all the time, an API server asks them, and
//! nothing may fail or grow. `cargo xtask soak` runs it.
//!
//! [`policies`] has the policies that never change and makes the others change, [`load`] asks and holds each answer
//! against the former, [`replica`] starts what is asked, [`tally`] counts and says what came of it.

mod load;
mod policies;
mod replica;
mod tally;

use std::{
    cell::RefCell,
    io::Write,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::Args;
use magtape_testing::{
    certs::Authority,
    client::{Client, Effect},
    cluster::Cluster,
};
use serde_json::{Value, json};

use replica::Replica;
use tally::Tally;

/// The namespace that the replicas and their policies live in.
const HOME: &str = "soak-home";

/// The namespace whose objects are judged.
const JUDGED: &str = "soak-judged";

/// The label by which an object says which replica is to judge it.
const LABEL: &str = "soak.example.com/replica";

/// How often memory is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// How often a line is printed.
const LINE: Duration = Duration::from_secs(30);

/// For how long.
#[derive(Args, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// For so many minutes
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1440))]
    minutes: u64,
}

/// Runs, prints what happens, and fails when something did.
pub(crate) async fn run(options: Options) -> Result<()> {
    let cluster = Cluster::start().await?;
    let client = cluster.client()?;
    for namespace in [HOME, JUDGED] {
        create(&client, &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}))
            .await?;
    }
    policies::create(&client).await?;
    let authority = Authority::generate("magtape soak")?;
    // The second finds the Rego compiler compiled.
    let one = Replica::start(&cluster, &authority, "one").await?;
    let two = Replica::start(&cluster, &authority, "two").await?;
    let replicas = [&one, &two];
    create(&client, &registration(&replicas, authority.pem())).await?;
    for replica in replicas {
        load::prepare(&client, replica.name).await?;
    }
    let (tally, end) =
        (RefCell::new(Tally::default()), Instant::now() + Duration::from_secs(60 * options.minutes));
    tokio::try_join!(
        policies::churn(&client, &tally, end),
        load::run(&client, one.name, &tally, end),
        load::run(&client, two.name, &tally, end),
        look(&replicas, &tally, end),
    )?;
    for replica in replicas {
        policies::are_still_followed(&client, replica.name).await?;
    }
    say(&tally.into_inner().verdict()?)
}

/// Looks at memory, and prints a line now and then.
async fn look(replicas: &[&Replica], tally: &RefCell<Tally>, end: Instant) -> Result<()> {
    let (start, mut line) = (Instant::now(), LINE);
    let mut ticks = tokio::time::interval(LOOK);
    while Instant::now() < end {
        ticks.tick().await;
        let memory = replicas.iter().map(|replica| replica.memory()).collect::<Result<_>>()?;
        let mut tally = tally.borrow_mut();
        tally.remember(memory);
        if start.elapsed() >= line {
            line += LINE;
            say(&tally.line(start.elapsed()))?;
        }
    }
    Ok(())
}

fn say(line: &str) -> Result<()> {
    Ok(writeln!(anstream::stdout().lock(), "{line}")?)
}

/// Each replica judges the objects that name it. Nothing is admitted that could not be judged.
fn registration(replicas: &[&Replica], authority: &str) -> Value {
    let webhook = |replica: &&Replica| {
        json!({
            "name": format!("{}.soak.example.com", replica.name),
            "clientConfig": {"url": replica.url(), "caBundle": STANDARD.encode(authority)},
            "rules": [{"operations": ["CREATE", "UPDATE"], "apiGroups": ["apps"], "apiVersions": ["v1"],
                "resources": ["deployments"]}],
            "objectSelector": {"matchLabels": {LABEL: replica.name}},
            "failurePolicy": "Fail",
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        })
    };
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "soak"},
        "webhooks": replicas.iter().map(webhook).collect::<Vec<_>>(),
    })
}

/// Creates an object, for good.
async fn create(client: &Client, object: &Value) -> Result<()> {
    let reply = client.create(object, Effect::Real).await?;
    ensure!(reply.is_success(), "{reply:?}");
    Ok(())
}
