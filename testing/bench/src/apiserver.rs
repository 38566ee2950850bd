//! What a user feels: how much longer the API server takes to create a Deployment (dry run) when something judges it.
//!
//! Nothing judges, then a webhook that does nothing ([`noop`]), `magtape serve`, an OPA server with the same twelve
//! policies, and five of them as ValidatingAdmissionPolicies ([`twins`]), in turn, over and over, so that what slows
//! the machine slows all of them. [`judge`] registers them and waits until each is in force.

mod judge;
pub(crate) mod noop;
mod objects;
mod twins;

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use magtape_testing::{
    client::{Client, Effect},
    cluster::Cluster,
};

use crate::{
    report::{Goal, Line},
    wire::{
        server::{Site, System},
        stats::median,
    },
};
use judge::Judge;

/// How often each has its turn.
const ROUNDS: usize = 8;

/// Deployments in one turn that are measured, and before them some that are not.
const MEASURED: usize = 100;
const WARM_UP: usize = 25;

/// A judge, and how long it took for each Deployment, in milliseconds.
struct Figures {
    judge: Judge,
    taken: Vec<f64>,
}

/// Measures, in about a minute.
pub(crate) async fn lines() -> Result<Vec<Line>> {
    let cluster = Cluster::start().await?;
    // After the cluster, so that the servers end before it.
    let site = Site::new()?;
    let (mut servers, mut figures) = (Vec::new(), vec![Figures::new(Judge::nobody())]);
    for system in [System::Noop, System::Magtape, System::Opa] {
        let server = site.start(system, None).await?;
        figures.push(Figures::new(Judge::webhook(&server)));
        servers.push(server);
    }
    figures.push(Figures::new(Judge::policies()));
    let client = cluster.client()?;
    judge::create(&client, &objects::namespace()).await?;
    for round in 0..ROUNDS {
        for turn in 0..figures.len() {
            let index = (round + turn) % figures.len();
            figures.get_mut(index).context("there are as many figures as turns")?.turn(&client).await?;
        }
    }
    findings(&figures)
}

// === impl Figures ===

impl Figures {
    fn new(judge: Judge) -> Self {
        Self { judge, taken: Vec::new() }
    }

    /// Has the judge in force for as long as it is measured.
    async fn turn(&mut self, client: &Client) -> Result<()> {
        self.judge.register(client).await.with_context(|| self.judge.name)?;
        let deployment = objects::deployment();
        for number in 0..WARM_UP + MEASURED {
            let start = Instant::now();
            let reply = client.create(&deployment, Effect::DryRun).await?;
            let taken = start.elapsed().as_secs_f64() * 1e3;
            ensure!(reply.is_success(), "{} refused a clean Deployment: {reply:?}", self.judge.name);
            if number >= WARM_UP {
                self.taken.push(taken);
            }
        }
        self.judge.withdraw(client).await.with_context(|| self.judge.name)
    }

    fn median(&self) -> f64 {
        median(&self.taken)
    }
}

/// What each adds to nothing, beside what `magtape serve` adds.
fn findings(figures: &[Figures]) -> Result<Vec<Line>> {
    let [nobody, noop, magtape, opa, policies] = figures else {
        anyhow::bail!("there are {} judges, not five", figures.len());
    };
    let base = nobody.median();
    let added = |figures: &Figures| figures.median() - base;
    let scale = format!("{} Deployments each, {base:.2} ms when nothing judges", nobody.taken.len());
    let line = |other: &Figures, goal| Line {
        what: format!("latency added to the API server's, beside {}", other.judge.name),
        measured: added(magtape) / added(other),
        unit: "x",
        goal,
        detail: format!("{:.2} ms beside {:.2} ms added, median; {scale}", added(magtape), added(other)),
    };
    Ok(vec![line(noop, Some(Goal::AtMost(1.2))), line(opa, None), line(policies, None)])
}
