//! `cargo xtask conformance` and `cargo xtask fuzz`: the engine against OPA itself.
//!
//! testing/oracle is OPA's side, a Go program that is built here; testing/conformance is ours.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{command, repository, tools};

/// How much of OPA's suites.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    /// Every case.
    All,
    /// A fixed tenth, with cases of every topic.
    Tenth,
}

/// Runs OPA's own conformance cases on the engine.
pub(crate) fn conformance(share: Share, topic: &str, verbose: bool) -> Result<()> {
    let folder = repository::path(match share {
        Share::All => "target/oracle/all",
        Share::Tenth => "target/oracle/tenth",
    });
    let mut cases = Command::new(build()?);
    // OPA's module, which has the cases, is found from the oracle's own.
    cases.current_dir(repository::path("testing/oracle")).arg("conformance");
    if share == Share::Tenth {
        cases.arg("-tenth");
    }
    command::run({
        cases.arg("-o").arg(&folder);
        cases
    })?;
    let mut run = harness()?;
    run.arg("cases").arg(folder).args(["--topic", topic]);
    if verbose {
        run.arg("--verbose");
    }
    command::run(run)
}

/// Asks the engine and OPA the same random questions.
pub(crate) fn fuzz(seconds: u64, seed: u64, family: &str) -> Result<()> {
    let mut run = harness()?;
    run.arg("fuzz").arg(build()?);
    run.args(["--seconds", &seconds.to_string(), "--seed", &seed.to_string(), "--family", family]);
    command::run(run)
}

/// Built as the tests are, so that the dependencies are not built a second time with other features.
fn harness() -> Result<Command> {
    command::run(command::cargo(&["test", "--quiet", "--workspace", "--no-run"]))?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository::path("target"), PathBuf::from);
    Ok(Command::new(target.join("debug/magtape-conformance")))
}

/// Builds the oracle, which takes half a minute once.
fn build() -> Result<PathBuf> {
    tools::go_is_there()?;
    let folder = repository::path("target/oracle");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let folder = folder.canonicalize().with_context(|| format!("cannot find {}", folder.display()))?;
    let binary = folder.join("oracle");
    let mut go = Command::new("go");
    go.current_dir(repository::path("testing/oracle")).env("CGO_ENABLED", "0");
    go.args(["build", "-trimpath", "-o"]).arg(&binary).arg(".");
    command::run(go)?;
    Ok(binary)
}
