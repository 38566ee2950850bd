//! From a module's bytes to policies that are ready to run.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value};

use super::{Policies, PolicyLimits, Program, ask};
use crate::{
    engine::{
        Engine, Fault, Limits,
        opa::{Entrypoint, LoadError, Module},
    },
    json::Document,
    parallel,
    policy::{
        Annotations, Candidate, Constrained, Digest, Entry, Metadata, MetadataError, Policy,
        dialect::{self, Dialect, Found, MagTape, NoPolicy, Rules, UnknownDialect},
        gatekeeper::Match,
    },
    verdict::Enforcement,
};

/// The code of policies that have none.
const NO_CODE: &str = "OPA";

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
    Entrypoints(#[from] NoPolicy),
    /// What is annotated of its dialect.
    #[error("annotation custom.dialect: {0}")]
    Dialect(#[from] UnknownDialect),
    /// Its description.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// Its description could not be had.
    #[error("policy_metadata could not be read: {0}")]
    Unreadable(Fault),
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
        Self { engine, limits }
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
        let data = serde_json::to_vec(&candidate.data).unwrap_or_default();
        let load =
            |limits: &Arc<Limits>| Module::load(&self.engine, limits, &candidate.wasm, &data).map(Arc::new);
        let module = load(self.limits.default_limits())?;
        let digest = Digest::of(&candidate.wasm);
        let mut entries = Vec::new();
        let found = dialect::find(module.entrypoints(), stated(candidate)?)?;
        // A name that has to do for several packages is no name for any of them.
        let several = found.len() > 1;
        for found in found {
            let name = if several {
                format!("{}/{}", candidate.name, found.package)
            } else {
                candidate.name.clone()
            };
            for (origin, described) in describe(&module, candidate, &found, &name) {
                let entry = described.and_then(|described| {
                    // Its name is known only now, and its memory is part of the module.
                    let own = self.limits.own(&described.metadata.name);
                    let module = own.map_or_else(|| Ok(Arc::clone(&module)), load)?;
                    let program = Program {
                        module,
                        rules: found.rules,
                        constraint: described.constraint,
                        reads: candidate.reads.clone(),
                    };
                    let policy = Policy { origin: origin.clone(), digest, metadata: described.metadata };
                    Ok(Entry { policy, program })
                });
                entries.push(entry.map_err(|reason| PolicyError { origin, reason }));
            }
        }
        Ok(entries)
    }
}

fn add(policies: &mut Policies, entry: Entry<Program>) -> Result<(), PolicyError> {
    let (origin, name) = (entry.policy.origin.clone(), entry.policy.metadata.name.clone());
    let taken = |holder| PolicyError { origin, reason: Reason::NameTaken { name, holder } };
    policies.add(entry).map_err(taken)
}

/// What a package's policy is called, and how it is asked.
struct Described {
    metadata: Metadata,
    constraint: Option<Arc<ask::Constraint>>,
}

/// The dialects that annotations state, by package.
fn stated(candidate: &Candidate) -> Result<impl Fn(&str) -> Option<Dialect>, UnknownDialect> {
    let mut stated = std::collections::BTreeMap::new();
    for (package, annotations) in &candidate.annotations {
        if let Some(dialect) = annotations.custom("dialect") {
            stated.insert(package.clone(), dialect.as_str().unwrap_or("(no string)").parse()?);
        }
    }
    let of_template = candidate.constraints.is_some().then_some(Dialect::Gatekeeper);
    Ok(move |package: &str| of_template.or_else(|| stated.get(package).copied()))
}

/// The policies of one package, each with its origin: one, or as many as there are constraints.
fn describe(
    module: &Module,
    candidate: &Candidate,
    found: &Found<Entrypoint>,
    name: &str,
) -> Vec<(String, Result<Described, Reason>)> {
    let none = Annotations::default();
    let annotations = candidate.annotations.get(&found.package).unwrap_or(&none);
    let described = match (&found.rules, &candidate.constraints) {
        (Rules::Gatekeeper(_), Some(constraints)) => {
            let policy = |asked: &Constrained| (asked.origin.clone(), constraint(asked, &candidate.data));
            return constraints.iter().map(policy).collect();
        }
        (Rules::Gatekeeper(_), None) => unconstrained(annotations, name),
        (Rules::MagTape(rules), _) => metadata(module, *rules, annotations),
        (Rules::Opa(_) | Rules::Review(_), _) => annotated(annotations, name),
    };
    vec![(candidate.origin.clone(), described)]
}

fn annotated(annotations: &Annotations, name: &str) -> Result<Described, Reason> {
    Ok(Described { metadata: Metadata::annotated(annotations, name, NO_CODE)?, constraint: None })
}

fn constraint(asked: &Constrained, data: &Map<String, Value>) -> Result<Described, Reason> {
    let metadata = Metadata::annotated(&asked.annotations, &asked.constraint, NO_CODE)?;
    let constraint = ask::Constraint {
        name: asked.constraint.clone(),
        matching: asked.matching.clone(),
        enforcement: asked.enforcement,
        parameters: document(&asked.parameters)?,
        namespaces: namespaces(data),
    };
    Ok(Described { metadata, constraint: Some(Arc::new(constraint)) })
}

/// A rule that was annotated as Gatekeeper's is asked about everything.
fn unconstrained(annotations: &Annotations, name: &str) -> Result<Described, Reason> {
    let metadata = Metadata::annotated(annotations, name, NO_CODE)?;
    let parameters = annotations.custom("parameters").cloned().unwrap_or_else(|| Map::new().into());
    let constraint = ask::Constraint {
        name: metadata.name.clone(),
        matching: Match::default(),
        enforcement: Enforcement::Deny,
        parameters: document(&parameters)?,
        namespaces: Map::new(),
    };
    Ok(Described { metadata, constraint: Some(Arc::new(constraint)) })
}

fn document(parameters: &Value) -> Result<Document, Reason> {
    Document::parse(parameters.to_string()).map_err(|error| Reason::Parameters(error.to_string()))
}

/// The Namespaces among the replicated objects, in Gatekeeper's layout or in kube-mgmt's.
fn namespaces(data: &Map<String, Value>) -> Map<String, Value> {
    let at = |path: &[&str]| {
        let first = data.get(*path.first()?)?;
        path.iter().skip(1).try_fold(first, |value, key| value.get(key))?.as_object().cloned()
    };
    let inventory = at(&["inventory", "cluster", "v1", "Namespace"]);
    inventory.or_else(|| at(&["kubernetes", "namespaces"])).unwrap_or_default()
}

fn metadata(
    module: &Module,
    rules: MagTape<Entrypoint>,
    annotations: &Annotations,
) -> Result<Described, Reason> {
    let mut run = module.start(Duration::ZERO, METADATA_DEADLINE).map_err(Reason::Unreadable)?;
    // Without an input: a description is the same for every request.
    let answer = run.evaluate(rules.metadata).map_err(Reason::Unreadable)?;
    let answer = answer.map_or(Value::Null, |answer| answer.into_json());
    Ok(Described { metadata: Metadata::parse(&answer, annotations)?, constraint: None })
}
