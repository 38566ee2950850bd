//! The schema of a template's parameters, a structural schema of Kubernetes
//! (<https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>).
//!
//! Parameters go the way that the API server takes with objects: unknown fields are dropped, defaults are filled
//! in, and then the rest is checked.

mod bounds;
mod check;
mod fill;
mod node;
mod parse;
mod pattern;
mod prune;

use serde_json::{Map, Value};

use self::{check::Check, node::Node, parse::Parse, prune::Dropped};
use super::{
    error::GatekeeperError,
    field::{Field, MAX_DEPTH, is_deeper},
    path::Path,
};

const PARAMETERS: &str = "parameters";

/// What the parameters of a template's constraints have to be like.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The schema of `spec` as far as parameters are concerned.
    spec: Node,
    /// What in it is not looked at.
    notes: Vec<String>,
}

// === impl Schema ===

impl Schema {
    /// Reads `spec.crd.spec.validation` of a template. A legacy schema leaves out what a structural one has to say,
    /// and lets fields pass that it does not know
    /// (<https://open-policy-agent.github.io/gatekeeper/website/docs/constrainttemplates#v1-constraint-template>).
    pub(super) fn parse(validation: &Field<'_>, legacy_unless_said: bool) -> Result<Self, GatekeeperError> {
        let is_legacy = validation.get("legacySchema")?.flag()?.unwrap_or(legacy_unless_said);
        let schema = validation.get("openAPIV3Schema")?;
        let mut parse = Parse::new(is_legacy);
        let parameters = match schema.value() {
            Some(_) => Some(parse.schema(&schema)?),
            None => is_legacy.then(Node::anything),
        };
        let properties = parameters.map(|node| (PARAMETERS.to_owned(), node));
        let spec = Node { properties: properties.into_iter().collect(), ..Node::default() };
        Ok(Self { spec, notes: parse.notes() })
    }

    /// The parameters for the rule: those given, completed and without what is unknown. None at all are an empty
    /// object.
    pub(super) fn apply(&self, given: Option<&Value>) -> Result<(Value, Vec<String>), GatekeeperError> {
        let path = Path::Root("spec");
        if given.is_some_and(|value| is_deeper(value, MAX_DEPTH)) {
            let problem = format!("is nested deeper than {MAX_DEPTH} levels");
            return Err(GatekeeperError::new(path.key(PARAMETERS).to_string(), problem));
        }
        let given = given.map(|value| (PARAMETERS.to_owned(), value.clone()));
        let mut spec = Value::Object(given.into_iter().collect::<Map<_, _>>());
        let mut dropped = Dropped::default();
        prune::unknown(&mut spec, &self.spec, path, &mut dropped);
        let too_much =
            |_| GatekeeperError::new(path.key(PARAMETERS).to_string(), "would get too many defaults");
        fill::defaults(&mut spec, &self.spec).map_err(too_much)?;
        if let (Some(parameters), Some(node)) = (spec.get(PARAMETERS), self.spec.properties.get(PARAMETERS)) {
            Check::of(parameters, node, path.key(PARAMETERS))?;
        }
        let parameters = spec.get_mut(PARAMETERS).map(Value::take).filter(|value| !value.is_null());
        let notes = self.notes.iter().cloned().chain(dropped.notes()).collect();
        Ok((parameters.unwrap_or_else(|| Value::Object(Map::new())), notes))
    }
}

#[cfg(test)]
mod tests;
