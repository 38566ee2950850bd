//! `json.verify_schema` and `json.match_schema`.
//!
//! Defined by OPA's policy reference ("JSON") and by the library inside of it, a fork of gojsonschema: drafts 4, 6
//! and 7, and a mixture of them for schemas that name none. Errors have its kinds and texts; where it goes
//! through a map in random order, the order of the keys is taken.
//!
//! References are followed within the schema only. Nothing is ever loaded from elsewhere.

mod compile;
mod decimal;
mod document;
mod email;
mod format;
mod keywords;
mod reference;
mod report;
mod schema;
mod validate;

use self::{document::document, schema::Schema};
use super::{Builtin, BuiltinError, State};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "json.match_schema", arity: 2, call: match_schema },
    Builtin { name: "json.verify_schema", arity: 1, call: verify_schema },
];

/// Why a schema cannot be used.
#[derive(Debug)]
enum SchemaError {
    /// The schema is wrong; the text is the library's.
    Invalid(String),
    /// The schema asks for more than one call may take.
    Limit(String),
}

fn verify_schema(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [schema] = args else { return Err(BuiltinError::undefined("json.verify_schema takes one argument")) };
    let problem = match document(schema).and_then(|schema| Schema::compile(&schema)) {
        Ok(_) => Value::Null,
        Err(SchemaError::Invalid(problem)) => format!("jsonschema: {problem}").into(),
        Err(SchemaError::Limit(problem)) => return Err(BuiltinError::Limit(problem)),
    };
    Ok(Value::Array(vec![(problem == Value::Null).into(), problem]))
}

fn match_schema(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [value, schema] = args else {
        return Err(BuiltinError::undefined("json.match_schema takes two arguments"));
    };
    let value = document(value)?;
    let schema = Schema::compile(&document(schema)?)?;
    let errors = validate::validate(&schema, &value, state.max_output_bytes)?;
    let valid = errors.is_empty();
    Ok(Value::Array(vec![valid.into(), Value::Array(errors.into_iter().map(Value::from).collect())]))
}

// === impl SchemaError ===

impl SchemaError {
    fn invalid(problem: impl Into<String>) -> Self {
        Self::Invalid(problem.into())
    }
}

impl From<SchemaError> for BuiltinError {
    fn from(error: SchemaError) -> Self {
        match error {
            SchemaError::Invalid(problem) => BuiltinError::Undefined(problem),
            SchemaError::Limit(problem) => BuiltinError::Limit(problem),
        }
    }
}

impl From<BuiltinError> for SchemaError {
    fn from(error: BuiltinError) -> Self {
        match error {
            BuiltinError::Undefined(problem) => SchemaError::Invalid(problem),
            BuiltinError::Limit(problem) => SchemaError::Limit(problem),
        }
    }
}

#[cfg(test)]
mod tests;
