//! Which names of a syntax tree are local; host/rego-compiler/scope.go does the same.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::tree::{list, of_type};

/// Names that are declared.
pub(super) type Names<'s> = BTreeSet<&'s str>;

/// Names that are declared here, and those further out.
#[derive(Debug, Default)]
pub(super) struct Scope<'s> {
    names: Names<'s>,
    outer: Option<&'s Scope<'s>>,
}

// === impl Scope ===

impl Scope<'_> {
    pub(super) fn with<'s>(&'s self, names: Names<'s>) -> Scope<'s> {
        Scope { names, outer: Some(self) }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name) || self.outer.is_some_and(|outer| outer.has(name))
    }
}

/// What `some` and `:=` declare in a body, but not in bodies inside it. A name that is declared must not be used
/// before that, so it is local in all of the body.
pub(super) fn declared_in(body: &[Value]) -> Names<'_> {
    let declared = |expression| match Value::get(expression, "terms") {
        Some(Value::Object(terms)) => list(terms.get("symbols")).iter().flat_map(declared_by_some).collect(),
        Some(Value::Array(terms)) => match terms.as_slice() {
            [operator, pattern, ..] if is_assignment(operator) => vars_in(pattern),
            _ => Names::new(),
        },
        _ => Names::new(),
    };
    body.iter().flat_map(declared).collect()
}

fn is_assignment(operator: &Value) -> bool {
    operator.pointer("/value/0").is_some_and(|head| of_type(head, "var") == Some("assign"))
        && list(operator.get("value")).len() == 1
}

/// Of `some k, v in xs` the names before the `in`, which the parser makes a call.
fn declared_by_some(symbol: &Value) -> Names<'_> {
    let call = symbol.get("type").is_some_and(|own| own == "call");
    match (call, list(symbol.get("value"))) {
        (true, [_, terms @ .., _]) => terms.iter().flat_map(vars_in).collect(),
        _ => vars_in(symbol),
    }
}

/// The names before the `in` of `every k, v in xs`.
pub(super) fn declared_by_every(every: &Map<String, Value>) -> Names<'_> {
    ["key", "value"].iter().filter_map(|part| every.get(*part)).flat_map(vars_in).collect()
}

/// The names that a pattern binds. Keys of objects are looked up, not bound.
pub(super) fn vars_in(pattern: &Value) -> Names<'_> {
    if let Some(name) = of_type(pattern, "var") {
        return Names::from([name]);
    }
    match pattern {
        Value::Array(parts) => parts.iter().flat_map(vars_in).collect(),
        Value::Object(term) => match (term.get("type").and_then(Value::as_str), term.get("value")) {
            (Some("ref" | "call"), _) => Names::new(),
            (Some("object"), fields) => {
                list(fields).iter().filter_map(|field| field.get(1)).flat_map(vars_in).collect()
            }
            (_, value) => value.map(vars_in).unwrap_or_default(),
        },
        _ => Names::new(),
    }
}
