//! `magtape check` beside `opa exec`: both judge the recorded reviews as files, by the same policies.
//!
//! The time of the whole process counts, as a person or a CI job waits for it. [`agree`]
//! holds what both say against each other before anything is measured.

mod agree;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use magtape_testing::{corpus, tools::Tool};
use tempfile::TempDir;

use crate::{
    opa, programs,
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
        let site = Self { magtape: programs::magtape()?, opa: Tool::Opa.built()?, folder };
        fs::create_dir(site.reviews())?;
        for (number, review) in corpus::corpus()?.iter().enumerate() {
            fs::write(site.reviews().join(format!("{number:03}.json")), review)?;
        }
        site.write_bundle()?;
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
        command.args([
            "check",
            "-o",
            "json",
            "--policies",
            "embedded:rego",
            "--deny-level",
            "HIGH",
            "--cache",
        ]);
        command.arg(self.folder.path().join("cache")).arg(self.reviews());
        command
    }

    /// What OPA loads, as a folder, which `opa exec` takes for a bundle.
    fn write_bundle(&self) -> Result<()> {
        let bundle = self.bundle();
        fs::create_dir(&bundle)?;
        for file in opa::files(&bundle)? {
            let policy = file.parent().and_then(Path::file_name).context("a policy is in no folder")?;
            if file.parent() != Some(bundle.as_path()) {
                fs::copy(&file, bundle.join(policy).with_extension("rego"))?;
            }
        }
        Ok(())
    }

    fn opa(&self) -> Command {
        let mut command = Command::new(&self.opa);
        command.args(["exec", "--decision", opa::VIOLATIONS, "--bundle"]);
        command.arg(self.bundle()).arg(self.reviews());
        command
    }
}
