//! From a module's bytes to policies that are ready to run.

mod component;
mod opa;

use serde_json::Value;

use super::{Policies, PolicyLimits, PolicyParameters, Program};
use crate::{
    engine::{
        Engine, Fault,
        component::{ComponentError, is_component},
        opa::LoadError,
    },
    json::Document,
    parallel,
    policy::{
        Candidate, Entry, MetadataError,
        dialect::{NoPolicy, UnknownDialect},
    },
};

/// Makes policies out of modules. What is wrong with one module never touches another.
pub struct Loader {
    engine: Engine,
    limits: PolicyLimits,
    parameters: PolicyParameters,
}

/// A policy that could not be loaded.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: {reason}")]
pub struct PolicyError {
    /// Where the policy was to come from.
    pub origin: String,
    /// What is wrong.
    pub reason: Reason,
}

/// Why a policy could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The module itself.
    #[error(transparent)]
    Module(#[from] LoadError),
    /// The component itself.
    #[error(transparent)]
    Component(#[from] ComponentError),
    /// Its entrypoints.
    #[error(transparent)]
    Entrypoints(#[from] NoPolicy),
    /// What is annotated of its dialect.
    #[error("annotation custom.dialect: {0}")]
    Dialect(#[from] UnknownDialect),
    /// Its description.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// Its description could not be had.
    #[error("its metadata could not be read: {0}")]
    Unreadable(Fault),
    /// What it is configured with does not fit.
    #[error("{0}")]
    Configuration(String),
    /// Its parameters are nested too deep, or larger than any request.
    #[error("its parameters cannot be given to it: a document that {0}")]
    Parameters(String),
    /// Another policy has its name.
    #[error("its name {name:?} is taken by the policy from {holder}; rename one of them")]
    NameTaken {
        /// The name.
        name: String,
        /// Where the other policy came from.
        holder: String,
    },
}

// === impl Loader ===

impl Loader {
    /// A loader on that engine, which must have room for the memory that the limits allow.
    pub fn new(engine: Engine, limits: PolicyLimits) -> Self {
        Self { engine, limits, parameters: PolicyParameters::default() }
    }

    /// The same, for policies that are configured.
    pub fn with_parameters(self, parameters: PolicyParameters) -> Self {
        Self { parameters, ..self }
    }

    /// Loads a candidate and adds its policies to `policies`.
    ///
    /// # Errors
    /// What is wrong with it; policies of the module that are in order have been added all the same.
    pub fn add(&self, policies: &mut Policies, candidate: &Candidate) -> Result<(), PolicyError> {
        self.load(candidate).into_iter().try_for_each(|entry| add(policies, entry?))
    }

    /// Loads all candidates, several at a time, and adds their policies to `policies` in order; `done` hears after
    /// each how many are done. Answers what is wrong with some of them.
    pub fn add_all(
        &self,
        policies: &mut Policies,
        candidates: &[Candidate],
        done: &(dyn Fn(usize) + Sync),
    ) -> Vec<PolicyError> {
        let loaded = parallel::each(candidates, |candidate| self.load(candidate), done);
        let added = loaded.into_iter().flatten().map(|entry| entry.and_then(|entry| add(policies, entry)));
        added.filter_map(Result::err).collect()
    }

    /// Loads a candidate's policies, without a set to be part of. What is wrong with one leaves the others alone.
    pub fn load(&self, candidate: &Candidate) -> Vec<Result<Entry<Program>, PolicyError>> {
        let loaded = self.try_load(candidate);
        loaded.unwrap_or_else(|reason| vec![Err(PolicyError { origin: candidate.origin.clone(), reason })])
    }

    fn try_load(&self, candidate: &Candidate) -> Result<Vec<Result<Entry<Program>, PolicyError>>, Reason> {
        if is_component(&candidate.wasm) {
            return self.load_component(candidate).map(|entry| vec![Ok(entry)]);
        }
        self.load_opa(candidate)
    }
}

fn add(policies: &mut Policies, entry: Entry<Program>) -> Result<(), PolicyError> {
    let (origin, name) = (entry.policy.origin.clone(), entry.policy.metadata.name.clone());
    let taken = |holder| PolicyError { origin, reason: Reason::NameTaken { name, holder } };
    policies.add(entry).map_err(taken)
}

fn document(parameters: &Value) -> Result<Document, Reason> {
    Document::parse(parameters.to_string()).map_err(|error| Reason::Parameters(error.to_string()))
}
