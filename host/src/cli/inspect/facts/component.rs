//! Components.

use serde_json::Value;

use super::{Asked, Described, Facts, Inspector};
use crate::{
    engine::component::{Component, describe},
    policy::Candidate,
    report::Problem,
};

// === impl Inspector ===

impl Inspector {
    pub(super) fn component(
        &self,
        candidate: &Candidate,
        errors: &mut Vec<Problem>,
    ) -> (Facts, Option<u64>, Vec<Described>) {
        let facts = describe(&candidate.wasm).ok();
        let metadata = self.metadata(candidate, errors).next().flatten();
        let memory_bytes = facts.as_ref().filter(|_| metadata.is_some()).map(|facts| facts.memory_bytes);
        let described = Described {
            origin: candidate.origin.clone(),
            name: metadata.as_ref().map_or(&candidate.name, |metadata| &metadata.name).clone(),
            asked: Asked::Exports { parameters: self.parameters(candidate) },
            metadata,
        };
        (Facts::Component(facts), memory_bytes, vec![described])
    }

    /// The schema of its parameters. Whether it is one has been found before.
    fn parameters(&self, candidate: &Candidate) -> Option<Value> {
        let component = Component::load(&self.engine, &self.limits, &candidate.wasm, &candidate.name).ok()?;
        let schema = component.metadata().ok()?.parameters?;
        serde_json::from_str(&schema).ok()
    }
}
