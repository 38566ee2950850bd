//! Fills in defaults, as the API server does
//! (<https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting-and-nullable>).

use serde_json::Value;

use super::node::{Fallback, Node};

/// What filling may cost, in looks at properties and bytes of defaults. Every element of a list may get a default of
/// any size.
const MAX_COST: usize = 16 * 1024 * 1024;

/// The defaults would take more than what a document may have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

/// Filling that is under way.
struct Fill {
    left: usize,
}

/// Drops every `null` that may not be one, unless a default takes its place; then gives every absent field its
/// default, and the fields of that theirs.
pub(super) fn defaults(value: &mut Value, node: &Node) -> Result<(), TooMuch> {
    drop_nulls(value, node);
    Fill { left: MAX_COST }.fill(value, node)
}

/// A `null` in a list stays: it has a place.
fn drop_nulls(value: &mut Value, node: &Node) {
    match (value, node.items.as_deref()) {
        (Value::Object(fields), _) => fields.retain(|name, field| {
            let Some(node) = node.field_node(name) else { return true };
            drop_nulls(field, node);
            !field.is_null() || node.nullable || node.default.is_some()
        }),
        (Value::Array(items), Some(node)) => items.iter_mut().for_each(|item| drop_nulls(item, node)),
        _ => {}
    }
}

// === impl Fill ===

impl Fill {
    fn fill(&mut self, value: &mut Value, node: &Node) -> Result<(), TooMuch> {
        match (value, node.items.as_deref()) {
            (Value::Object(fields), _) => {
                self.spend(node.properties.len())?;
                for (name, property) in &node.properties {
                    if let (Some(default), false) = (&property.default, fields.contains_key(name)) {
                        fields.insert(name.clone(), self.copy(default)?);
                    }
                }
                let mut known =
                    fields.iter_mut().filter_map(|(name, field)| Some((field, node.field_node(name)?)));
                known.try_for_each(|(field, node)| self.place(field, node))
            }
            (Value::Array(items), Some(node)) => items.iter_mut().try_for_each(|item| self.place(item, node)),
            _ => Ok(()),
        }
    }

    /// Fills a value that is there, if only as a `null` that may not be one.
    fn place(&mut self, value: &mut Value, node: &Node) -> Result<(), TooMuch> {
        if let (Value::Null, false, Some(default)) = (&*value, node.nullable, &node.default) {
            *value = self.copy(default)?;
        }
        self.fill(value, node)
    }

    fn copy(&mut self, default: &Fallback) -> Result<Value, TooMuch> {
        self.spend(default.bytes)?;
        Ok(default.value.clone())
    }

    fn spend(&mut self, cost: usize) -> Result<(), TooMuch> {
        self.left = self.left.checked_sub(cost).ok_or(TooMuch)?;
        Ok(())
    }
}
