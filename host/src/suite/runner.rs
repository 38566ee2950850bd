//! Runs what was found, several suites at a time.

use std::{path::PathBuf, sync::OnceLock, time::Instant};

use serde_json::{Map, Value};

use super::{
    Pattern, Report, Suite,
    find::{self, Work},
    gatekeeper, rego,
    table::{self, Pool},
};
use crate::{
    compile::{self, Compiler, Output},
    evaluate::Loader,
    parallel,
    policy::gatekeeper::EnforcementPoint,
    report::Problem,
    source::{Found, SourceError, data},
};

/// Where tables look for the policies that they name.
type Named<'r> = Box<dyn Fn() -> Found + Sync + 'r>;

/// What all tests have in common.
pub struct Runner<'r> {
    pub(super) compiler: &'r Compiler,
    pub(super) loader: &'r Loader,
    /// Laid over the data of every policy.
    pub(super) data: Map<String, Value>,
    chosen: Option<Pattern>,
    named: Named<'r>,
    pool: OnceLock<Pool>,
}

/// What came of one thing to run.
#[derive(Default)]
pub(super) struct Done {
    pub(super) suites: Vec<Suite>,
    pub(super) errors: Vec<Problem>,
}

// === impl Runner ===

impl<'r> Runner<'r> {
    /// A runner of all tests.
    pub fn new(compiler: &'r Compiler, loader: &'r Loader) -> Self {
        let named = Box::new(Found::default);
        Self { compiler, loader, data: Map::new(), chosen: None, named, pool: OnceLock::new() }
    }

    /// Lays `data` over the data of every policy.
    #[must_use]
    pub fn with_data(self, data: Map<String, Value>) -> Self {
        Self { data, ..self }
    }

    /// Runs only the tests whose name fits.
    #[must_use]
    pub fn choose(self, chosen: Option<Pattern>) -> Self {
        Self { chosen, ..self }
    }

    /// Takes the policies that tables name from `named`, which is asked when there is such a table.
    #[must_use]
    pub fn with_policies(self, named: impl Fn() -> Found + Sync + 'r) -> Self {
        Self { named: Box::new(named), ..self }
    }

    /// Runs the tests at `paths`; `progress` hears how many suites of all are done.
    pub fn run(&self, paths: &[PathBuf], progress: &(dyn Fn(usize, usize) + Sync)) -> Report {
        let started = Instant::now();
        let found = find::find(paths);
        let mut report = Report { errors: found.errors, ..Report::default() };
        let all = found.works.len();
        for done in parallel::each(&found.works, |work| self.work(work), &|done| progress(done, all)) {
            report.suites.extend(done.suites.into_iter().filter(|suite| !suite.cases.is_empty()));
            report.errors.extend(done.errors);
        }
        report.errors.extend(self.pool.get().into_iter().flat_map(Pool::problems));
        if let (true, Some(chosen)) = (report.suites.is_empty() && report.errors.is_empty(), &self.chosen) {
            report
                .errors
                .push(problem("--run", format!("no test has a name that fits {:?}", chosen.as_str())));
        }
        report.elapsed = started.elapsed();
        report
    }

    fn work(&self, work: &Work) -> Done {
        match work {
            Work::Rego(set) => rego::run(set, self),
            Work::Gatekeeper(document) => gatekeeper::run(document, self),
            Work::Table(document) => table::run(document, self),
        }
    }

    /// Whether a test is to be run.
    pub(super) fn chooses(&self, full_name: &str) -> bool {
        self.chosen.as_ref().is_none_or(|chosen| chosen.is_match(full_name))
    }

    /// The expression that tests are chosen by.
    pub(super) fn chosen(&self) -> Option<&str> {
        self.chosen.as_ref().map(Pattern::as_str)
    }

    /// The policies that tables name.
    pub(super) fn pool(&self) -> &Pool {
        self.pool.get_or_init(|| Pool::new(self.compile((self.named)()), self.loader))
    }

    /// Compiles what was found, with the data that is laid over it.
    pub(super) fn compile(&self, found: Found) -> Output {
        let mut over = found.data.clone();
        data::merge(&mut over, &self.data);
        let mut output = compile::compile(found, self.compiler, EnforcementPoint::Cli);
        for candidate in &mut output.candidates {
            data::merge(&mut candidate.data, &over);
        }
        output
    }
}

pub(super) fn problem(place: impl Into<String>, reason: impl Into<String>) -> Problem {
    Problem { place: place.into(), reason: reason.into() }
}

/// What is wrong with a source.
pub(super) fn unread(error: SourceError) -> Problem {
    problem(error.origin, error.reason)
}
