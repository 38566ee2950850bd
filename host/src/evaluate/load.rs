//! From a module's bytes to policies that are ready to run.

use std::{sync::Arc, time::Duration};

use super::{Policies, PolicyLimits, Program};
use crate::{
    engine::{
        Engine, Fault, Limits,
        opa::{Entrypoint, LoadError, Module},
    },
    policy::{
        Digest, Entry, Metadata, MetadataError, Policy,
        dialect::{self, MagTape, NotMagTape},
    },
};

/// Time to read a policy's own description, once.
const METADATA_DEADLINE: Duration = Duration::from_secs(1);

/// Makes policies out of modules. What is wrong with one module never touches another.
pub struct Loader {
    engine: Engine,
    limits: PolicyLimits,
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
    /// Its entrypoints.
    #[error(transparent)]
    Entrypoints(#[from] NotMagTape),
    /// Its description.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// Its description could not be had.
    #[error("policy_metadata could not be read: {0}")]
    Unreadable(Fault),
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
        Self { engine, limits }
    }

    /// Loads the module `wasm` with `data`, JSON text, and adds its policies to `policies`.
    ///
    /// # Errors
    /// What is wrong with it; policies of the module that are in order have been added all the same.
    pub fn add(
        &self,
        policies: &mut Policies,
        origin: &str,
        wasm: &[u8],
        data: &[u8],
    ) -> Result<(), PolicyError> {
        self.try_add(policies, origin, wasm, data)
            .map_err(|reason| PolicyError { origin: origin.to_owned(), reason })
    }

    fn try_add(&self, policies: &mut Policies, origin: &str, wasm: &[u8], data: &[u8]) -> Result<(), Reason> {
        let load = |limits: &Arc<Limits>| Module::load(&self.engine, limits, wasm, data).map(Arc::new);
        let module = load(self.limits.default_limits())?;
        let digest = Digest::of(wasm);
        for entrypoints in dialect::find(module.entrypoints())? {
            let metadata = metadata(&module, entrypoints)?;
            let policy = Policy { origin: origin.to_owned(), digest, metadata };
            let name = policy.metadata.name.clone();
            // Its name is known only now, and its memory is part of the module.
            let module = self.limits.own(&name).map_or_else(|| Ok(Arc::clone(&module)), load)?;
            let program = Program { module, entrypoints };
            policies.add(Entry { policy, program }).map_err(|holder| Reason::NameTaken { name, holder })?;
        }
        Ok(())
    }
}

fn metadata(module: &Module, entrypoints: MagTape<Entrypoint>) -> Result<Metadata, Reason> {
    let mut run = module.start(Duration::ZERO, METADATA_DEADLINE).map_err(Reason::Unreadable)?;
    // Without an input: a description is the same for every request.
    let answer = run.evaluate(entrypoints.metadata).map_err(Reason::Unreadable)?;
    let answer = answer.ok_or(MetadataError::NoObject)?;
    Ok(Metadata::parse(&answer.into_json())?)
}
