//! A document under a patch: only what an operation goes through is taken apart.
//!
//! One thing is as in OPA and not as in RFC 6902: an element of an array that no operation has touched is read
//! by its position in the array as it was first, so after the removal of an element before it a path leads to
//! its neighbour.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    BuiltinError,
    patch::{Budget, measure},
};
use crate::engine::opa::{builtins::integer::go_integer, value::Value};

/// A value of the document.
pub(super) enum Node {
    /// No path has led into it so far. Sets are always whole.
    Whole(Value),
    Object(BTreeMap<Value, Node>),
    Array {
        original: Vec<Value>,
        slots: Vec<Slot>,
    },
}

/// An element of an array.
pub(super) enum Slot {
    /// Still the original's element of that index.
    Kept(usize),
    Edited(Node),
}

/// A change of the last value on a path.
pub(super) enum Edit<'e> {
    Insert(&'e Value, Value),
    Remove(&'e Value),
}

// === impl Node ===

impl Node {
    pub(super) fn new(value: Value) -> Self {
        Self::Whole(value)
    }

    /// The value as it is now.
    pub(super) fn render(self) -> Value {
        match self {
            Node::Whole(value) => value,
            Node::Object(map) => {
                Value::Object(map.into_iter().map(|(key, node)| (key, node.render())).collect())
            }
            Node::Array { mut original, slots } => {
                let rendered = slots.into_iter().map(|slot| match slot {
                    Slot::Edited(node) => node.render(),
                    Slot::Kept(index) => original
                        .get_mut(index)
                        .map_or(Value::Null, |value| std::mem::replace(value, Value::Null)),
                });
                Value::Array(rendered.collect())
            }
        }
    }

    /// Changes the value at the end of the path.
    pub(super) fn edit(
        &mut self,
        path: &[Cow<'_, Value>],
        edit: Edit<'_>,
        budget: &mut Budget,
    ) -> Result<(), BuiltinError> {
        let Some((key, rest)) = path.split_first() else { return self.apply(edit, budget) };
        if let Node::Whole(Value::Set(items)) = self {
            // A changed member of a set is another member.
            let member = items.take(key).ok_or_else(missing)?;
            budget.take_steps(measure(&member).0)?;
            let mut child = Node::new(member);
            child.edit(rest, edit, budget)?;
            items.insert(child.render());
            return Ok(());
        }
        self.child(key)?.edit(rest, edit, budget)
    }

    /// The value at the end of the path.
    pub(super) fn read(
        &mut self,
        path: &[Cow<'_, Value>],
        budget: &mut Budget,
    ) -> Result<Value, BuiltinError> {
        let Some((key, rest)) = path.split_first() else { return self.copy(budget) };
        if let Node::Whole(Value::Set(items)) = self {
            let member = items.get(key.as_ref()).ok_or_else(missing)?;
            budget.take_steps(measure(member).0)?;
            return Node::new(member.clone()).read(rest, budget);
        }
        self.child(key)?.read(rest, budget)
    }

    fn copy(&self, budget: &mut Budget) -> Result<Value, BuiltinError> {
        Ok(match self {
            Node::Whole(value) => {
                budget.take_steps(measure(value).0)?;
                value.clone()
            }
            Node::Object(map) => {
                let entries = map.iter().map(|(key, node)| Ok((key.clone(), node.copy(budget)?)));
                Value::Object(entries.collect::<Result<_, BuiltinError>>()?)
            }
            Node::Array { original, slots } => {
                let items = slots.iter().map(|slot| match slot {
                    Slot::Edited(node) => node.copy(budget),
                    Slot::Kept(index) => {
                        let value = original.get(*index).unwrap_or(&Value::Null);
                        budget.take_steps(measure(value).0)?;
                        Ok(value.clone())
                    }
                });
                Value::Array(items.collect::<Result<_, BuiltinError>>()?)
            }
        })
    }

    fn child(&mut self, key: &Value) -> Result<&mut Node, BuiltinError> {
        match self.take_apart() {
            Node::Object(map) => map.get_mut(key).ok_or_else(missing),
            Node::Array { original, slots } => {
                let index = index(key, slots.len())?;
                let slot = slots.get_mut(index).ok_or_else(missing)?;
                if let Slot::Kept(_) = slot {
                    *slot = Slot::Edited(Node::new(original.get(index).ok_or_else(missing)?.clone()));
                }
                match slot {
                    Slot::Edited(node) => Ok(node),
                    Slot::Kept(_) => Err(missing()),
                }
            }
            Node::Whole(_) => Err(BuiltinError::undefined("a path leads through a scalar")),
        }
    }

    fn apply(&mut self, edit: Edit<'_>, budget: &mut Budget) -> Result<(), BuiltinError> {
        match (self.take_apart(), edit) {
            (Node::Object(map), Edit::Insert(key, value)) => {
                // The new key stays where the old one was equal but spelled otherwise (1 and 1.0).
                map.remove(key);
                map.insert(key.clone(), Node::new(value));
            }
            (Node::Object(map), Edit::Remove(key)) => {
                map.remove(key).ok_or_else(missing)?;
            }
            (Node::Whole(Value::Set(items)), Edit::Insert(key, value)) if *key == value => {
                items.replace(value);
            }
            (Node::Whole(Value::Set(items)), Edit::Remove(key)) => {
                items.take(key).ok_or_else(missing)?;
            }
            (Node::Array { slots, .. }, Edit::Insert(key, value)) => {
                let index = index(key, slots.len())?;
                budget.take_steps(slots.len().checked_sub(index).ok_or_else(missing)?)?;
                slots.insert(index, Slot::Edited(Node::new(value)));
            }
            (Node::Array { slots, .. }, Edit::Remove(key)) => {
                let index = index(key, slots.len())?;
                budget.take_steps(slots.len().checked_sub(index + 1).ok_or_else(missing)?)?;
                slots.remove(index);
            }
            (Node::Whole(_), _) => return Err(BuiltinError::undefined("this value cannot be patched so")),
        }
        Ok(())
    }

    /// Makes an object or an array one of nodes.
    fn take_apart(&mut self) -> &mut Self {
        if let Node::Whole(value @ (Value::Object(_) | Value::Array(_))) = self {
            *self = match std::mem::replace(value, Value::Null) {
                Value::Object(map) => {
                    Node::Object(map.into_iter().map(|(key, value)| (key, Node::new(value))).collect())
                }
                Value::Array(original) => {
                    let slots = (0..original.len()).map(Slot::Kept).collect();
                    Node::Array { original, slots }
                }
                other => Node::Whole(other),
            };
        }
        self
    }
}

fn missing() -> BuiltinError {
    BuiltinError::undefined("a path leads to nothing")
}

/// The index that a key names; `-` is the one after the last.
fn index(key: &Value, length: usize) -> Result<usize, BuiltinError> {
    let index = match key {
        Value::Number(number) => go_integer(&number.to_string()),
        Value::String(text) if text == "-" => return Ok(length),
        Value::String(text) if text == "0" || !text.starts_with('0') => go_integer(text),
        _ => None,
    };
    index.and_then(|index| usize::try_from(index).ok()).ok_or_else(|| BuiltinError::undefined("no index"))
}
