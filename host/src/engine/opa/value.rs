//! Values of Rego: JSON plus sets, objects with keys of any kind, and numbers that keep their text.
//!
//! What a guest hands to a builtin and gets back crosses the boundary as OPA's value text
//! (`opa_value_dump`, `opa_value_parse`), which `parse` reads and `dump` writes; JSON would lose sets and
//! non-string keys. `Display` is the text of a Rego term, as OPA's `sprintf` shows it.

mod dump;
mod number;
mod parse;
mod quote;
mod term;

use std::collections::{BTreeMap, BTreeSet};

pub use number::Number;
pub use parse::ParseError;
pub use quote::{Escapes, go_quote, is_printable, write_quoted};

/// One Rego value. The order of the variants is OPA's order between values of different kinds
/// (<https://www.openpolicyagent.org/docs/policy-reference#comparison>), and `Ord` is OPA's `Compare`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number of any size and precision.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object; keys may be any value.
    Object(BTreeMap<Value, Value>),
    /// A set.
    Set(BTreeSet<Value>),
}

// === impl Value ===

impl Value {
    /// The value behind a string key of an object.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Object(map) => map.get(&Value::String(key.to_owned())),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number as `i64`, when it is one exactly (`1.0` is, as in OPA).
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Number(number) => number.to_i64(),
            _ => None,
        }
    }

    /// The name of the kind, as OPA's error texts and `type_name` have it.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
            Value::Set(_) => "set",
        }
    }

    /// As JSON: sets become sorted arrays, and keys that are no strings become their JSON text, as in
    /// OPA's own conversion (`ast.JSON`).
    pub fn into_json(self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Bool(truth) => truth.into(),
            Value::Number(number) => number.into_json(),
            Value::String(text) => text.into(),
            Value::Array(items) => items.into_iter().map(Value::into_json).collect(),
            Value::Set(items) => items.into_iter().map(Value::into_json).collect(),
            Value::Object(map) => serde_json::Value::Object(
                map.into_iter().map(|(key, value)| (key.into_key(), value.into_json())).collect(),
            ),
        }
    }

    fn into_key(self) -> String {
        match self {
            Value::String(text) => text,
            other => other.into_json().to_string(),
        }
    }
}

impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(truth) => Value::Bool(*truth),
            serde_json::Value::Number(number) => Value::Number(Number::from_json(number)),
            serde_json::Value::String(text) => Value::String(text.clone()),
            serde_json::Value::Array(items) => Value::Array(items.iter().map(Value::from).collect()),
            serde_json::Value::Object(map) => {
                Value::Object(map.iter().map(|(k, v)| (Value::String(k.clone()), Value::from(v))).collect())
            }
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Value::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Value::Number(Number::from(integer))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(text)
    }
}

#[cfg(test)]
mod tests;
