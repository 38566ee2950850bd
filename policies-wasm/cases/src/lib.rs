//! Holds a policy against a table of `testing/cases`, natively: the tests of the policies beside this crate
//! call [`check`], and nothing that ships does.
#![cfg(not(target_family = "wasm"))]

mod table;

use std::collections::BTreeSet;

use magtape_sdk::{Error, Operation, Policy, Severity, testing};

use table::{Case, Table};

/// What came of a case: whether the policy applies, and all that it says.
#[derive(PartialEq, Eq)]
struct Answer {
    applies: bool,
    texts: BTreeSet<String>,
}

/// Asks a policy about every case of a table, the text of a file as `testing/cases/README.md` describes it.
///
/// # Panics
/// When the table cannot be read or has no cases, and when the policy says something else of a case than the
/// table does. The message shows all such cases.
pub fn check<P: Policy>(table: &str) {
    let table = Table::parse(table).unwrap_or_else(|reason| fail(&reason));
    let differences: Vec<String> = table.cases.iter().filter_map(difference::<P>).collect();
    if !differences.is_empty() {
        let (failed, all) = (differences.len(), table.cases.len());
        fail(&format!("{failed} of {all} cases of {} differ\n{}", table.policy, differences.join("\n")));
    }
}

#[allow(clippy::panic, reason = "a test that fails panics")]
fn fail(reason: &str) -> ! {
    panic!("{reason}")
}

fn difference<P: Policy>(case: &Case) -> Option<String> {
    let expected = Answer { applies: case.matches, texts: case.violations.iter().cloned().collect() };
    let given = match ask::<P>(case) {
        Ok(given) if given == expected => return None,
        Ok(given) => given.shown(),
        Err(error) => format!("    failed: {error}\n"),
    };
    Some(format!("\n{}\n  expected\n{}  given\n{given}", case.name, expected.shown()))
}

fn ask<P: Policy>(case: &Case) -> Result<Answer, Error> {
    let violations =
        if is_target::<P>(case) { question::<P>(case).evaluate::<P>()?.violations } else { None };
    let applies = violations.is_some();
    let texts = violations.into_iter().flatten().map(|violation| text::<P>(violation.message())).collect();
    Ok(Answer { applies, texts })
}

/// Whether the host would ask the policy at all. A case is always a creation.
fn is_target<P: Policy>(case: &Case) -> bool {
    let (targets, operations) = (P::METADATA.targets, P::METADATA.operations);
    let full = format!("{}/{}", case.group_version().0, case.kind);
    (targets.is_empty() || targets.iter().any(|target| *target == case.kind || *target == full))
        && (operations.is_empty() || operations.contains(&Operation::Create))
}

fn question<P: Policy>(case: &Case) -> testing::Case {
    let question = testing::Case::review(&case.review().to_string()).parameters(&case.parameters.to_string());
    P::METADATA.needs.iter().fold(question, |question, kind| match case.objects(kind) {
        Some(objects) => question.objects(kind, &objects.to_string()),
        None => question,
    })
}

/// A message as the host shows it.
fn text<P: Policy>(message: &str) -> String {
    let severity = match P::METADATA.severity {
        Severity::Low => "LOW",
        Severity::Med => "MED",
        Severity::High => "HIGH",
    };
    format!("[FAIL] {severity} - {message} ({})", P::METADATA.errcode)
}

// === impl Answer ===

impl Answer {
    fn shown(&self) -> String {
        match (self.applies, self.texts.is_empty()) {
            (false, true) => "    does not apply\n".to_owned(),
            (true, true) => "    nothing\n".to_owned(),
            (_, false) => self.texts.iter().map(|text| format!("    {text}\n")).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
