//! From what each policy found to one decision. Pure: no input but the outcomes, the level and the failure
//! policy.
//!
//! The decision looks at severities only. The texts that users read are derived from the same violations, in
//! the form that MagTape has had from its first release, because documents and scripts match on it.

mod audit;
mod enforcement;
mod exempted;
mod failure;
mod level;
mod severity;
mod warnings;

use std::{sync::Arc, time::Duration};

pub use crate::digest::Digest;

pub use audit::Audit;
pub use enforcement::Enforcement;
pub use exempted::Exempted;
pub use failure::Failure;
pub use level::{DenyLevel, UnknownLevel};
pub use severity::{Severity, UnknownSeverity};

/// What a policy has against an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The text for people, such as `[FAIL] HIGH - Found privileged … (MT2001)`.
    pub message: String,
    /// How grave it is.
    pub severity: Severity,
    /// The policy's code, such as `MT2001`.
    pub errcode: String,
    /// Whether it may deny at all, whatever its severity.
    pub enforcement: Enforcement,
    /// Where in the object it is, such as `spec.hostNetwork`, when the policy says so.
    pub field: Option<String>,
    /// What else the policy says of it, for machines.
    pub details: Option<serde_json::Value>,
    /// Why it refuses nothing although it would, if an administrator exempted the object from it.
    pub exempted: Option<Arc<Exempted>>,
}

/// What one policy said of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The policy's name.
    pub policy: String,
    /// The policy's code.
    pub errcode: String,
    /// The digest of the module that was asked.
    pub digest: Digest,
    /// What it may lead to if it could not be evaluated.
    pub enforcement: Enforcement,
    /// What came of it.
    pub finding: Finding,
    /// How long the evaluation took.
    pub elapsed: Duration,
    /// Why it refuses nothing that the policy could not be evaluated, if an administrator exempted the object from it.
    pub exempted: Option<Arc<Exempted>>,
}

/// How an evaluation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The policy does not apply to this request.
    NotApplicable,
    /// The policy applies and has nothing against the object.
    Passed,
    /// The policy has something against the object: at least one violation.
    Violated(Vec<Violation>),
    /// The policy could not be evaluated.
    Failed(Failure),
}

/// What a policy that could not be evaluated means for the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailurePolicy {
    /// It counts as a violation of severity HIGH.
    #[default]
    Fail,
    /// It is reported as a warning and decides nothing.
    Ignore,
}

/// The decision on one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the object may pass.
    pub allowed: bool,
    /// Every text, sorted by code point and joined by `, `; empty when there is nothing to say.
    pub message: String,
    /// One text each violation, within what the API server passes on to users.
    pub warnings: Vec<String>,
}

// === impl Violation ===

impl Violation {
    /// A violation that the deny level decides about, with nothing more said of it.
    pub fn new(message: impl Into<String>, severity: Severity, errcode: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            severity,
            errcode: errcode.into(),
            enforcement: Enforcement::Deny,
            field: None,
            details: None,
            exempted: None,
        }
    }

    /// Whether it refuses the object at that level.
    pub fn denies(&self, level: DenyLevel) -> bool {
        self.enforcement == Enforcement::Deny && self.exempted.is_none() && level.denies(self.severity)
    }

    fn text(&self) -> String {
        told(&self.message, self.exempted.as_deref())
    }
}

// === impl Finding ===

impl Finding {
    /// What came of a policy that applies.
    pub fn of(violations: Vec<Violation>) -> Self {
        if violations.is_empty() { Finding::Passed } else { Finding::Violated(violations) }
    }
}

// === impl Outcome ===

impl Outcome {
    /// The violations, if there are any.
    pub fn violations(&self) -> &[Violation] {
        match &self.finding {
            Finding::Violated(violations) => violations,
            _ => &[],
        }
    }

    /// What users read of it, a text for each violation that they are told of, in their order.
    pub fn texts(&self) -> Vec<String> {
        match &self.finding {
            Finding::NotApplicable | Finding::Passed => Vec::new(),
            Finding::Violated(violations) => {
                let told = violations.iter().filter(|violation| violation.enforcement != Enforcement::DryRun);
                told.map(Violation::text).collect()
            }
            Finding::Failed(_) if self.enforcement == Enforcement::DryRun => Vec::new(),
            Finding::Failed(_) => {
                vec![told(&failure_text(&self.policy, &self.errcode), self.exempted.as_deref())]
            }
        }
    }

    /// How many of its violations an exemption made warnings of; one if that the policy failed.
    pub fn exempted(&self) -> usize {
        let violations = self.violations().iter().filter(|violation| violation.exempted.is_some()).count();
        violations + usize::from(self.exempted.is_some())
    }
}

/// Decides on a request.
pub fn decide(outcomes: &[Outcome], level: DenyLevel, failure_policy: FailurePolicy) -> Verdict {
    let mut texts: Vec<String> = outcomes.iter().flat_map(Outcome::texts).collect();
    // Code point order, which is byte order in UTF-8: HIGH, LOW, MED, as in the original.
    texts.sort_unstable();
    Verdict {
        allowed: !outcomes.iter().any(|outcome| denies(outcome, level, failure_policy)),
        message: texts.join(", "),
        warnings: warnings::fit(texts),
    }
}

fn denies(outcome: &Outcome, level: DenyLevel, failure_policy: FailurePolicy) -> bool {
    match &outcome.finding {
        Finding::NotApplicable | Finding::Passed => false,
        Finding::Violated(violations) => violations.iter().any(|violation| violation.denies(level)),
        Finding::Failed(_) => {
            outcome.enforcement == Enforcement::Deny
                && outcome.exempted.is_none()
                && failure_policy == FailurePolicy::Fail
                && level.denies(Severity::High)
        }
    }
}

fn told(text: &str, exempted: Option<&Exempted>) -> String {
    exempted.map_or_else(|| text.to_owned(), |exempted| exempted.tell(text))
}

/// What the user reads when a policy could not be evaluated.
pub fn failure_text(policy: &str, errcode: &str) -> String {
    format!("[FAIL] HIGH - Policy {policy} could not be evaluated ({errcode})")
}

#[cfg(test)]
pub(crate) mod examples;
#[cfg(test)]
mod tests;
