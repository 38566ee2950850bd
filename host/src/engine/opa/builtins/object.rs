//! `object.subset`: whether one collection is part of another.
//!
//! Defined by OPA's policy reference ("Object") and in detail by its evaluator: objects and sets by their
//! members (objects in depth), an array as a run of neighbours, and a set in an array. The last counts matches
//! and not members, so that `{1, 2}` is a subset of `[1, 1]`; that is OPA's answer, and so it is given here.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builtin, BuiltinError, State};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[Builtin { name: "object.subset", arity: 2, call: subset }];

fn subset(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    match args {
        [Value::Array(whole), Value::Set(part)] => Ok(array_holds_set(whole, part).into()),
        [whole, part] => holds(whole, part).map(Value::from).ok_or_else(|| {
            BuiltinError::undefined("object.subset takes two objects, sets or arrays, or an array and a set")
        }),
        _ => Err(BuiltinError::undefined("object.subset takes two arguments")),
    }
}

/// Whether `part` is a subset of `whole`; `None` where the kinds are not comparable.
fn holds(whole: &Value, part: &Value) -> Option<bool> {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => Some(object_holds(whole, part)),
        (Value::Set(whole), Value::Set(part)) => Some(part.is_subset(whole)),
        (Value::Array(whole), Value::Array(part)) => Some(array_holds(whole, part)),
        _ => None,
    }
}

fn object_holds(whole: &BTreeMap<Value, Value>, part: &BTreeMap<Value, Value>) -> bool {
    part.iter().all(|(key, value)| {
        whole.get(key).is_some_and(|found| found == value || holds(found, value).unwrap_or(false))
    })
}

fn array_holds_set(whole: &[Value], part: &BTreeSet<Value>) -> bool {
    let matches = whole.iter().filter(|item| part.contains(item)).count();
    // OPA looks at the count after an element, so an empty array holds not even the empty set.
    !whole.is_empty() && matches >= part.len()
}

/// Whether `part` stands in `whole` without gaps: the search of Knuth, Morris and Pratt, because both may be
/// long and made to be slow.
fn array_holds(whole: &[Value], part: &[Value]) -> bool {
    let borders = borders(part);
    let mut matched = 0;
    for item in whole {
        if matched == part.len() {
            break;
        }
        matched = extend(part, &borders, matched, item);
    }
    matched == part.len()
}

/// For each prefix of `part` that is longer by one than the index, the length of its longest border.
fn borders(part: &[Value]) -> Vec<usize> {
    let mut borders = Vec::with_capacity(part.len());
    let mut matched = 0;
    for (index, item) in part.iter().enumerate() {
        if index > 0 {
            matched = extend(part, &borders, matched, item);
        }
        borders.push(matched);
    }
    borders
}

/// How much of `part` matches after `item`, when `matched` elements did before it.
fn extend(part: &[Value], borders: &[usize], mut matched: usize, item: &Value) -> usize {
    while matched > 0 && part.get(matched) != Some(item) {
        matched = borders.get(matched - 1).copied().unwrap_or(0);
    }
    if part.get(matched) == Some(item) { matched + 1 } else { 0 }
}

#[cfg(test)]
mod tests;
