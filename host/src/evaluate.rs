//! Judges one request: selects the policies that look at it, and runs each in a sandbox of its own.
//!
//! Whatever a policy does wrong ends here as its `Outcome`. The others are asked all the same.

mod limits;
mod load;

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use crate::{
    engine::{
        Fault,
        opa::{Entrypoint, Module, Run, value::Value},
    },
    policy::{Entry, Metadata, PolicySet, Target, dialect},
    review::Request,
    verdict::{Finding, Outcome},
};

pub use limits::PolicyLimits;
pub use load::{Loader, PolicyError};

/// What runs a policy.
#[derive(Clone)]
pub struct Program {
    module: Arc<Module>,
    entrypoints: dialect::MagTape<Entrypoint>,
}

/// The policies in force, ready to run.
pub type Policies = PolicySet<Program>;

/// Asks every policy that looks at such a request; all of them together get `budget`, and each at most an even
/// share of what is left of it, so that slow ones take no time from those that come after.
pub fn evaluate(policies: &Policies, request: &Request, budget: Duration) -> Vec<Outcome> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let started = Instant::now();
    let target = Target { kind: &request.kind.kind, operation: &request.operation };
    let selected: Vec<_> = policies.select(target).collect();
    let judge = |(waiting, entry)| {
        let left = budget.saturating_sub(started.elapsed());
        judge(entry, request, now, left / u32::try_from(waiting).unwrap_or(u32::MAX))
    };
    (1..=selected.len()).rev().zip(selected).map(judge).collect()
}

fn judge(entry: &Entry<Program>, request: &Request, now: Duration, left: Duration) -> Outcome {
    let started = Instant::now();
    let metadata = &entry.policy.metadata;
    let finding = find(&entry.program, metadata, request, now, left).unwrap_or_else(|fault| {
        tracing::error!(
            policy = metadata.name,
            errcode = metadata.errcode,
            uid = request.uid,
            cause = fault.kind(),
            "a policy could not be evaluated: {fault}"
        );
        Finding::Failed(fault.to_string())
    });
    Outcome {
        policy: metadata.name.clone(),
        errcode: metadata.errcode.clone(),
        finding,
        elapsed: started.elapsed(),
    }
}

fn find(
    program: &Program,
    metadata: &Metadata,
    request: &Request,
    now: Duration,
    left: Duration,
) -> Result<Finding, Fault> {
    program.module.limits().admit(request.document().len(), request.depth())?;
    let mut run = program.module.start(now, left)?;
    run.set_input(request.document())?;
    if !applies(&mut run, program)? {
        return Ok(Finding::NotApplicable);
    }
    // A set rule without members is an empty set, so undefined here is a fault and not a clean object.
    let answer = run.evaluate(program.entrypoints.deny)?;
    let answer = answer.ok_or_else(|| Fault::Answer("deny is undefined".to_owned()))?;
    let violations = dialect::violations(&answer.into_json(), metadata).map_err(Fault::Answer)?;
    Ok(if violations.is_empty() { Finding::Passed } else { Finding::Violated(violations) })
}

/// Whether the policy's own `matches` is true; false and undefined both mean that it does not apply. Anything
/// else is true to Rego, so to take it for false would skip the policy in silence.
fn applies(run: &mut Run, program: &Program) -> Result<bool, Fault> {
    match run.evaluate(program.entrypoints.matches)? {
        None => Ok(false),
        Some(Value::Bool(applies)) => Ok(applies),
        Some(other) => Err(Fault::Answer(format!("matches is of kind {}, not boolean", other.kind()))),
    }
}
