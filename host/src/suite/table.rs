//! Tables of cases, as in `testing/cases`: one policy, and every message that it must give for each object.

mod diff;
mod format;
mod pool;

use std::path::Path;

use super::{
    Case, Kind, Outcome, Suite,
    find::Document,
    judge::{BUDGET, ByData, timed},
    runner::{Done, Runner, problem},
};
use crate::{
    evaluate::{Policies, evaluate},
    policy::Candidate,
    source,
    verdict::Finding,
};
use format::{CaseFormat, TableFormat};

pub(super) use pool::Pool;

/// The policy of a table.
struct Subject<'r> {
    candidate: &'r Candidate,
    name: String,
}

/// Runs the cases of a table.
pub(super) fn run(document: &Document, runner: &Runner<'_>) -> Done {
    let source = document.path.display().to_string();
    let failed = |reason: String| Done { errors: vec![problem(source.clone(), reason)], ..Done::default() };
    let table = match TableFormat::parse(&document.value) {
        Ok(table) => table,
        Err(reason) => return failed(reason),
    };
    let full_name = |name: &str| format!("{}/{name}", table.policy);
    let cases: Vec<_> =
        (1..).zip(&table.cases).map(|(number, case)| (format::name(number, case), case)).collect();
    let chosen: Vec<_> = cases.iter().filter(|(name, _)| runner.chooses(&full_name(name))).collect();
    if chosen.is_empty() {
        return Done::default();
    }
    let own = own_pool(&document.path, &table.policy, runner);
    let found = match &own {
        Some(own) => own.only(),
        None => runner.pool().find(&table.policy),
    };
    let subject = match found {
        Ok((candidate, name)) => Subject { candidate, name: name.to_owned() },
        Err(reason) => return failed(reason),
    };
    let mut loaded = ByData::new(std::slice::from_ref(subject.candidate), runner.loader);
    let run = |(name, case): &(String, &serde_json::Value)| {
        let case_of = Case::new(full_name(name), "", name, source.clone());
        timed(case_of, || judge(case, &subject, &mut loaded))
    };
    let cases = chosen.into_iter().map(run).collect();
    let suite = Suite { kind: Kind::Cases, name: table.policy.clone(), source: source.clone(), cases };
    Done { suites: vec![suite], errors: Vec::new() }
}

/// The policies of the file that a table names, if it is one.
fn own_pool(table: &Path, policy: &str, runner: &Runner<'_>) -> Option<Pool> {
    let path = table.parent().unwrap_or(Path::new("")).join(policy);
    let named = policy.contains(['/', '.']) && path.exists();
    named.then(|| Pool::new(runner.compile(source::read(&[path])), runner.loader))
}

fn judge(case: &serde_json::Value, subject: &Subject<'_>, loaded: &mut ByData<'_>) -> Result<(), Outcome> {
    let case = CaseFormat::parse(case).map_err(Outcome::Error)?;
    let request = case.request().map_err(Outcome::Error)?;
    let policies = loaded.policies(&case.data, case.parameters.as_ref()).map_err(Outcome::Error)?;
    let answer = answer(policies, &request, &subject.name).map_err(Outcome::Error)?;
    let (applies, messages) = (answer.is_some(), answer.unwrap_or_default());
    if case.matches != applies {
        let (is, says) = if applies { ("applies", "does not") } else { ("does not apply", "does") };
        let reason = format!("the policy {is} to this request, and the case says that it {says}");
        return Err(Outcome::Failed(reason));
    }
    diff::compare(&case.violations, &messages).map_err(Outcome::Failed)
}

/// The messages, in order; nothing if the policy does not apply.
fn answer(
    policies: &Policies,
    request: &crate::review::Request,
    name: &str,
) -> Result<Option<Vec<String>>, String> {
    let outcomes = evaluate(policies, request, BUDGET);
    let Some(outcome) = outcomes.into_iter().find(|outcome| outcome.policy == name) else { return Ok(None) };
    let mut messages: Vec<String> = match outcome.finding {
        Finding::NotApplicable => return Ok(None),
        Finding::Passed => Vec::new(),
        Finding::Violated(found) => found.into_iter().map(|violation| violation.message).collect(),
        Finding::Failed(reason) => return Err(format!("the policy could not be evaluated: {reason}")),
    };
    messages.sort_unstable();
    Ok(Some(messages))
}
