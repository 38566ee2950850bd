//! A schema as it is used, for one place in the parameters.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{bounds::Bounds, pattern::Pattern};

/// What a value has to be like. The default lets everything pass and knows no fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub(super) kind: Option<Kind>,
    pub(super) nullable: bool,
    /// Whether fields that it does not know are kept.
    pub(super) keeps_unknown: bool,
    pub(super) properties: BTreeMap<String, Node>,
    pub(super) additional: Option<Additional>,
    pub(super) items: Option<Box<Node>>,
    pub(super) default: Option<Fallback>,
    pub(super) required: Vec<String>,
    pub(super) choices: Option<Vec<Value>>,
    pub(super) pattern: Option<Pattern>,
    pub(super) bounds: Bounds,
    pub(super) all_of: Vec<Node>,
    pub(super) any_of: Vec<Node>,
    pub(super) one_of: Vec<Node>,
    pub(super) not: Option<Box<Node>>,
}

/// Types of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Array,
    Boolean,
    Integer,
    IntegerOrString,
    Number,
    Object,
    String,
}

/// What holds for fields that are not among the properties.
#[derive(Clone, Debug)]
pub(super) enum Additional {
    /// They may be there, or may not.
    Allowed(bool),
    Like(Box<Node>),
}

/// What stands for a value that is not there.
#[derive(Clone, Debug)]
pub(super) struct Fallback {
    pub(super) value: Value,
    /// As text; copies of it are counted.
    pub(super) bytes: usize,
}

/// What a schema says of a field.
pub(super) enum Known<'n> {
    No,
    /// It may be there, but nothing is known of what is in it.
    Unspecified,
    As(&'n Node),
}

// === impl Node ===

impl Node {
    /// The schema of legacy templates that have none.
    pub(super) fn anything() -> Self {
        Self { keeps_unknown: true, ..Self::default() }
    }

    pub(super) fn field(&self, name: &str) -> Known<'_> {
        match (self.properties.get(name), &self.additional) {
            (Some(node), _) => Known::As(node),
            (None, Some(Additional::Like(node))) => Known::As(node),
            (None, Some(Additional::Allowed(_))) => Known::Unspecified,
            (None, None) => Known::No,
        }
    }

    /// The schema of a field, if it has one.
    pub(super) fn field_node(&self, name: &str) -> Option<&Node> {
        match self.field(name) {
            Known::As(node) => Some(node),
            Known::No | Known::Unspecified => None,
        }
    }
}

// === impl Kind ===

impl Kind {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "array" => Kind::Array,
            "boolean" => Kind::Boolean,
            "integer" => Kind::Integer,
            "number" => Kind::Number,
            "object" => Kind::Object,
            "string" => Kind::String,
            _ => return None,
        })
    }

    /// For messages: "must be …".
    pub(super) fn expected(self) -> &'static str {
        match self {
            Kind::Array => "a list",
            Kind::Boolean => "true or false",
            Kind::Integer => "an integer",
            Kind::IntegerOrString => "an integer or a string",
            Kind::Number => "a number",
            Kind::Object => "an object",
            Kind::String => "a string",
        }
    }

    pub(super) fn has(self, value: &Value) -> bool {
        match self {
            Kind::Array => value.is_array(),
            Kind::Boolean => value.is_boolean(),
            Kind::Integer => is_integer(value),
            Kind::IntegerOrString => is_integer(value) || value.is_string(),
            Kind::Number => value.is_number(),
            Kind::Object => value.is_object(),
            Kind::String => value.is_string(),
        }
    }
}

/// A whole number that the API server keeps exactly: of 64 bits, or written with a fraction of nothing.
fn is_integer(value: &Value) -> bool {
    const LARGEST_EXACT: f64 = 9_007_199_254_740_991.0;
    value.is_i64()
        || (value.is_f64()
            && value.as_f64().is_some_and(|number| number.fract() == 0.0 && number.abs() <= LARGEST_EXACT))
}
