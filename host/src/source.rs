//! Where policies come from. What is found is handed on as it was found; nothing is compiled or run here.

mod bundle;
pub mod data;
mod embedded;
pub mod exemptions;
mod files;
mod manifests;

use std::path::Path;

use serde_json::{Map, Value};

use crate::policy::Candidate;

pub use embedded::{Embedded, UnknownSet};
pub use files::{SourceError, text};

/// Everything that was found in one set of sources. Its Rego modules may import each other.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Compiled modules.
    pub modules: Vec<Candidate>,
    /// Rego modules, without their tests.
    pub rego: Vec<Rego>,
    /// Gatekeeper's ConstraintTemplates.
    pub templates: Vec<Manifest>,
    /// Gatekeeper's constraints.
    pub constraints: Vec<Manifest>,
    /// Data that belongs to no module in particular.
    pub data: Map<String, Value>,
    /// What could not be read.
    pub errors: Vec<SourceError>,
}

/// A Rego module as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rego {
    /// Where it came from: a path, or a ConfigMap with its key. Unique in its set.
    pub origin: String,
    /// What its policy is called when it does not say.
    pub name: String,
    /// The module.
    pub text: String,
}

/// A Kubernetes object.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The file and the document in it.
    pub origin: String,
    /// The object.
    pub object: Value,
}

/// Adds what a ConfigMap of the cluster has.
pub fn config_map(origin: &str, object: &Value, found: &mut Found) {
    manifests::add(origin, object.clone(), 0, found);
}

/// Reads the policies at `paths`, files or directories, as one set.
pub fn read<P: AsRef<Path>>(paths: &[P]) -> Found {
    let mut found = Found::default();
    paths.iter().for_each(|path| files::read(path.as_ref(), &mut found));
    found
}
