//! Policies in modules that OPA compiled.

use std::{
    sync::{Arc, RwLock},
    time::Duration,
};

use serde_json::{Map, Value};

use super::{super::opa, Loader, PolicyError, Program, Reason, document};
use crate::{
    engine::{
        Limits,
        opa::{Entrypoint, Module},
    },
    policy::{
        Annotations, Candidate, Constrained, Digest, Entry, Metadata, Policy,
        dialect::{self, Dialect, Found, MagTape, Rules, UnknownDialect},
        gatekeeper::Match,
    },
    verdict::Enforcement,
};

/// The code of policies that have none.
const NO_CODE: &str = "OPA";

/// Time to read a policy's own description, once.
const METADATA_DEADLINE: Duration = Duration::from_secs(1);

/// What a package's policy is called, and how it is asked.
struct Described {
    metadata: Metadata,
    constraint: Option<Arc<opa::Constraint>>,
}

// === impl Loader ===

impl Loader {
    pub(super) fn load_opa(
        &self,
        candidate: &Candidate,
    ) -> Result<Vec<Result<Entry<Program>, PolicyError>>, Reason> {
        let data = serde_json::to_vec(&candidate.data).unwrap_or_default();
        let load =
            |limits: &Arc<Limits>| Module::load(&self.engine, limits, &candidate.wasm, &data).map(Arc::new);
        let module = load(self.limits.default_limits())?;
        let of_cluster = |module: &Arc<Module>| {
            let reads = candidate.data_reads.as_ref();
            Arc::new(opa::Cluster::new(module, reads, candidate.constraints.is_some()))
        };
        // One for all policies of the module, because they share its data.
        let cluster = of_cluster(&module);
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
                    let own = own.map(load).transpose()?;
                    let program = opa::Program {
                        cluster: own.as_ref().map_or_else(|| Arc::clone(&cluster), of_cluster),
                        module: own.unwrap_or_else(|| Arc::clone(&module)),
                        rules: found.rules,
                        constraint: described.constraint,
                        reads: candidate.reads.clone(),
                    };
                    let policy = Policy { origin: origin.clone(), digest, metadata: described.metadata };
                    Ok(Entry { policy, program: Program::Opa(program) })
                });
                entries.push(entry.map_err(|reason| PolicyError { origin, reason }));
            }
        }
        Ok(entries)
    }
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
    let constraint = opa::Constraint {
        name: asked.constraint.clone(),
        matching: asked.matching.clone(),
        enforcement: asked.enforcement,
        parameters: document(&asked.parameters)?,
        namespaces: RwLock::new(Arc::new(namespaces(data))),
    };
    Ok(Described { metadata, constraint: Some(Arc::new(constraint)) })
}

/// A rule that was annotated as Gatekeeper's is asked about everything.
fn unconstrained(annotations: &Annotations, name: &str) -> Result<Described, Reason> {
    let metadata = Metadata::annotated(annotations, name, NO_CODE)?;
    let parameters = annotations.custom("parameters").cloned().unwrap_or_else(|| Map::new().into());
    let constraint = opa::Constraint {
        name: metadata.name.clone(),
        matching: Match::default(),
        enforcement: Enforcement::Deny,
        parameters: document(&parameters)?,
        namespaces: RwLock::default(),
    };
    Ok(Described { metadata, constraint: Some(Arc::new(constraint)) })
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
