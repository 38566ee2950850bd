//! `opa test`.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::Value;

use super::{
    dialect::{Attempt, Dialect, first},
    errors::{Fault, Location},
    job::Job,
    trace,
};
use crate::compile::protocol::{Test, Tested};

const DATA: &str = "data.json";

/// OPA's JSON about one test.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Outcome {
    pub(super) location: Location,
    pub(super) package: String,
    pub(super) name: String,
    pub(super) fail: bool,
    skip: bool,
    error: Option<Value>,
    duration: u64,
    output: String,
    pub(super) trace: Vec<Value>,
}

/// Runs the unit tests of all files.
///
/// # Errors
/// When the program fails.
pub(super) fn run(job: &Job<'_>) -> Result<Tested, String> {
    if job.request.modules.is_empty() {
        return Ok(Tested::default());
    }
    if let Some(data) = job.request.data {
        let data = serde_json::to_vec(data).map_err(|cause| cause.to_string())?;
        job.folder.put(DATA, &data)?;
    }
    let tested = first(&job.dialects, |dialect| run_in(job, dialect))?;
    Ok(tested.map_or_else(
        |errors| Tested { tests: Vec::new(), errors },
        |tests| Tested { tests, errors: Vec::new() },
    ))
}

fn run_in(job: &Job<'_>, dialect: Dialect) -> Attempt<Vec<Test>> {
    let filter = job.request.run.filter(|run| !run.is_empty()).map(|run| format!("--run={run}"));
    let arguments: Vec<_> = filter.as_deref().into_iter().collect();
    let (outcomes, said) = outcomes(job, dialect, &arguments)?;
    let Some(outcomes) = outcomes else { return job.reason(&said, dialect).map(Err) };
    let failed = trace::failed(job, dialect, &outcomes);
    let mut tests: Vec<_> = outcomes.iter().map(|outcome| outcome.test(job)).collect();
    for (test, failed) in tests.iter_mut().zip(failed) {
        test.failed = failed;
    }
    tests.sort_by(|a, b| (&a.file, a.line, &a.name).cmp(&(&b.file, b.line, &b.name)));
    Ok(Ok(tests))
}

/// The tests' outcomes, or else what OPA said.
///
/// # Errors
/// When the program fails.
pub(super) fn outcomes(
    job: &Job<'_>,
    dialect: Dialect,
    arguments: &[&str],
) -> Result<(Option<Vec<Outcome>>, String), String> {
    let data = job.request.data.map(|_| DATA);
    let command = ["test", "--format=json"].into_iter().chain(arguments.iter().copied()).chain(data);
    let finished = job.run(&command.collect::<Vec<_>>(), dialect)?;
    Ok((serde_json::from_slice(&finished.stdout).ok(), finished.said()))
}

// === impl Outcome ===

impl Outcome {
    /// Package and rule.
    pub(super) fn full_name(&self) -> String {
        format!("{}.{}", self.package, self.name)
    }

    fn test(&self, job: &Job<'_>) -> Test {
        let output = BASE64_STANDARD.decode(&self.output).unwrap_or_default();
        Test {
            name: self.full_name(),
            file: job.folder.restore(&self.location.file),
            line: self.location.row,
            outcome: self.outcome().to_owned(),
            error: self.error.as_ref().map(|error| job.folder.restore(&text(error))).unwrap_or_default(),
            output: job.folder.restore(&String::from_utf8_lossy(&output)),
            failed: None,
            nanoseconds: self.duration,
        }
    }

    fn outcome(&self) -> &'static str {
        match self {
            Self { skip: true, .. } => "skipped",
            Self { error: Some(_), .. } => "error",
            Self { fail: true, .. } => "failed",
            _ => "passed",
        }
    }
}

/// An error of an evaluation, in one line.
fn text(error: &Value) -> String {
    let Ok(Fault { code, message, location: Location { file, row, .. }, .. }) = Fault::deserialize(error)
    else {
        return error.to_string();
    };
    match (code.as_str(), row) {
        ("eval_cancel_error", _) => "it took longer than 5s".to_owned(),
        ("", _) => error.to_string(),
        (_, 0) => format!("{code}: {message}"),
        _ => format!("{file}:{row}: {code}: {message}"),
    }
}
