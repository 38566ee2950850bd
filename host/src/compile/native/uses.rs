//! Every document below `data` that a module may refer to; host/rego-compiler/uses.go does the same.
//!
//! A bare name may be a rule of the same package in another file, so it counts as one unless it is surely local.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    scope::{Scope, declared_by_every, declared_in, vars_in},
    tree::{ground, list, of_type},
};

/// The functions behind `&`, `:=`, `+` and their like.
const OPERATORS: [&str; 15] = [
    "and", "assign", "div", "eq", "equal", "gt", "gte", "lt", "lte", "minus", "mul", "neq", "or", "plus",
    "rem",
];

/// The documents that a module of package `own` may refer to.
pub(super) fn uses(module: &Value, own: &[String]) -> Vec<Vec<String>> {
    let mut collector = Collector { own, imports: imports(module), found: BTreeSet::new() };
    for rule in list(module.get("rules")) {
        collector.rule(&Scope::default(), rule);
    }
    collector.found.into_iter().collect()
}

/// The paths that are imported, by the names that they have here.
fn imports(module: &Value) -> BTreeMap<&str, &[Value]> {
    let named = |import| {
        let path = list(Value::pointer(import, "/path/value"));
        let last = path.last()?.get("value")?.as_str();
        Some((import.get("alias").and_then(Value::as_str).or(last)?, path))
    };
    list(module.get("imports")).iter().filter_map(named).collect()
}

/// Whether a reference is what the parser makes of `in`, `+` and their like.
fn is_operator(head: &str, rest: &[Value]) -> bool {
    let internal = rest.first().and_then(|term| of_type(term, "string"));
    match rest {
        [] => OPERATORS.contains(&head),
        _ => head == "internal" && internal.is_some_and(|name| name.starts_with("member_")),
    }
}

struct Collector<'m> {
    own: &'m [String],
    imports: BTreeMap<&'m str, &'m [Value]>,
    found: BTreeSet<Vec<String>>,
}

// === impl Collector ===

impl<'m> Collector<'m> {
    /// Looks at all of a rule but its name.
    fn rule(&mut self, outer: &Scope<'_>, rule: &'m Value) {
        let arguments = outer.with(rule.pointer("/head/args").map(vars_in).unwrap_or_default());
        let scope = arguments.with(declared_in(list(rule.get("body"))));
        self.all(&scope, list(rule.pointer("/head/ref")).iter().skip(1));
        self.all(&scope, ["/head/key", "/head/value", "/body"].iter().filter_map(|part| rule.pointer(part)));
        if let Some(other) = rule.get("else") {
            self.rule(&arguments, other);
        }
    }

    fn all(&mut self, scope: &Scope<'_>, nodes: impl IntoIterator<Item = &'m Value>) {
        nodes.into_iter().for_each(|node| self.node(scope, node));
    }

    /// Looks at a node and all below it. Kinds of nodes that it does not know have their parts looked at too.
    fn node(&mut self, scope: &Scope<'_>, node: &'m Value) {
        if let Some(name) = of_type(node, "var") {
            return self.name(scope, name);
        }
        match node {
            // A body may be anywhere; what is none declares nothing.
            Value::Array(nodes) => self.all(&scope.with(declared_in(nodes)), nodes),
            Value::Object(parts) if parts.get("type").is_some_and(|own| own == "ref") => {
                self.reference(scope, list(parts.get("value")));
            }
            Value::Object(parts) => self.parts(scope, parts),
            _ => {}
        }
    }

    /// What has a body declares names there, which its other parts see.
    fn parts(&mut self, scope: &Scope<'_>, parts: &'m Map<String, Value>) {
        let inner = scope.with(declared_in(list(parts.get("body"))));
        match parts.get("domain") {
            Some(domain) => {
                self.node(scope, domain);
                self.all(&inner.with(declared_by_every(parts)), parts.get("body"));
            }
            None => self.all(&inner, parts.values()),
        }
    }

    fn reference(&mut self, scope: &Scope<'_>, terms: &'m [Value]) {
        let Some((head, rest)) = terms.split_first() else { return };
        match of_type(head, "var") {
            None => self.node(scope, head),
            Some("data") => self.add(rest.iter()),
            Some(name) => match self.imports.get(name).copied() {
                Some([root, path @ ..]) if !scope.has(name) => self.imported(root, path.iter().chain(rest)),
                _ if is_operator(name, rest) => {}
                _ => self.name(scope, name),
            },
        }
        self.all(scope, rest);
    }

    fn name(&mut self, scope: &Scope<'_>, name: &str) {
        // Names that begin like this are OPA's own.
        let own = ["$", "__local"].iter().any(|prefix| name.starts_with(prefix));
        if own || scope.has(name) || ["data", "input"].contains(&name) {
            return;
        }
        match self.imports.get(name).copied() {
            Some([root, path @ ..]) => self.imported(root, path.iter()),
            _ => drop(self.found.insert([self.own, &[name.to_owned()]].concat())),
        }
    }

    fn imported<'t>(&mut self, root: &Value, path: impl Iterator<Item = &'t Value>) {
        if of_type(root, "var") == Some("data") {
            self.add(path);
        }
    }

    fn add<'t>(&mut self, path: impl Iterator<Item = &'t Value>) {
        self.found.insert(ground(path));
    }
}
