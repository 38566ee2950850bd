//! Requests a second over TLS: `magtape serve` beside an OPA server with the same twelve policies, and beside a
//! webhook that does nothing, which shows what TLS and HTTP alone allow.
//!
//! The servers have one core and the load has another. HTTP/1.1 is what an API server speaks to a webhook behind a
//! Service; HTTP/2, all requests in one connection, is what it speaks to a webhook on its own host. [`agree`] holds
//! the verdicts of both systems against each other before anything is measured, [`load`] asks, [`schedule`] says
//! when, [`server`] starts what is asked, [`findings`] makes lines of what came out.

mod agree;
pub(crate) mod body;
mod client;
pub(crate) mod cores;
mod findings;
mod load;
pub(crate) mod process;
mod schedule;
pub(crate) mod server;
pub(crate) mod stats;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use hyper::body::Bytes;
use magtape_testing::corpus;

use crate::report::Line;
use client::{Protocol, Target};
use cores::Cores;
use findings::{Figures, Memory};
use load::Ran;
use schedule::Schedule;
use server::{Server, Site, System};

/// How often each system has its turn.
const ROUNDS: usize = 3;

/// How long one turn takes.
const TURN: Duration = Duration::from_secs(5);

/// Requests before memory is looked at. They warm the servers up too.
const WARM_UP: u64 = 10_000;

/// What is asked in which way. Over TLS an OPA server does not offer HTTP/2.
const WAYS: [(System, Protocol); 5] = [
    (System::Magtape, Protocol::Http1),
    (System::Opa, Protocol::Http1),
    (System::Noop, Protocol::Http1),
    (System::Magtape, Protocol::Http2),
    (System::Noop, Protocol::Http2),
];

/// The reviews, as they go over the wire.
pub(crate) type Reviews = Arc<[Bytes]>;

/// What is measured with.
struct Bench {
    cores: Cores,
    reviews: Reviews,
    servers: Vec<Server>,
    // After the servers, whose files are in it.
    site: Site,
}

/// Measures, in about three minutes.
pub(crate) async fn lines() -> Result<Vec<Line>> {
    let bench = Bench::start().await?;
    let (magtape, opa) = (bench.server(System::Magtape)?, bench.server(System::Opa)?);
    agree::check(magtape, opa, &bench.reviews).await?;
    let memory = bench.memory().await?;
    let mut figures: Vec<Figures> =
        WAYS.iter().map(|&(system, protocol)| Figures::new(system, protocol)).collect();
    for _ in 0..ROUNDS {
        for figures in &mut figures {
            let schedule = Schedule::at_once(TURN, u64::MAX);
            let ran = bench.run(figures.system, figures.protocol, schedule).await?;
            figures.saturated.push(ran);
        }
    }
    for _ in 0..ROUNDS {
        for figures in &mut figures {
            let schedule = Schedule::at_rate(figures.rate() / 2.0, TURN);
            let ran = bench.run(figures.system, figures.protocol, schedule).await?;
            figures.half.push(ran);
        }
    }
    findings::lines(&figures, &memory)
}

// === impl Bench ===

impl Bench {
    async fn start() -> Result<Self> {
        let (cores, site, reviews) = (Cores::pick()?, Site::new()?, reviews()?);
        let mut servers = Vec::new();
        for system in [System::Magtape, System::Opa, System::Noop] {
            servers.push(site.start(system, Some(cores.server)).await?);
        }
        Ok(Self { cores, reviews, servers, site })
    }

    fn server(&self, system: System) -> Result<&Server> {
        self.servers.iter().find(|server| server.system == system).context("the server was not started")
    }

    /// Memory after ten thousand requests; of `magtape serve` also when it finds its policies compiled.
    async fn memory(&self) -> Result<Memory> {
        let again = self.site.start(System::Magtape, Some(self.cores.server)).await?;
        Ok(Memory {
            compiled_at_start: self.memory_of(self.server(System::Magtape)?).await?,
            compiled_before: self.memory_of(&again).await?,
            opa: self.memory_of(self.server(System::Opa)?).await?,
            noop: self.memory_of(self.server(System::Noop)?).await?,
        })
    }

    async fn memory_of(&self, server: &Server) -> Result<process::Resident> {
        self.ask(server, Protocol::Http1, Schedule::at_once(Duration::MAX, WARM_UP)).await?;
        process::resident(server.id())
    }

    async fn run(&self, system: System, protocol: Protocol, schedule: Schedule) -> Result<Ran> {
        self.ask(self.server(system)?, protocol, schedule).await
    }

    /// Has the load's core ask the server, and adds what the server's own clock says.
    async fn ask(&self, server: &Server, protocol: Protocol, schedule: Schedule) -> Result<Ran> {
        let (target, reviews) = (Target::new(server, protocol)?, Arc::clone(&self.reviews));
        let before = process::cpu(server.id())?;
        let mut ran = cores::on(self.cores.load, move || load::run(&target, &reviews, schedule)).await?;
        ran.server_cpu = process::cpu(server.id())?.saturating_sub(before);
        Ok(ran)
    }
}

/// The recorded reviews.
fn reviews() -> Result<Reviews> {
    Ok(corpus::corpus()?.into_iter().map(Bytes::from).collect())
}
