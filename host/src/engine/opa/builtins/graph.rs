//! `graph.reachable_paths`: every path from the initial nodes through the edges of a graph.
//!
//! Defined by OPA's policy reference ("Graph"), and in detail by its evaluator: a path ends before a node that
//! the graph does not have, at a node without edges, and where the next node is on the path already.
//!
//! The number of paths can grow exponentially with the graph. Their sizes are counted as they are found, and
//! nothing here recurses.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builtin, BuiltinError, State};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] =
    &[Builtin { name: "graph.reachable_paths", arity: 2, call: reachable_paths }];

/// What each step of a path counts besides the text of its node.
const STEP_BYTES: usize = 2;

/// The walk over all paths from one initial node.
struct Walk<'g> {
    graph: &'g BTreeMap<Value, Value>,
    path: Vec<&'g Value>,
    on_path: BTreeSet<&'g Value>,
    path_bytes: usize,
    bytes_left: usize,
    found: BTreeSet<Value>,
}

fn reachable_paths(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::Object(graph), initial @ (Value::Array(_) | Value::Set(_))] = args else {
        return Err(BuiltinError::undefined("graph.reachable_paths takes an object and an array or a set"));
    };
    let mut walk = Walk {
        graph,
        path: Vec::new(),
        on_path: BTreeSet::new(),
        path_bytes: 0,
        bytes_left: state.max_output_bytes,
        found: BTreeSet::new(),
    };
    for root in vertices(initial).filter(|node| graph.contains_key(node)) {
        walk.from(root)?;
    }
    Ok(Value::Set(walk.found))
}

/// The members of an array or a set; any other value has none.
fn vertices(collection: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match collection {
        Value::Array(items) => Box::new(items.iter()),
        Value::Set(items) => Box::new(items.iter()),
        _ => Box::new(std::iter::empty()),
    }
}

// === impl Walk ===

impl<'g> Walk<'g> {
    /// Walks depth first. The stack holds, for every node of the path, the neighbours still to visit.
    fn from(&mut self, root: &'g Value) -> Result<(), BuiltinError> {
        let mut stack = Vec::new();
        stack.extend(self.visit(root)?);
        while let Some(neighbours) = stack.last_mut() {
            match neighbours.next() {
                Some(next) => stack.extend(self.visit(next)?),
                None => {
                    stack.pop();
                    self.leave();
                }
            }
        }
        Ok(())
    }

    /// Enters a node and gives its neighbours, or ends the path at it.
    fn visit(
        &mut self,
        node: &'g Value,
    ) -> Result<Option<Box<dyn Iterator<Item = &'g Value> + 'g>>, BuiltinError> {
        if self.on_path.contains(node) {
            return self.commit().map(|()| None);
        }
        let Some(edges) = self.graph.get(node) else { return self.commit().map(|()| None) };
        self.path.push(node);
        self.path_bytes += node_bytes(node);
        let mut neighbours = vertices(edges).peekable();
        if neighbours.peek().is_none() {
            self.commit()?;
            self.leave();
            return Ok(None);
        }
        self.on_path.insert(node);
        Ok(Some(Box::new(neighbours)))
    }

    fn leave(&mut self) {
        if let Some(node) = self.path.pop() {
            self.path_bytes -= node_bytes(node);
            self.on_path.remove(node);
        }
    }

    fn commit(&mut self) -> Result<(), BuiltinError> {
        let left = self.bytes_left.checked_sub(self.path_bytes + STEP_BYTES);
        self.bytes_left =
            left.ok_or_else(|| BuiltinError::Limit("the graph has too many reachable paths".to_owned()))?;
        self.found.insert(Value::Array(self.path.iter().map(|&node| node.clone()).collect()));
        Ok(())
    }
}

/// About the size of a node's text; exact for what nodes are in practice, which is strings and numbers.
fn node_bytes(node: &Value) -> usize {
    let text = match node {
        Value::String(text) => text.len() + 2,
        other => other.dump().len(),
    };
    text + STEP_BYTES
}

#[cfg(test)]
mod tests;
