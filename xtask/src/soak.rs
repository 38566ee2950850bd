//! `cargo xtask soak`: whether the webhook lasts.
//!
//! testing/bench has what happens; this makes sure that everything it runs is there, and built as it is shipped.

use anyhow::Result;
use magtape_testing::tools::Tool;

use crate::{bench, command, rego_compiler, tools};

/// Runs for so many minutes.
pub(crate) fn run(minutes: u64) -> Result<()> {
    for tool in [Tool::Etcd, Tool::KubeApiserver] {
        tools::ensure(tool)?;
    }
    rego_compiler::run()?;
    let mut soak = bench::program()?;
    soak.args(["soak", "--minutes", &minutes.to_string()]);
    command::run(soak)
}
