//! The operations of a JSON patch (RFC 6902, section 4), as OPA carries them out.
//!
//! A failed operation makes the whole call undefined. What operations copy and move is counted, since a patch
//! of a few lines can double a document with every one of them.

use std::borrow::Cow;

use super::{
    BuiltinError,
    tree::{Edit, Node},
};
use crate::engine::opa::value::Value;

/// Deeper documents than what a guest may hand over are not made either.
const MAX_DEPTH: usize = 256;

/// The keys of a path, in order.
type Path<'p> = Vec<Cow<'p, Value>>;

/// Applies the operations in turn and gives the patched document.
pub(super) fn apply(document: &Value, operations: &[Value], max_bytes: usize) -> Result<Value, BuiltinError> {
    let mut patch = Patch { root: Some(Node::new(document.clone())), budget: Budget::new(max_bytes) };
    for operation in operations {
        patch.operation(operation)?;
    }
    match patch.root {
        Some(root) => Ok(root.render()),
        None => Err(BuiltinError::undefined("the patch removes the document")),
    }
}

struct Patch {
    /// `None` once an operation has removed the document itself.
    root: Option<Node>,
    budget: Budget,
}

/// What is left of the work that one patch may cost.
pub(super) struct Budget {
    bytes: usize,
    steps: usize,
}

// === impl Budget ===

impl Budget {
    /// Reading parts of a document and moving the elements of arrays may add up to more than the answer may
    /// hold, but not to much more.
    const STEPS_PER_BYTE: usize = 16;

    fn new(max_bytes: usize) -> Self {
        Self { bytes: max_bytes, steps: max_bytes.saturating_mul(Self::STEPS_PER_BYTE) }
    }

    pub(super) fn take_steps(&mut self, steps: usize) -> Result<(), BuiltinError> {
        self.steps = self.steps.checked_sub(steps).ok_or_else(too_large)?;
        Ok(())
    }

    fn take_bytes(&mut self, bytes: usize) -> Result<(), BuiltinError> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(too_large)?;
        Ok(())
    }
}

fn too_large() -> BuiltinError {
    BuiltinError::Limit("the patch makes the document too large".to_owned())
}

// === impl Patch ===

impl Patch {
    fn operation(&mut self, operation: &Value) -> Result<(), BuiltinError> {
        let path = parse_path(attribute(operation, "path")?)?;
        match attribute(operation, "op")?.as_str() {
            Some("add") => self.insert(&path, attribute(operation, "value")?.clone()),
            Some("remove") => self.remove(&path),
            Some("replace") => {
                self.remove(&path)?;
                self.insert(&path, attribute(operation, "value")?.clone())
            }
            Some("move") => {
                let from = parse_path(attribute(operation, "from")?)?;
                let value = self.read(&from)?;
                self.remove(&from)?;
                self.insert(&path, value)
            }
            Some("copy") => {
                let from = parse_path(attribute(operation, "from")?)?;
                let value = self.read(&from)?;
                self.insert(&path, value)
            }
            Some("test") => {
                let is_equal = self.read(&path)? == *attribute(operation, "value")?;
                is_equal.then_some(()).ok_or_else(|| BuiltinError::undefined("a tested value differs"))
            }
            _ => Err(BuiltinError::undefined("unknown patch operation")),
        }
    }

    fn insert(&mut self, path: &[Cow<'_, Value>], value: Value) -> Result<(), BuiltinError> {
        let (bytes, depth) = measure(&value);
        self.budget.take_bytes(bytes)?;
        if path.len() + depth > MAX_DEPTH {
            return Err(too_large());
        }
        match (path.split_last(), &mut self.root) {
            (Some((key, parents)), Some(root)) => {
                root.edit(parents, Edit::Insert(key, value), &mut self.budget)
            }
            (Some(_), None) => Err(BuiltinError::undefined("the document is removed")),
            (None, root) => {
                *root = Some(Node::new(value));
                Ok(())
            }
        }
    }

    fn remove(&mut self, path: &[Cow<'_, Value>]) -> Result<(), BuiltinError> {
        let root = self.root.as_mut().ok_or_else(|| BuiltinError::undefined("the document is removed"))?;
        match path.split_last() {
            Some((key, parents)) => root.edit(parents, Edit::Remove(key), &mut self.budget),
            None => {
                self.root = None;
                Ok(())
            }
        }
    }

    fn read(&mut self, path: &[Cow<'_, Value>]) -> Result<Value, BuiltinError> {
        let root = self.root.as_mut().ok_or_else(|| BuiltinError::undefined("the document is removed"))?;
        root.read(path, &mut self.budget)
    }
}

fn attribute<'o>(operation: &'o Value, name: &str) -> Result<&'o Value, BuiltinError> {
    operation.get(name).ok_or_else(|| BuiltinError::undefined(format!("an operation without {name}")))
}

/// A path as a JSON pointer, whose first slash may be missing, or as an array of keys.
fn parse_path(path: &Value) -> Result<Path<'_>, BuiltinError> {
    match path {
        Value::String(pointer) if pointer.is_empty() => Ok(Vec::new()),
        Value::String(pointer) => {
            let segments = pointer.trim_start_matches('/').split('/');
            Ok(segments
                .map(|segment| segment.replace("~1", "/").replace("~0", "~").into())
                .map(Cow::Owned)
                .collect())
        }
        Value::Array(keys) => Ok(keys.iter().map(Cow::Borrowed).collect()),
        _ => Err(BuiltinError::undefined("a path must be a string or an array")),
    }
}

/// About the bytes of a value's text, and how deeply it is nested.
pub(super) fn measure(value: &Value) -> (usize, usize) {
    let sum = |items: &mut dyn Iterator<Item = &Value>| {
        items
            .map(measure)
            .fold((2, 1), |(bytes, depth), (more, below)| (bytes + more + 1, depth.max(below + 1)))
    };
    match value {
        Value::String(text) => (text.len() + 2, 0),
        Value::Number(number) => (number.to_string().len(), 0),
        Value::Null | Value::Bool(_) => (4, 0),
        Value::Array(items) => sum(&mut items.iter()),
        Value::Set(items) => sum(&mut items.iter()),
        Value::Object(map) => sum(&mut map.iter().flat_map(|(key, value)| [key, value])),
    }
}
