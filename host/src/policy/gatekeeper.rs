//! Gatekeeper's ConstraintTemplates and constraints: read, checked and matched by the rules that Gatekeeper and the
//! API server have for them (<https://open-policy-agent.github.io/gatekeeper/website/docs/howto>). Pure; runs
//! nothing.
//!
//! A template holds Rego and a schema, a constraint says with which parameters, on which objects and with which
//! consequence it is asked. What Gatekeeper would let pass although it cannot have been meant, such as a misspelt
//! matcher, is an error here.

mod action;
mod constraint;
mod error;
mod field;
mod matching;
mod names;
mod path;
mod reviewed;
mod schema;
mod selector;
mod template;
mod wildcard;

pub use action::{Actions, EnforcementPoint};
pub use constraint::Constraint;
pub use error::{GatekeeperError, Problem};
pub use matching::{Kinds, Match};
pub use reviewed::Reviewed;
pub use schema::Schema;
pub use template::{RegoVersion, Template};

/// Parameters that go by a structural schema of their own: completed with its defaults, without what it does not know,
/// and notes on that.
///
/// # Errors
/// What is wrong with the schema or the parameters, and where.
pub fn parameters(
    schema: serde_json::Value,
    given: Option<&serde_json::Value>,
) -> Result<(serde_json::Value, Vec<String>), String> {
    let validation = serde_json::json!({ "openAPIV3Schema": schema });
    let schema = field::Field::document(&validation).and_then(|validation| Schema::parse(&validation, false));
    let applied = schema.and_then(|schema| schema.apply(given));
    // The paths begin where a constraint has its parameters.
    applied.map_err(|error| error.to_string().replacen("spec.parameters", "parameters", 1))
}
