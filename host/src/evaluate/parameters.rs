//! What policies are configured with, by the policy's name.

use serde_json::{Map, Value};

/// The parameters of every policy that is given some.
#[derive(Clone, Debug)]
pub struct PolicyParameters {
    by_name: Map<String, Value>,
    /// Whether a policy is given nothing when there is nothing here.
    complete: bool,
}

// === impl PolicyParameters ===

impl PolicyParameters {
    /// Reads `{"NAME": {…}}`. Whether they fit is known when the policy is loaded, which has their schema.
    ///
    /// # Errors
    /// When it is no such object.
    pub fn parse(document: Value) -> Result<Self, String> {
        let Value::Object(policies) = document else {
            return Err("parameters must be an object by policy name".to_owned());
        };
        match policies.iter().find(|(_, parameters)| !parameters.is_object()) {
            Some((name, _)) => Err(format!("{name} must be an object")),
            None => Ok(Self { by_name: policies, complete: true }),
        }
    }

    /// For policies that nobody asks yet, only what they are: they may lack parameters that they have to be given.
    pub fn unknown() -> Self {
        Self { by_name: Map::new(), complete: false }
    }

    /// What a policy is given: `given` itself, an empty object, or nothing when that is not known yet.
    pub(super) fn or_none(&self, given: Option<&Value>) -> Option<Value> {
        given.cloned().or_else(|| self.complete.then(|| Map::new().into()))
    }

    /// The parameters of the policy of that name, if it is given some.
    pub fn of(&self, name: &str) -> Option<&Value> {
        self.by_name.get(name)
    }

    /// The names of the policies that are given some.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

impl Default for PolicyParameters {
    fn default() -> Self {
        Self { by_name: Map::new(), complete: true }
    }
}
