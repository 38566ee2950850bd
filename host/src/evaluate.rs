//! Judges one request: selects the policies that look at it, and runs each in a sandbox of its own.
//!
//! Whatever a policy does wrong ends here as its `Outcome`. The others are asked all the same.

mod ask;
mod limits;
mod load;
mod plan;
mod subject;

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use crate::{
    engine::opa::{Entrypoint, Module},
    policy::{Entry, Reads, dialect::Rules},
    review::Request,
    verdict::{Enforcement, Finding, Outcome},
};

pub use limits::PolicyLimits;
pub use load::{Loader, PolicyError};
pub use plan::Policies;
use subject::Subject;

/// What runs a policy.
#[derive(Clone)]
pub struct Program {
    module: Arc<Module>,
    rules: Rules<Entrypoint>,
    /// How a Gatekeeper rule is asked; the other dialects take the review as it is.
    constraint: Option<Arc<ask::Constraint>>,
    /// What it can read of its input; everything when nobody knows.
    reads: Option<Reads>,
}

// === impl Program ===

impl Program {
    fn enforcement(&self) -> Enforcement {
        self.constraint.as_ref().map_or(Enforcement::Deny, |constraint| constraint.enforcement)
    }
}

/// Asks every policy that looks at such a request; all of them together get `budget`, and each at most an even
/// share of what is left of it, so that slow ones take no time from those that come after.
pub fn evaluate(policies: &Policies, request: &Request, budget: Duration) -> Vec<Outcome> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let started = Instant::now();
    let plan = policies.plan(request);
    let subject = Subject::new(request, &plan.wanted);
    let judge = |(waiting, entry): (usize, &Arc<Entry<Program>>)| {
        let left = budget.saturating_sub(started.elapsed());
        judge(entry, &subject, now, left / u32::try_from(waiting).unwrap_or(u32::MAX))
    };
    (1..=plan.selected.len()).rev().zip(&plan.selected).map(judge).collect()
}

/// What comes of a request that nobody has time for: every policy that looks at it has failed.
pub fn unasked(policies: &Policies, request: &Request, reason: &str) -> Vec<Outcome> {
    let failed = |entry: &Arc<Entry<Program>>| Outcome {
        policy: entry.policy.metadata.name.clone(),
        errcode: entry.policy.metadata.errcode.clone(),
        enforcement: entry.program.enforcement(),
        finding: Finding::Failed(reason.to_owned()),
        elapsed: Duration::ZERO,
    };
    policies.plan(request).selected.iter().map(failed).collect()
}

fn judge(entry: &Entry<Program>, subject: &Subject<'_>, now: Duration, left: Duration) -> Outcome {
    let started = Instant::now();
    let metadata = &entry.policy.metadata;
    let finding = ask::ask(&entry.program, metadata, subject, now, left).unwrap_or_else(|fault| {
        tracing::error!(
            policy = metadata.name,
            errcode = metadata.errcode,
            uid = subject.request.uid,
            cause = fault.kind(),
            "a policy could not be evaluated: {fault}"
        );
        Finding::Failed(fault.to_string())
    });
    Outcome {
        policy: metadata.name.clone(),
        errcode: metadata.errcode.clone(),
        enforcement: entry.program.enforcement(),
        finding,
        elapsed: started.elapsed(),
    }
}
