//! A Kubernetes API server for tests, and for trying things.

use std::os::unix::process::CommandExt;

use anyhow::{Context, Result};
use magtape_testing::tools::Tool;

use crate::{command, steps, tools};

/// Builds what a cluster is made of and, if told so, becomes the program that runs one.
pub(crate) fn run(start: bool) -> Result<()> {
    build()?;
    if start {
        // In this process's place, so that Ctrl-C reaches it and the terminal waits for its end.
        let error = command::cargo(&["run", "--quiet", "--package", "magtape-testing"]).exec();
        return Err(error).context("cannot start cargo");
    }
    steps::say("Tests find them there; `cargo xtask cluster --run` starts them.")
}

/// What a cluster is made of, what installs things in one, and what reads its metrics.
const TOOLS: [Tool; 7] = [
    Tool::Etcd,
    Tool::KubeApiserver,
    Tool::KubeControllerManager,
    Tool::Kubectl,
    Tool::Helm,
    Tool::Prometheus,
    Tool::Promtool,
];

/// Builds those of them that are not there.
pub(crate) fn build() -> Result<()> {
    for tool in TOOLS {
        let path = tools::ensure(tool)?;
        steps::say(format_args!("{} {}: {}", tool.name(), tool.version(), path.display()))?;
    }
    Ok(())
}
