//! `magtape check` beside `opa exec`: both judge the recorded reviews as files, by the same policies.
//!
//! The time of the whole process counts, as a person or a CI job waits for it. [`bundle`] makes OPA's bundle, and
//! [`agree`] holds what both say against each other before anything is measured.

mod agree;
mod bundle;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use magtape_testing::{corpus, tools::Tool};
use tempfile::TempDir;

use crate::{
    report::{Goal, Line},
    wire::stats::median,
};

/// How often each of the two runs.
const RUNS: usize = 15;

const GOAL: Goal = Goal::AtMost(0.4);

/// The files that both read.
struct Site {
    folder: TempDir,
    magtape: PathBuf,
    opa: PathBuf,
}

/// Measures, in about a quarter of a minute.
pub(crate) fn lines() -> Result<Vec<Line>> {
    let site = Site::new()?;
    // These runs also warm up: files are in memory, and `magtape check` has compiled its policies.
    agree::check(&site)?;
    let (mut magtape, mut opa) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        magtape.push(millis(time(site.magtape())?));
        opa.push(millis(time(site.opa())?));
    }
    let (magtape, opa) = (median(&magtape), median(&opa));
    Ok(vec![Line {
        what: "magtape check over the recorded reviews, whole process, beside opa exec".to_owned(),
        measured: magtape / opa,
        unit: "x",
        goal: Some(GOAL),
        detail: format!("{magtape:.0} ms beside {opa:.0} ms"),
    }])
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn time(mut command: Command) -> Result<Duration> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let status = command.status().context("cannot start a program")?;
    let elapsed = started.elapsed();
    // 1 says that something is denied.
    ensure!(matches!(status.code(), Some(0 | 1)), "{command:?} ended with {status}");
    Ok(elapsed)
}

// === impl Site ===

impl Site {
    fn new() -> Result<Self> {
        let folder = TempDir::with_prefix("magtape-bench-").context("cannot make a temporary folder")?;
        let site = Self { magtape: magtape()?, opa: Tool::Opa.built()?, folder };
        fs::create_dir(site.reviews())?;
        for (number, review) in corpus::corpus()?.iter().enumerate() {
            fs::write(site.reviews().join(format!("{number:03}.json")), review)?;
        }
        bundle::write(&site.bundle())?;
        Ok(site)
    }

    fn reviews(&self) -> PathBuf {
        self.folder.path().join("reviews")
    }

    fn bundle(&self) -> PathBuf {
        self.folder.path().join("bundle")
    }

    fn magtape(&self) -> Command {
        let mut command = Command::new(&self.magtape);
        command.args(["check", "-o", "json", "--deny-level", "HIGH", "--cache"]);
        command.arg(self.folder.path().join("cache")).arg(self.reviews());
        command
    }

    fn opa(&self) -> Command {
        let mut command = Command::new(&self.opa);
        command.args(["exec", "--decision", bundle::DECISION, "--bundle"]);
        command.arg(self.bundle()).arg(self.reviews());
        command
    }
}

/// The program as it is meant to be run, beside this one.
fn magtape() -> Result<PathBuf> {
    let this = env::current_exe().context("cannot tell where this program is")?;
    let builds = this.parent().and_then(Path::parent).context("this program is in no folder of builds")?;
    let program = builds.join("release/magtape");
    ensure!(program.is_file(), "{} does not exist: run `cargo build --release`", program.display());
    Ok(program)
}
