//! Unit tests in Rego. All files below a directory are one set, as they are to `opa test DIR`.
//!
//! Unlike there, a set that does not compile as a whole is run folder by folder, since policies of unrelated folders
//! may have the same package and yet not fit together.

mod groups;
mod set;

use std::{collections::BTreeMap, time::Duration};

use super::{
    Case, Kind, Outcome, Suite,
    runner::{Done, Runner, problem},
};
use crate::{
    compile::{
        CompilerError,
        protocol::{Op, Request, Test, Tested},
    },
    parallel,
    report::Problem,
};
use groups::Group;
use set::{File, Read};

pub(super) use set::Set;

/// Why tests were not run.
enum Refused {
    /// The compiler did, for what is wrong with the files.
    Sources(Vec<Problem>),
    /// There is no compiler.
    Compiler(Problem),
}

/// Runs the tests of a set.
pub(super) fn run(set: &Set, runner: &Runner<'_>) -> Done {
    let read = match Read::new(set, &runner.data) {
        Ok(read) => read,
        Err(errors) => return Done { errors, ..Done::default() },
    };
    let done = match read.ask(&Group::whole(&read.files), runner) {
        Ok(tests) => Done { suites: suites(tests), errors: Vec::new() },
        Err(Refused::Compiler(error)) => return Done { errors: vec![error], ..Done::default() },
        Err(Refused::Sources(errors)) => match groups::find(&read.files, set, runner.compiler) {
            Some((groups, broken)) => by_group(&read, &groups, broken, runner),
            None => Done { errors, ..Done::default() },
        },
    };
    let done = set.chosen(done);
    if done.suites.is_empty() && done.errors.is_empty() && runner.chosen().is_none() {
        let reason = "holds no test: looked for rules whose names begin with test_";
        return Done { errors: vec![problem(read.root, reason)], ..Done::default() };
    }
    done
}

fn by_group(read: &Read, groups: &[Group], broken: Vec<Problem>, runner: &Runner<'_>) -> Done {
    let mut done = Done { errors: broken, ..Done::default() };
    for (group, ran) in groups.iter().zip(parallel::each(groups, |group| read.ask(group, runner), &|_| {})) {
        match ran {
            Ok(tests) => {
                let own = |test: &Test| group.own.iter().any(|index| read.name(*index) == test.file);
                done.suites.extend(suites(tests.into_iter().filter(own).collect()));
            }
            Err(Refused::Compiler(error)) => done.errors.push(error),
            Err(Refused::Sources(errors)) => done.errors.extend(errors),
        }
    }
    let mut seen = std::collections::HashSet::new();
    done.errors.retain(|error| seen.insert((error.place.clone(), error.reason.clone())));
    done
}

/// The tests by the files that they are in.
fn suites(tests: Vec<Test>) -> Vec<Suite> {
    let mut files = BTreeMap::<String, Vec<Case>>::new();
    for test in tests {
        files.entry(test.file.clone()).or_default().push(case(test));
    }
    let suite =
        |(file, cases): (String, _)| Suite { kind: Kind::Rego, name: file.clone(), source: file, cases };
    files.into_iter().map(suite).collect()
}

fn case(test: Test) -> Case {
    let parts = test.name.rsplit_once('.').filter(|(_, rule)| rule.starts_with("t"));
    let (package, rule) = parts.unwrap_or(("", &test.name));
    let place = match &test.failed {
        Some(ended) => format!("{}:{}:{}", test.file, ended.line, ended.column),
        None => format!("{}:{}", test.file, test.line),
    };
    let outcome = match test.outcome.as_str() {
        "passed" => Outcome::Passed,
        "skipped" => Outcome::Skipped,
        "failed" => Outcome::Failed(match &test.failed {
            Some(ended) => format!("`{}` does not hold", ended.expression),
            None => "the rule is not true".to_owned(),
        }),
        _ => Outcome::Error(test.error),
    };
    let case = Case::new(test.name.clone(), package, rule, place);
    Case { outcome, elapsed: Duration::from_nanos(test.nanoseconds), output: test.output, ..case }
}

// === impl Read ===

impl Read {
    fn ask(&self, group: &Group, runner: &Runner<'_>) -> Result<Vec<Test>, Refused> {
        let modules =
            group.members.iter().filter_map(|index| self.files.get(*index)).map(File::source).collect();
        let request = Request {
            capabilities: runner.compiler.capabilities(),
            data: Some(&self.data),
            run: runner.chosen(),
            ..Request::new(Op::Test, modules)
        };
        let tested: Tested = runner.compiler.ask(&request).map_err(|error| {
            let failed = problem(self.root.clone(), error.to_string());
            match error {
                CompilerError::Fault(_) => Refused::Sources(vec![failed]),
                CompilerError::Missing(_) | CompilerError::Start { .. } => Refused::Compiler(failed),
            }
        })?;
        if tested.errors.is_empty() {
            return Ok(tested.tests);
        }
        let errors = tested.errors.iter().map(|error| problem(error.place(&self.root), error.reason()));
        Err(Refused::Sources(errors.collect()))
    }
}
