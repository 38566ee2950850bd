//! Gatekeeper's Suites
//! (<https://open-policy-agent.github.io/gatekeeper/website/docs/gator#writing-test-suites>): a template with a
//! constraint, and what each object must give. Everything is as with `gator verify`, except that fields that nobody
//! knows are errors and that expansion is not supported.

mod assertion;
mod format;
mod subject;

use std::path::Path;

use super::{
    Case, Kind, Outcome, Suite,
    find::Document,
    judge::{ByData, timed},
    objects,
    runner::{Done, Runner, problem},
};
use format::{CaseFormat, SuiteFormat, TestFormat};
use subject::Subject;

/// A suite that is being run.
struct Running<'r> {
    name: String,
    /// The suite's file.
    source: String,
    /// Where its paths start.
    folder: &'r Path,
    runner: &'r Runner<'r>,
}

/// Runs the tests of a suite.
pub(super) fn run(document: &Document, runner: &Runner<'_>) -> Done {
    let source = document.path.display().to_string();
    let suite = match SuiteFormat::parse(&document.value) {
        Ok(suite) => suite,
        Err(reason) => return Done { errors: vec![problem(source, reason)], ..Done::default() },
    };
    let folder = document.path.parent().unwrap_or(Path::new(""));
    let name = if suite.name().is_empty() { stem(&document.path) } else { suite.name().to_owned() };
    let running = Running { name: name.clone(), source: source.clone(), folder, runner };
    let cases = if suite.skip { running.skipped("", "") } else { running.tests(&suite) };
    Done { suites: vec![Suite { kind: Kind::Gatekeeper, name, source, cases }], errors: Vec::new() }
}

/// What a suite without a name is called.
fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

// === impl Running ===

impl Running<'_> {
    fn tests(&self, suite: &SuiteFormat) -> Vec<Case> {
        let tests = (1..).zip(&suite.tests).map(|(number, test)| match TestFormat::parse(test) {
            Ok(test) => self.test(&test),
            Err(reason) => {
                let name = format::name(test).map_or_else(|| format!("test {number}"), str::to_owned);
                self.whole(&name, || Err(Outcome::Error(reason)))
            }
        });
        tests.flatten().collect()
    }

    fn test(&self, test: &TestFormat) -> Vec<Case> {
        if test.skip {
            return self.skipped(&test.name, "");
        }
        if test.invalid {
            return self.whole(&test.name, || subject::is_refused(test, self.folder));
        }
        let chosen: Vec<_> = (1..).zip(&test.cases).map(|(number, case)| parse(number, case)).collect();
        let chosen: Vec<_> = chosen.iter().filter(|(name, _)| self.chooses(&test.name, name)).collect();
        if chosen.is_empty() {
            // Nothing was checked; that must not pass for a test that passed.
            let empty = || Err(Outcome::Error("has no cases".to_owned()));
            return if test.cases.is_empty() { self.whole(&test.name, empty) } else { Vec::new() };
        }
        let subject = match Subject::new(test, self.folder, self.runner) {
            Ok(subject) => subject,
            Err(reason) => return vec![self.case(&test.name, "", || Err(Outcome::Error(reason)))],
        };
        let mut loaded = ByData::new(subject.candidates(), self.runner.loader);
        let run = |(name, case): &(String, Result<CaseFormat, String>)| match case {
            Ok(case) if case.skip => self.skipped(&test.name, name),
            Ok(case) => vec![self.case(&test.name, name, || self.judge(case, &subject, &mut loaded))],
            Err(reason) => vec![self.case(&test.name, name, || Err(Outcome::Error(reason.clone())))],
        };
        chosen.into_iter().flat_map(run).collect()
    }

    fn judge(&self, case: &CaseFormat, subject: &Subject, loaded: &mut ByData<'_>) -> Result<(), Outcome> {
        let assertions = case.assertions().map_err(Outcome::Error)?;
        let path = self.folder.join(&case.object);
        let object = objects::one(&path).map_err(Outcome::Error)?;
        let request = objects::request(&object)
            .map_err(|reason| Outcome::Error(format!("{}: {reason}", path.display())))?;
        let mut inventory = Vec::new();
        for path in case.inventory.iter().flatten() {
            inventory.extend(objects::read(&self.folder.join(path)).map_err(Outcome::Error)?);
        }
        let data = objects::inventory(inventory).map_err(Outcome::Error)?;
        let policies = loaded.policies(&data, None).map_err(Outcome::Error)?;
        let messages = subject.messages(policies, &request, &data).map_err(Outcome::Error)?;
        assertion::check(&assertions, &messages).map_err(Outcome::Failed)
    }

    fn full_name(&self, test: &str, case: &str) -> String {
        let parts: Vec<&str> =
            [&*self.name, test, case].into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("/")
    }

    fn chooses(&self, test: &str, case: &str) -> bool {
        self.runner.chooses(&self.full_name(test, case))
    }

    fn case(&self, test: &str, name: &str, work: impl FnOnce() -> Result<(), Outcome>) -> Case {
        let case = Case::new(self.full_name(test, name), test, name, self.source.clone());
        timed(case, work)
    }

    /// A test that is one case, if it is to be run.
    fn whole(&self, test: &str, work: impl FnOnce() -> Result<(), Outcome>) -> Vec<Case> {
        if self.chooses(test, "") { vec![self.case(test, "", work)] } else { Vec::new() }
    }

    fn skipped(&self, test: &str, name: &str) -> Vec<Case> {
        let skipped = || vec![self.case(test, name, || Err(Outcome::Skipped))];
        if self.chooses(test, name) { skipped() } else { Vec::new() }
    }
}

/// A case with its name; one without a name is called by its number.
fn parse(number: usize, case: &serde_json::Value) -> (String, Result<CaseFormat, String>) {
    let name = format::name(case).map_or_else(|| format!("case {number}"), str::to_owned);
    (name, CaseFormat::parse(case))
}
