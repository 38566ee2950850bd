//! Policies that are components.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value, json};

use super::{
    super::{PolicyParameters, component},
    Loader, Program, Reason, document,
};
use crate::{
    engine::component::{self as engine, Component, Operation, Severity},
    json::Document,
    policy::{Annotations, Candidate, Digest, Entry, Metadata, MetadataError, Policy, gatekeeper},
};

/// Kinds that one policy may look up.
const MAX_NEEDS: usize = 32;

// === impl Loader ===

impl Loader {
    pub(super) fn load_component(&self, candidate: &Candidate) -> Result<Entry<Program>, Reason> {
        let load = |limits| Component::load(&self.engine, limits, &candidate.wasm, &candidate.name);
        let component = load(self.limits.default_limits())?;
        let described = component.metadata().map_err(Reason::Unreadable)?;
        let metadata = metadata(&described)?;
        let given = candidate.parameters.as_ref().or_else(|| self.parameters.of(&metadata.name));
        let parameters = parameters(&described, given, &self.parameters)?;
        let program = component::Program {
            // Its name is known only now.
            component: Arc::new(match self.limits.own(&metadata.name) {
                Some(limits) => load(limits)?,
                None => component,
            }),
            parameters: Arc::new(document(&parameters)?),
            cluster: Arc::new(component::Cluster::new(&metadata.needs, kinds(&metadata, &candidate.data)?)),
        };
        let policy =
            Policy { origin: candidate.origin.clone(), digest: Digest::of(&candidate.wasm), metadata };
        Ok(Entry { policy, program: Program::Component(program) })
    }
}

/// What it says of itself, held to the rules that hold for all policies.
fn metadata(described: &engine::Metadata) -> Result<Metadata, MetadataError> {
    let severity = match described.severity {
        Severity::Low => "LOW",
        Severity::Med => "MED",
        Severity::High => "HIGH",
    };
    let operation = |operation: &Operation| match operation {
        Operation::Create => "CREATE",
        Operation::Update => "UPDATE",
        Operation::Delete => "DELETE",
        Operation::Connect => "CONNECT",
    };
    let document = json!({
        "name": described.name,
        "severity": severity,
        "errcode": described.errcode,
        "targets": described.targets,
        "operations": described.operations.iter().map(operation).collect::<Vec<_>>(),
        "needs": described.needs,
        "title": described.title,
        "description": described.description,
        "url": described.url,
    });
    Metadata::parse(&document, &Annotations::default())
}

/// What it is configured with, complete and checked against its schema.
fn parameters(
    described: &engine::Metadata,
    given: Option<&Value>,
    known: &PolicyParameters,
) -> Result<Value, Reason> {
    // They are configured by the policy's name, wherever it came from.
    let wrong = |reason: String| Reason::Configuration(format!("{}: {reason}", described.name));
    let Some(schema) = &described.parameters else {
        return match given {
            Some(_) => Err(wrong("it takes no parameters".to_owned())),
            None => Ok(Map::new().into()),
        };
    };
    let schema = serde_json::from_str(schema)
        .map_err(|error| wrong(format!("the schema of its parameters is no JSON: {error}")))?;
    // Whoever is given nothing has defaults as well, and may lack what is required.
    let (parameters, notes) = gatekeeper::parameters(schema, known.or_none(given).as_ref())
        .map_err(|error| wrong(error.replacen("openAPIV3Schema", "the schema of its parameters", 1)))?;
    match notes.first() {
        // A constraint is only warned of them.
        Some(note) => {
            let note = note.replacen("spec.parameters", "parameters", 1).replacen(", it is dropped", "", 1);
            Err(wrong(note.replacen("openAPIV3Schema", "the schema of its parameters", 1)))
        }
        None => Ok(parameters),
    }
}

/// The objects that it may look up, as far as they are known.
fn kinds(
    metadata: &Metadata,
    data: &Map<String, Value>,
) -> Result<BTreeMap<String, Option<Arc<Document>>>, Reason> {
    if metadata.needs.len() > MAX_NEEDS {
        let reason =
            format!("its metadata declares {} kinds in needs, more than {MAX_NEEDS}", metadata.needs.len());
        return Err(Reason::Configuration(reason));
    }
    let objects = |kind: &String| {
        let resource = kind.rsplit('/').next().unwrap_or_default();
        let objects = data.get("kubernetes").and_then(|kinds| kinds.get(resource));
        Ok((kind.clone(), objects.map(document).transpose()?.map(Arc::new)))
    };
    metadata.needs.iter().map(objects).collect()
}
