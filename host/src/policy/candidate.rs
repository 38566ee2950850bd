//! What a source gives: a module with everything that is known of it, before it has been looked into.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Annotations, DataReads, Reads, gatekeeper::Match};
use crate::verdict::Enforcement;

/// A module that is to be loaded as one or several policies.
#[derive(Clone, Debug, Default)]
pub struct Candidate {
    /// Where it came from, for people.
    pub origin: String,
    /// What its policy is called when it does not say.
    pub name: String,
    /// The WebAssembly module.
    pub wasm: Vec<u8>,
    /// The data document that came with it.
    pub data: Map<String, Value>,
    /// What is annotated of its packages, by the package's path.
    pub annotations: BTreeMap<String, Annotations>,
    /// The manifest of the bundle that OPA would put it in; null when it was not compiled here.
    pub manifest: Value,
    /// Who asks it, when it is the rule of a Gatekeeper template: a policy each.
    pub constraints: Option<Vec<Constrained>>,
    /// What its policy is configured with, before what the loader has for it.
    pub parameters: Option<Value>,
    /// What of its input it can read; nothing means that nobody knows, so the whole.
    pub reads: Option<Reads>,
    /// What of `data` it can read; nothing means that nobody knows.
    pub data_reads: Option<DataReads>,
}

/// One use of a Gatekeeper template's rule.
#[derive(Clone, Debug)]
pub struct Constrained {
    /// Where the constraint came from.
    pub origin: String,
    /// The constraint's name, which its messages show.
    pub constraint: String,
    /// What describes the policy: name, severity, code.
    pub annotations: Annotations,
    /// Which objects it is about.
    pub matching: Match,
    /// What comes of a violation.
    pub enforcement: Enforcement,
    /// `input.parameters`.
    pub parameters: Value,
}

// === impl Candidate ===

impl Candidate {
    /// A module of which nothing more is known; its name is the last part of `origin`.
    pub fn new(origin: impl Into<String>, wasm: impl Into<Vec<u8>>) -> Self {
        let origin = origin.into();
        let file = origin.rsplit(['/', ' ']).next().unwrap_or_default();
        let name = file.split('.').next().unwrap_or_default().to_owned();
        Self { origin, name, wasm: wasm.into(), ..Self::default() }
    }
}
