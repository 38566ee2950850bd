//! What judging costs, beside OPA, a webhook that does nothing, and the API server's own policies; `cargo xtask bench`
//! runs it.
//!
//! [`record`] records what a real API server sends; the other modules measure, each answers lines of one table;
//! [`report`] prints and draws them. [`opa`] has the policies for OPA. [`soak`] measures nothing: it sees whether the
//! webhook lasts.

mod apiserver;
mod check;
mod inprocess;
mod opa;
mod programs;
mod record;
mod report;
mod soak;
mod wire;

use std::{io::Write, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

use report::Line;

/// What judging costs.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    part: Part,
}

#[derive(Clone, PartialEq, Eq, Subcommand)]
enum Part {
    /// Everything, as a table and a plot
    All,
    /// What a review costs in one process, beside a parse of the same bytes
    Inprocess,
    /// Requests a second over TLS, beside an OPA server
    Wire,
    /// What a webhook adds to the API server's latency, beside others
    Apiserver,
    /// `magtape check` beside `opa exec`
    Check,
    /// Records the corpus anew
    Record,
    /// Nothing is measured: replicas, policies that change and load, for a while
    Soak(soak::Options),
    /// The webhook that does nothing, which others are measured beside
    #[command(hide = true)]
    NoopWebhook(apiserver::noop::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse().part).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell it to when stderr is gone.
            let _ = writeln!(anstream::stderr().lock(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(part: Part) -> Result<()> {
    match part {
        Part::Record => record::run().await,
        Part::Soak(options) => soak::run(options).await,
        Part::NoopWebhook(options) => apiserver::noop::serve(options).await,
        part => {
            let lines = lines(&part).await?;
            if part == Part::All {
                report::save(&lines)?;
            }
            report::print(&lines)
        }
    }
}

/// What a part measured; a part that is not asked for measures nothing.
async fn lines(part: &Part) -> Result<Vec<Line>> {
    let asked = |one| *part == Part::All || *part == one;
    let mut lines = Vec::new();
    if asked(Part::Inprocess) {
        lines.extend(inprocess::lines().await?);
    }
    if asked(Part::Wire) {
        lines.extend(wire::lines().await?);
    }
    if asked(Part::Apiserver) {
        lines.extend(apiserver::lines().await?);
    }
    if asked(Part::Check) {
        lines.extend(check::lines()?);
    }
    Ok(lines)
}
