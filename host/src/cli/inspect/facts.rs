//! Gathers what is known of a module or component, and of the policies in it.

mod component;
mod opa;

use std::sync::Arc;

use serde_json::Value;

use crate::{
    engine::{
        Engine, Limits, component as components,
        opa::{self as modules, builtins},
    },
    evaluate::{Loader, PolicyError, PolicyLimits, PolicyParameters},
    policy::{Candidate, DataReads, Digest, Metadata, Reads, dialect::Dialect},
    report::Problem,
};

/// A module or a component.
pub(super) struct Inspected {
    /// Where it came from.
    pub(super) origin: String,
    /// Its size.
    pub(super) bytes: usize,
    pub(super) digest: Digest,
    pub(super) facts: Facts,
    /// The memory that an evaluation starts with, when it can be loaded.
    pub(super) memory_bytes: Option<u64>,
    /// How many constraints ask it, when it is a Gatekeeper template.
    pub(super) constraints: Option<usize>,
    pub(super) policies: Vec<Described>,
}

/// What it says of itself, if it does.
pub(super) enum Facts {
    Opa(Option<modules::Facts>),
    Component(Option<components::Facts>),
}

/// A policy.
pub(super) struct Described {
    /// Where it came from: of a constraint, another place than the module.
    pub(super) origin: String,
    /// Its name, as far as it is known.
    pub(super) name: String,
    pub(super) asked: Asked,
    /// What else it says of itself, when it can be loaded.
    pub(super) metadata: Option<Metadata>,
}

/// How a policy is asked.
pub(super) enum Asked {
    /// By the rules of a package.
    Rules {
        package: String,
        dialect: Dialect,
        told_by: ToldBy,
        /// What of its input it can read, when that is known.
        reads: Option<Reads>,
        /// What of `data`.
        data_reads: Option<DataReads>,
    },
    /// By what a component exports.
    Exports {
        /// The schema of its parameters, if it takes some.
        parameters: Option<Value>,
    },
}

/// How a dialect is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ToldBy {
    Rules,
    Annotation,
    Template,
}

/// Whether the host has a builtin.
pub(super) enum Has {
    Yes,
    No(&'static str),
}

/// Looks into modules and components, one after the other.
pub(super) struct Inspector {
    engine: Engine,
    limits: Arc<Limits>,
    loader: Loader,
}

/// Whether the host has a builtin of that name.
pub(super) fn has(builtin: &str) -> Has {
    match builtins::find(builtin) {
        Some(_) => Has::Yes,
        None => Has::No(builtins::refusal(builtin).unwrap_or("no builtin of that name is known")),
    }
}

// === impl Inspector ===

impl Inspector {
    pub(super) fn new(engine: Engine, limits: PolicyLimits) -> Self {
        let own = Arc::clone(limits.default_limits());
        let loader = Loader::new(engine.clone(), limits).with_parameters(PolicyParameters::unknown());
        Self { loader, engine, limits: own }
    }

    /// What is in a candidate. Why it cannot be loaded is added to the errors.
    pub(super) fn inspect(&self, candidate: &Candidate, errors: &mut Vec<Problem>) -> Inspected {
        let (facts, memory_bytes, policies) = if components::is_component(&candidate.wasm) {
            self.component(candidate, errors)
        } else {
            self.opa(candidate, errors)
        };
        Inspected {
            origin: candidate.origin.clone(),
            bytes: candidate.wasm.len(),
            digest: Digest::of(&candidate.wasm),
            facts,
            memory_bytes,
            constraints: candidate.constraints.as_ref().map(Vec::len),
            policies,
        }
    }

    /// What each of its policies says of itself, in the loader's order; nothing for one that cannot be loaded.
    fn metadata(
        &self,
        candidate: &Candidate,
        errors: &mut Vec<Problem>,
    ) -> impl Iterator<Item = Option<Metadata>> {
        self.loader.load(candidate).into_iter().map(|entry| {
            let failed = |error: &_| errors.push(problem(error));
            entry.inspect_err(failed).ok().map(|entry| entry.policy.metadata)
        })
    }
}

fn problem(error: &PolicyError) -> Problem {
    Problem { place: error.origin.clone(), reason: error.reason.to_string() }
}

// === impl ToldBy ===

impl ToldBy {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            ToldBy::Rules => "rules",
            ToldBy::Annotation => "annotation",
            ToldBy::Template => "template",
        }
    }
}
