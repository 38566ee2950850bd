//! Judges one request: selects the policies that look at it, and runs each in a sandbox of its own.
//!
//! Whatever a policy does wrong ends here as its `Outcome`. The others are asked all the same.

mod cluster;
mod component;
mod current;
mod governance;
mod limits;
mod load;
mod opa;
mod parameters;
mod plan;
mod subject;
pub mod tenants;

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use crate::{
    engine::Fault,
    json::Paths,
    policy::{Entry, Metadata},
    review::Request,
    verdict::{Enforcement, Failure, Finding, Outcome},
};

pub use cluster::Made;
pub use current::Current;
pub use governance::{Governance, Levels};
pub use limits::PolicyLimits;
pub use load::{Loader, PolicyError};
pub use parameters::PolicyParameters;
pub use plan::Policies;
use subject::Subject;

/// What runs a policy.
#[derive(Clone)]
pub enum Program {
    /// A module that OPA compiled.
    Opa(opa::Program),
    /// A component.
    Component(component::Program),
}

// === impl Program ===

impl Program {
    fn enforcement(&self) -> Enforcement {
        match self {
            Program::Opa(program) => program.enforcement(),
            Program::Component(_) => Enforcement::Deny,
        }
    }

    fn ask(
        &self,
        metadata: &Metadata,
        subject: &Subject<'_>,
        now: Duration,
        left: Duration,
    ) -> Result<Finding, Fault> {
        match self {
            Program::Opa(program) => program.ask(metadata, subject, now, left),
            Program::Component(program) => program.ask(metadata, subject, now, left),
        }
    }

    /// The most bytes of memory that one of its sandboxes had so far. Policies of one module have them in common.
    pub fn high_water_bytes(&self) -> usize {
        match self {
            Program::Opa(program) => program.module.high_water_bytes(),
            Program::Component(program) => program.component.high_water_bytes(),
        }
    }

    /// Adds what the policy can read of the image of a review.
    fn wants(&self, wanted: &mut Paths) {
        match self {
            Program::Opa(program) => program.wants(wanted),
            // It reads the document itself.
            Program::Component(_) => {}
        }
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
pub fn unasked(policies: &Policies, request: &Request, why: &Failure) -> Vec<Outcome> {
    let failed = |entry: &Arc<Entry<Program>>| outcome(entry, Finding::Failed(why.clone()), Duration::ZERO);
    policies.plan(request).selected.iter().map(failed).collect()
}

fn judge(entry: &Entry<Program>, subject: &Subject<'_>, now: Duration, left: Duration) -> Outcome {
    let started = Instant::now();
    let metadata = &entry.policy.metadata;
    let finding = entry.program.ask(metadata, subject, now, left).unwrap_or_else(|fault| {
        tracing::error!(
            policy = metadata.name,
            errcode = metadata.errcode,
            uid = subject.request.uid,
            cause = fault.kind(),
            "a policy could not be evaluated: {fault}"
        );
        Finding::Failed(Failure::new(fault.kind(), fault.to_string()))
    });
    outcome(entry, finding, started.elapsed())
}

fn outcome(entry: &Entry<Program>, finding: Finding, elapsed: Duration) -> Outcome {
    Outcome {
        policy: entry.policy.metadata.name.clone(),
        errcode: entry.policy.metadata.errcode.clone(),
        digest: entry.policy.digest,
        enforcement: entry.program.enforcement(),
        finding,
        elapsed,
        exempted: None,
    }
}
