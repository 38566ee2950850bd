//! The keywords of one schema that hold no schemas: types, numbers, sizes and values.

use std::{cmp::Ordering, collections::BTreeMap};

use super::{
    SchemaError,
    compile::invalid_type,
    decimal::Decimal,
    document::comparable,
    schema::{Draft, Node, TYPES},
};
use crate::engine::opa::{builtins::regex::Pattern, value::Value};

/// The members of a schema.
pub(super) struct Keywords<'d> {
    pub(super) map: &'d BTreeMap<Value, Value>,
    pub(super) draft: Draft,
}

// === impl Keywords ===

impl<'d> Keywords<'d> {
    pub(super) fn get(&self, name: &str) -> Option<&'d Value> {
        self.map.get(&Value::from(name))
    }

    pub(super) fn string(&self, name: &str) -> Result<Option<&'d str>, SchemaError> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or_else(|| invalid_type("string", name)),
        }
    }

    pub(super) fn array(&self, name: &str) -> Result<Option<&'d [Value]>, SchemaError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(must_be_of_an(name, "array")),
        }
    }

    pub(super) fn types(&self) -> Result<Vec<&'static str>, SchemaError> {
        let mut types = Vec::new();
        let named: Vec<Option<&str>> = match self.get("type") {
            None => return Ok(types),
            Some(Value::String(name)) => vec![Some(name)],
            Some(Value::Array(names)) => names.iter().map(Value::as_str).collect(),
            Some(_) => vec![None],
        };
        for name in named {
            let name = name.ok_or_else(|| invalid_type("type", "string/Array Of Strings"))?;
            let Some(known) = TYPES.into_iter().find(|known| *known == name) else {
                return Err(SchemaError::invalid(format!(
                    "has a primitive type that is NOT VALID -- given: /{name}/ Expected valid values are:[{}]",
                    TYPES.join(" ")
                )));
            };
            if types.contains(&known) {
                return Err(SchemaError::invalid(format!("{name} type is duplicated")));
            }
            types.push(known);
        }
        Ok(types)
    }

    pub(super) fn numbers(&self, node: &mut Node) -> Result<(), SchemaError> {
        if let Some(multiple) = self.get("multipleOf") {
            let multiple = decimal(multiple).ok_or_else(|| invalid_type("Number", "multipleOf"))?;
            if !multiple.is_positive() {
                return Err(SchemaError::invalid("multipleOf must be strictly greater than 0"));
            }
            node.multiple_of = Some(multiple);
        }
        (node.minimum, node.exclusive_minimum) = self.bound("minimum", "exclusiveMinimum")?;
        (node.maximum, node.exclusive_maximum) = self.bound("maximum", "exclusiveMaximum")?;
        Ok(())
    }

    /// A bound, which draft 4 makes exclusive by a boolean and later drafts by another number.
    fn bound(&self, name: &str, exclusive: &str) -> Result<(Option<Decimal>, Option<Decimal>), SchemaError> {
        let bound = match self.get(name) {
            None => None,
            Some(value) => Some(decimal(value).ok_or_else(|| must_be_of_a(name, "Number"))?),
        };
        let expected = match self.draft {
            Draft::Draft4 => "boolean",
            Draft::Hybrid => "boolean/number",
            _ => "number",
        };
        match self.get(exclusive) {
            None => Ok((bound, None)),
            Some(Value::Bool(is_exclusive)) if matches!(self.draft, Draft::Draft4 | Draft::Hybrid) => {
                match bound {
                    None => Err(SchemaError::invalid(format!("{exclusive} cannot be used without {name}"))),
                    Some(bound) if *is_exclusive => Ok((None, Some(bound))),
                    bound => Ok((bound, None)),
                }
            }
            Some(value @ Value::Number(_)) if self.draft != Draft::Draft4 => Ok((bound, decimal(value))),
            Some(_) => Err(invalid_type(expected, exclusive)),
        }
    }

    /// The keywords from the length of strings to the uniqueness of items.
    pub(super) fn sizes(&self, node: &mut Node) -> Result<(), SchemaError> {
        node.min_length = self.size("minLength")?;
        node.max_length = self.size("maxLength")?;
        check_order(node.min_length, node.max_length, "minLength cannot be greater than maxLength")?;
        if let Some(text) = self.string("pattern")? {
            let pattern =
                Pattern::compile(text).map_err(|_| SchemaError::invalid("pattern must be a valid regex"))?;
            node.pattern = Some((text.to_owned(), pattern));
        }
        node.format = self.string("format")?.unwrap_or_default().to_owned();
        node.min_properties = self.size("minProperties")?;
        node.max_properties = self.size("maxProperties")?;
        check_order(
            node.min_properties,
            node.max_properties,
            "minProperties cannot be greater than maxProperties",
        )?;
        for required in self.array("required")?.unwrap_or_default() {
            let name = required.as_str().ok_or_else(|| invalid_type("string", "required"))?;
            if node.required.iter().any(|known| known == name) {
                return Err(must_be_unique("required"));
            }
            node.required.push(name.to_owned());
        }
        node.min_items = self.size("minItems")?;
        node.max_items = self.size("maxItems")?;
        node.unique_items = match self.get("uniqueItems") {
            None => false,
            Some(Value::Bool(unique)) => *unique,
            Some(_) => return Err(must_be_of_a("uniqueItems", "boolean")),
        };
        Ok(())
    }

    fn size(&self, name: &str) -> Result<Option<usize>, SchemaError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let size = match value {
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        let size = size.ok_or_else(|| must_be_of_an(name, "integer"))?;
        let negative = |_| SchemaError::invalid(format!("{name} must be greater than or equal to 0"));
        usize::try_from(size).map(Some).map_err(negative)
    }

    /// `const` and `enum`.
    pub(super) fn values(&self, node: &mut Node) -> Result<(), SchemaError> {
        if self.draft >= Draft::Draft6
            && let Some(constant) = self.get("const")
        {
            node.constant = Some(comparable(constant)?);
        }
        if let Some(choices) = self.array("enum")? {
            let mut texts = Vec::new();
            for choice in choices {
                let text = comparable(choice)?;
                if texts.contains(&text) {
                    return Err(must_be_unique("enum"));
                }
                texts.push(text);
            }
            node.choices = Some(texts);
        }
        Ok(())
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => Some(Decimal::new(number)),
        _ => None,
    }
}

fn check_order(min: Option<usize>, max: Option<usize>, problem: &str) -> Result<(), SchemaError> {
    match (min, max) {
        (Some(min), Some(max)) if min.cmp(&max) == Ordering::Greater => Err(SchemaError::invalid(problem)),
        _ => Ok(()),
    }
}

fn must_be_of_a(name: &str, kind: &str) -> SchemaError {
    SchemaError::invalid(format!("{name} must be of a {kind}"))
}

fn must_be_of_an(name: &str, kind: &str) -> SchemaError {
    SchemaError::invalid(format!("{name} must be of an {kind}"))
}

fn must_be_unique(name: &str) -> SchemaError {
    SchemaError::invalid(format!("{name} items must be unique"))
}
