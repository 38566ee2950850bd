//! The values that a template sees.

use std::{collections::BTreeMap, ops::Deref, rc::Rc};

use crate::engine::opa::builtins::{
    BuiltinError,
    output::Output,
    sprintf::{self, Arg},
};
use crate::engine::opa::value::{Number, Value, is_printable};

/// A value as Go's reflection sees it.
#[derive(Clone, Debug)]
pub(super) enum Data<'v> {
    /// No value at all, such as of a key that an object lacks.
    Missing,
    /// A `null` in the object.
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Text<'v>),
    /// Go's `json.Number`, which is a string by another name.
    Number(&'v Number),
    Array(&'v [Value]),
    Object(&'v BTreeMap<Value, Value>),
}

/// A string of the object, or one that came up later.
#[derive(Clone, Debug)]
pub(super) enum Text<'v> {
    Borrowed(&'v str),
    Shared(Rc<str>),
}

/// Whether OPA can hand the value to a template. It reads the text of the term as JSON, which has neither sets
/// nor keys of other kinds nor all of Go's escapes.
pub(super) fn is_decodable(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => text.chars().all(is_decodable_char),
        Value::Array(items) => items.iter().all(is_decodable),
        Value::Object(map) => map
            .iter()
            .all(|(key, value)| matches!(key, Value::String(_)) && is_decodable(key) && is_decodable(value)),
        Value::Set(_) => false,
    }
}

fn is_decodable_char(c: char) -> bool {
    let has_json_escape = matches!(c, '\u{8}' | '\t' | '\n' | '\u{c}' | '\r' | '\u{80}'..='\u{ffff}');
    has_json_escape || is_printable(c)
}

// === impl Text ===

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl From<&str> for Text<'_> {
    fn from(text: &str) -> Self {
        Self::Shared(text.into())
    }
}

// === impl Data ===

impl<'v> Data<'v> {
    pub(super) fn new(value: &'v Value) -> Self {
        match value {
            Value::Null | Value::Set(_) => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(Text::Borrowed(text)),
            Value::Array(items) => Self::Array(items),
            Value::Object(map) => Self::Object(map),
        }
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Missing | Self::Null => false,
            Self::Bool(truth) => *truth,
            Self::Int(int) => *int != 0,
            Self::Float(float) => *float != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Number(_) => true,
            Self::Array(items) => !items.is_empty(),
            Self::Object(map) => !map.is_empty(),
        }
    }

    /// What a pipeline answers in the place of a null: nothing.
    pub(super) fn or_missing(self) -> Self {
        if matches!(self, Self::Null) { Self::Missing } else { self }
    }

    /// The text as `fmt.Sprint` has it, with `nil` for what is not there.
    pub(super) fn print(&self, nil: &str, out: &mut Output) -> Result<(), BuiltinError> {
        match self {
            Self::Missing | Self::Null => out.push(nil),
            Self::Bool(truth) => out.push(if *truth { "true" } else { "false" }),
            Self::Int(int) => out.push(&int.to_string()),
            Self::Float(float) => out.push(&sprintf::format("%v", &[Arg::Float(*float)], out.room())?),
            Self::Text(text) => out.push(text),
            Self::Number(number) => out.push(&number.to_string()),
            Self::Array(items) => {
                out.push("[")?;
                for (index, item) in items.iter().enumerate() {
                    out.push(if index > 0 { " " } else { "" })?;
                    Data::new(item).print("<nil>", out)?;
                }
                out.push("]")
            }
            Self::Object(map) => {
                out.push("map[")?;
                for (index, (key, value)) in map.iter().enumerate() {
                    out.push(if index > 0 { " " } else { "" })?;
                    out.push_value(key)?;
                    out.push(":")?;
                    Data::new(value).print("<nil>", out)?;
                }
                out.push("]")
            }
        }
    }
}
