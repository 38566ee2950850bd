//! A compiled schema: all schemas in one list, by index, since references may go in circles.

use std::collections::BTreeMap;

use super::decimal::Decimal;
use crate::engine::opa::builtins::regex::Pattern;

/// The index of a schema.
pub(super) type Id = usize;

#[derive(Default)]
pub(super) struct Schema {
    pub(super) nodes: Vec<Node>,
}

/// The versions of JSON Schema, in order; `Hybrid` is what a schema without `$schema` is read as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    Draft4,
    Draft6,
    Draft7,
    #[default]
    Hybrid,
}

/// What one schema asks for. Keywords that it does not have are empty.
#[derive(Default)]
pub(super) struct Node {
    /// A schema that is just `true` or `false`.
    pub(super) pass: Option<bool>,
    pub(super) reference: Option<Id>,
    pub(super) types: Vec<&'static str>,

    pub(super) any_of: Vec<Id>,
    pub(super) one_of: Vec<Id>,
    pub(super) all_of: Vec<Id>,
    pub(super) not: Option<Id>,
    pub(super) condition: Option<Id>,
    pub(super) then: Option<Id>,
    pub(super) otherwise: Option<Id>,
    pub(super) dependencies: BTreeMap<String, Dependency>,

    /// By the text that values are compared by.
    pub(super) constant: Option<String>,
    pub(super) choices: Option<Vec<String>>,
    pub(super) format: String,

    pub(super) properties: BTreeMap<String, Id>,
    pub(super) additional_properties: Additional,
    pub(super) pattern_properties: Vec<(Pattern, Id)>,
    pub(super) property_names: Option<Id>,
    pub(super) min_properties: Option<usize>,
    pub(super) max_properties: Option<usize>,
    pub(super) required: Vec<String>,

    pub(super) items: Items,
    pub(super) additional_items: Additional,
    pub(super) min_items: Option<usize>,
    pub(super) max_items: Option<usize>,
    pub(super) unique_items: bool,
    pub(super) contains: Option<Id>,

    pub(super) multiple_of: Option<Decimal>,
    pub(super) minimum: Option<Decimal>,
    pub(super) maximum: Option<Decimal>,
    pub(super) exclusive_minimum: Option<Decimal>,
    pub(super) exclusive_maximum: Option<Decimal>,

    pub(super) min_length: Option<usize>,
    pub(super) max_length: Option<usize>,
    /// With its text, which the error shows.
    pub(super) pattern: Option<(String, Pattern)>,
}

#[derive(Default)]
pub(super) enum Additional {
    #[default]
    Allowed,
    Refused,
    Schema(Id),
}

#[derive(Default)]
pub(super) enum Items {
    #[default]
    Any,
    Each(Id),
    /// By position.
    List(Vec<Id>),
}

pub(super) enum Dependency {
    Keys(Vec<String>),
    Schema(Id),
}

/// The types of JSON Schema, as the library lists them.
pub(super) const TYPES: [&str; 7] = ["array", "boolean", "integer", "number", "null", "object", "string"];
