//! Operands as JSON documents: strings are JSON text, arrays and objects are taken as they are.

use serde::de::IgnoredAny;

use super::SchemaError;
use crate::{
    engine::opa::{builtins::json::marshal, value::Value},
    yaml::go_json_float,
};

/// The most bytes of JSON text that stand for a value where values are compared.
const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;

/// The JSON document that an operand stands for: no sets, and strings for keys.
pub(super) fn document(operand: &Value) -> Result<Value, SchemaError> {
    match operand {
        Value::String(text) => {
            let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
            let value = is_json.then(|| Value::parse(text).ok()).flatten();
            value.ok_or_else(|| SchemaError::invalid("invalid JSON string"))
        }
        Value::Object(_) | Value::Array(_) => json(operand),
        _ => Err(SchemaError::invalid("wrong type, expected string or object")),
    }
}

fn json(value: &Value) -> Result<Value, SchemaError> {
    Ok(match value {
        Value::Array(items) => Value::Array(items.iter().map(json).collect::<Result<_, _>>()?),
        Value::Set(items) => Value::Array(items.iter().map(json).collect::<Result<_, _>>()?),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| {
                let key = match key {
                    Value::String(_) => key.clone(),
                    other => marshal(other, None, MAX_TEXT_BYTES)?.into(),
                };
                Ok((key, json(value)?))
            });
            Value::Object(entries.collect::<Result<_, SchemaError>>()?)
        }
        other => other.clone(),
    })
}

/// The JSON text of a value with its numbers as `float64`s, by which the library compares values.
pub(super) fn comparable(value: &Value) -> Result<String, SchemaError> {
    Ok(marshal(&with_floats(value)?, None, MAX_TEXT_BYTES)?)
}

fn with_floats(value: &Value) -> Result<Value, SchemaError> {
    Ok(match value {
        Value::Number(number) => {
            let float = number.to_f64();
            let number = crate::engine::opa::value::Number::parse(&go_json_float(float));
            match number.filter(|_| float.is_finite()) {
                Some(number) => Value::Number(number),
                None => return Err(SchemaError::invalid("a number is beyond the range of float64")),
            }
        }
        Value::Array(items) => Value::Array(items.iter().map(with_floats).collect::<Result<_, _>>()?),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| Ok((key.clone(), with_floats(value)?)));
            Value::Object(entries.collect::<Result<_, SchemaError>>()?)
        }
        other => other.clone(),
    })
}
