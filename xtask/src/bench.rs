//! `cargo xtask bench`: what judging costs, on this machine.
//!
//! testing/bench measures; this makes sure that everything it runs is there, and built as it is shipped.

use std::process::Command;

use anyhow::Result;
use magtape_testing::tools::Tool;

use crate::{command, repository, steps, tools};

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// To measure.
    Measure,
    /// To record the corpus that is measured with.
    Record,
}

/// Measures one part, or everything, or records the corpus anew.
pub(crate) fn run(task: Task, part: &str) -> Result<()> {
    for tool in [Tool::Opa, Tool::Etcd, Tool::KubeApiserver] {
        tools::ensure(tool)?;
    }
    let mut bench = program()?;
    bench.arg(match task {
        Task::Measure => part,
        Task::Record => "record",
    });
    command::run(bench)
}

/// testing/bench's program, built beside the webhook as both are shipped.
pub(crate) fn program() -> Result<Command> {
    steps::say("building the webhook and the benchmark in release mode: some minutes the first time")?;
    command::run(command::cargo(&[
        "build",
        "--quiet",
        "--release",
        "--package",
        "magtape",
        "--package",
        "magtape-bench",
    ]))?;
    Ok(Command::new(repository::target().join("release/magtape-bench")))
}
