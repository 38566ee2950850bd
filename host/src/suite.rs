//! Tests of policies: unit tests in Rego, Gatekeeper's suites and tables of cases, run to one report.
//!
//! ```text
//! paths -> find         what there is to run: sets of Rego files, suites, tables
//!       -> rego         by OPA's own runner, in the Rego compiler
//!       -> gatekeeper   by `evaluate`, as `gator verify` would
//!       -> table        by `evaluate`
//!       => Report       -> write: text, JSON or JUnit's XML
//! ```
//!
//! What cannot be run is an error of its own place; everything else is run.

mod find;
mod gatekeeper;
mod judge;
mod objects;
mod pattern;
mod rego;
mod runner;
mod table;
mod write;

use std::time::Duration;

use crate::report::Problem;

pub use pattern::Pattern;
pub use runner::Runner;
pub use write::{json as write_json, junit as write_junit, text as write_text};

/// Everything that one run found.
#[derive(Debug, Default)]
pub struct Report {
    /// What was run, in the order of the paths.
    pub suites: Vec<Suite>,
    /// What could not be read or not be run as a whole, with the reason.
    pub errors: Vec<Problem>,
    /// How long all of it took.
    pub elapsed: Duration,
}

/// The tests of one file.
#[derive(Debug)]
pub struct Suite {
    /// What kind of tests they are.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// The file.
    pub source: String,
    /// Its tests, in order.
    pub cases: Vec<Case>,
}

/// The kinds of tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Unit tests in Rego.
    Rego,
    /// A Suite of Gatekeeper's.
    Gatekeeper,
    /// A table of cases.
    Cases,
}

/// One test.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it belongs to in its suite: a package, or a test of Gatekeeper's; empty when there is no such thing.
    pub test: String,
    /// What it is called; empty when a test as a whole is meant.
    pub name: String,
    /// The name that is printed, and chosen by.
    pub full_name: String,
    /// Where to look: a file, with line and column where they are known.
    pub place: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    pub elapsed: Duration,
    /// What it printed.
    pub output: String,
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything is as the test says.
    Passed,
    /// The test says that it is not to be run.
    Skipped,
    /// Something is not as the test says.
    Failed(String),
    /// It could not be run.
    Error(String),
}

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All.
    pub cases: usize,
    /// Those that passed.
    pub passed: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that were not to be run.
    pub skipped: usize,
    /// Those that could not be run.
    pub errors: usize,
}

// === impl Report ===

impl Report {
    /// How many tests of all suites ended how. What could not be run as a whole is among the errors.
    pub fn counts(&self) -> Counts {
        let counts = Counts::of(self.suites.iter().flat_map(|suite| &suite.cases));
        Counts { errors: counts.errors + self.errors.len(), ..counts }
    }
}

// === impl Suite ===

impl Suite {
    /// How many of its tests ended how.
    pub fn counts(&self) -> Counts {
        Counts::of(&self.cases)
    }

    /// How long its tests took, one after the other.
    pub fn elapsed(&self) -> Duration {
        self.cases.iter().map(|case| case.elapsed).sum()
    }
}

// === impl Counts ===

impl Counts {
    fn of<'c>(cases: impl IntoIterator<Item = &'c Case>) -> Self {
        let mut counts = Self::default();
        for case in cases {
            counts.cases += 1;
            match case.outcome {
                Outcome::Passed => counts.passed += 1,
                Outcome::Failed(_) => counts.failed += 1,
                Outcome::Skipped => counts.skipped += 1,
                Outcome::Error(_) => counts.errors += 1,
            }
        }
        counts
    }
}

// === impl Kind ===

impl Kind {
    /// In one word: `rego`, `gatekeeper` or `cases`.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Rego => "rego",
            Kind::Gatekeeper => "gatekeeper",
            Kind::Cases => "cases",
        }
    }
}

// === impl Outcome ===

impl Outcome {
    /// In one word: `passed`, `skipped`, `failed` or `error`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Skipped => "skipped",
            Outcome::Failed(_) => "failed",
            Outcome::Error(_) => "error",
        }
    }

    /// What is to be said of it.
    pub fn message(&self) -> Option<&str> {
        match self {
            Outcome::Passed | Outcome::Skipped => None,
            Outcome::Failed(message) | Outcome::Error(message) => Some(message),
        }
    }
}

impl From<Result<(), Outcome>> for Outcome {
    fn from(result: Result<(), Outcome>) -> Self {
        result.err().unwrap_or(Outcome::Passed)
    }
}
