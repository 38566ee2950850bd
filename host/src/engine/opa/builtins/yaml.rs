//! `yaml.marshal`, `yaml.unmarshal` and `yaml.is_valid`.
//!
//! Defined by OPA's policy reference ("Encoding") and in detail by what OPA makes of go-yaml v3: YAML with the
//! scalars of `crate::yaml`'s OPA dialect is read, and block style with an indentation of two is written. Only
//! the first document of a text counts, though all of them must be YAML.

mod emitter;
mod key_order;
mod scalar;

use std::collections::BTreeMap;

use super::{Builtin, BuiltinError, State};
use crate::{
    engine::opa::value::{Number, Value},
    yaml::{Dialect, YamlError, go_json_float, parse_as},
};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "yaml.is_valid", arity: 1, call: is_valid },
    Builtin { name: "yaml.marshal", arity: 1, call: marshal },
    Builtin { name: "yaml.unmarshal", arity: 1, call: unmarshal },
];

fn marshal(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [value] = args else { return Err(BuiltinError::undefined("yaml.marshal takes one argument")) };
    emitter::emit(value, state.max_output_bytes).map(Value::from)
}

fn unmarshal(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text)] = args else {
        return Err(BuiltinError::undefined("yaml.unmarshal takes a string"));
    };
    let json = parse_as(Dialect::Opa, text, state.max_output_bytes).map_err(error)?;
    Ok(value(json))
}

fn is_valid(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text)] = args else { return Ok(false.into()) };
    match parse_as(Dialect::Opa, text, state.max_output_bytes) {
        Err(problem) if problem.is_too_large() => Err(error(problem)),
        result => Ok(result.is_ok().into()),
    }
}

fn error(error: YamlError) -> BuiltinError {
    if error.is_too_large() {
        BuiltinError::Limit(error.to_string())
    } else {
        BuiltinError::undefined(error.to_string())
    }
}

/// A JSON value whose numbers have the texts that Go gives them.
fn value(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Number(number) if number.is_f64() => {
            let text = number.as_f64().map(go_json_float);
            text.and_then(|text| Number::parse(&text)).map_or(Value::Null, Value::Number)
        }
        serde_json::Value::Array(items) => Value::Array(items.into_iter().map(value).collect()),
        serde_json::Value::Object(map) => Value::Object(
            map.into_iter().map(|(key, json)| (key.into(), value(json))).collect::<BTreeMap<_, _>>(),
        ),
        other => Value::from(&other),
    }
}

#[cfg(test)]
mod tests;
