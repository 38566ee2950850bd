//! What `magtape check` says: one report of everything that was judged, as text or as JSON.

mod json;
pub(crate) mod style;
mod text;

use crate::{
    review::{Kind, Place},
    verdict::{DenyLevel, Finding, Outcome, Severity, Verdict, Violation},
};

pub use json::write as write_json;
pub use text::write as write_text;

/// Everything that one run found.
#[derive(Debug, Default)]
pub struct Report {
    /// The level that decided.
    pub level: DenyLevel,
    /// What was judged, in order.
    pub results: Vec<Judged>,
    /// What could not be judged, or not be loaded, with the reason.
    pub errors: Vec<Problem>,
}

/// One object and what became of it.
#[derive(Debug)]
pub struct Judged {
    /// Where it is.
    pub place: Place,
    /// Its group, version and kind.
    pub kind: Kind,
    /// Its namespace, or empty.
    pub namespace: String,
    /// Its name, or empty.
    pub name: String,
    /// The decision.
    pub verdict: Verdict,
    /// What each policy said.
    pub outcomes: Vec<Outcome>,
}

/// Something that stood in the way.
#[derive(Debug)]
pub struct Problem {
    /// A file and document, or a policy.
    pub place: String,
    /// What is wrong, and what to do where that is known.
    pub reason: String,
}

/// Text for a terminal. Names come from files of strangers: neither control characters nor those that turn the
/// direction of writing may steer what the reader sees.
pub fn printable(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// The same for text of several lines, such as a compiler's; those after the first are indented.
pub fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n    ")
}

// === impl Report ===

impl Report {
    /// Whether an object was denied.
    pub fn denied(&self) -> usize {
        self.results.iter().filter(|judged| !judged.verdict.allowed).count()
    }

    /// Violations of all objects.
    pub fn violations(&self) -> usize {
        self.results.iter().flat_map(Judged::violations).count()
    }

    /// Evaluations that failed.
    pub fn failed(&self) -> usize {
        self.results.iter().flat_map(Judged::failed).count()
    }

    fn of_severity(&self, severity: Severity) -> usize {
        let violations = self.results.iter().flat_map(Judged::violations);
        violations.filter(|(_, violation)| violation.severity == severity).count()
    }
}

// === impl Judged ===

impl Judged {
    /// Every violation with the policy that found it, gravest first, then by text.
    fn violations(&self) -> Vec<(&str, &Violation)> {
        let mut violations: Vec<(&str, &Violation)> = self
            .outcomes
            .iter()
            .flat_map(|outcome| {
                outcome.violations().iter().map(|violation| (outcome.policy.as_str(), violation))
            })
            .collect();
        violations.sort_by(|(_, left), (_, right)| {
            right.severity.cmp(&left.severity).then_with(|| left.message.cmp(&right.message))
        });
        violations
    }

    /// The policies that could not be evaluated, with the reason.
    fn failed(&self) -> Vec<(&str, &str)> {
        let failed = self.outcomes.iter().filter_map(|outcome| match &outcome.finding {
            Finding::Failed(failure) => Some((outcome.policy.as_str(), failure.reason.as_str())),
            _ => None,
        });
        failed.collect()
    }
}

#[cfg(test)]
mod tests;
