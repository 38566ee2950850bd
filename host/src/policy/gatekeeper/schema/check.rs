//! Checks a value by a schema.

use serde_json::Value;

use super::{
    super::{
        error::{GatekeeperError, MAX_PROBLEMS, Problem},
        path::{MAX_SHOWN, Path, shown},
    },
    bounds::is_same,
    node::{Additional, Known, Node},
};
use crate::shorten;

/// The steps that a check may take. Alternatives of alternatives may ask for any number of them; parameters that a
/// person has written need a hundredth of this.
const MAX_STEPS: usize = 200_000;

/// Why an alternative does not fit is cut there: it may itself be about alternatives.
const MAX_FAULT: usize = 200;

/// A check that is under way.
pub(super) struct Check {
    problems: Vec<Problem>,
    /// How many problems are kept.
    limit: usize,
    more: usize,
    steps_left: usize,
}

// === impl Check ===

impl Check {
    /// Says everything that is wrong with a value.
    pub(super) fn of(value: &Value, node: &Node, path: Path<'_>) -> Result<(), GatekeeperError> {
        let mut check = Self::new(MAX_PROBLEMS, MAX_STEPS);
        check.value(value, node, path);
        if check.steps_left == 0 {
            return Err(GatekeeperError::new(
                path.to_string(),
                "takes too many steps to check by the schema",
            ));
        }
        GatekeeperError::of(check.problems, check.more)
    }

    fn new(limit: usize, steps_left: usize) -> Self {
        Self { problems: Vec::new(), limit, more: 0, steps_left }
    }

    fn value(&mut self, value: &Value, node: &Node, path: Path<'_>) {
        let looks = 1 + node.required.len() + node.choices.as_ref().map_or(0, Vec::len);
        self.steps_left = self.steps_left.saturating_sub(looks);
        if self.steps_left == 0 {
            return;
        }
        if value.is_null() {
            return self.null(node, path);
        }
        if let Some(kind) = node.kind.filter(|kind| !kind.has(value)) {
            return self.must_be(kind.expected(), value, path);
        }
        self.choice(value, node, path);
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => self.bound(node.bounds.of_number(number), value, path),
            Value::String(text) => self.text(text, value, node, path),
            Value::Array(items) => self.list(items, value, node, path),
            Value::Object(fields) => self.object(fields, value, node, path),
        }
        self.combinations(value, node, path);
    }

    /// Nothing is asked of a `null` but whether it may be one, and no choice is it.
    fn null(&mut self, node: &Node, path: Path<'_>) {
        match node.kind {
            Some(kind) if !node.nullable => self.must_be(kind.expected(), &Value::Null, path),
            _ => self.choice(&Value::Null, node, path),
        }
    }

    fn choice(&mut self, value: &Value, node: &Node, path: Path<'_>) {
        let Some(choices) = &node.choices else { return };
        if value.is_null() || !choices.iter().any(|choice| is_same(choice, value)) {
            let choices = choices
                .iter()
                .take(MAX_PROBLEMS)
                .map(|choice| shorten::to_chars(choice.to_string(), MAX_SHOWN));
            let choices: Vec<String> = choices.collect();
            self.must_be(&format!("one of {}", choices.join(", ")), value, path);
        }
    }

    fn text(&mut self, text: &str, value: &Value, node: &Node, path: Path<'_>) {
        self.bound(node.bounds.of_text(text), value, path);
        if let Some(pattern) = node.pattern.as_ref().filter(|pattern| !pattern.matches(text)) {
            self.must_be(&format!("a string that matches {pattern}"), value, path);
        }
    }

    fn list(&mut self, items: &[Value], value: &Value, node: &Node, path: Path<'_>) {
        self.bound(node.bounds.of_list(items), value, path);
        let Some(node) = &node.items else { return };
        for (index, item) in items.iter().enumerate() {
            self.value(item, node, path.index(index));
        }
    }

    fn object(
        &mut self,
        fields: &serde_json::Map<String, Value>,
        value: &Value,
        node: &Node,
        path: Path<'_>,
    ) {
        self.bound(node.bounds.of_object(fields), value, path);
        for name in node.required.iter().filter(|name| !fields.contains_key(*name)) {
            self.problem(path.key(name), "is required, and missing".to_owned());
        }
        let is_closed = matches!(node.additional, Some(Additional::Allowed(false)));
        for (name, field) in fields {
            match node.field(name) {
                Known::As(node) => self.value(field, node, path.key(name)),
                Known::Unspecified if is_closed => {
                    self.problem(path.key(name), "is not allowed by the schema".into())
                }
                Known::Unspecified | Known::No => {}
            }
        }
    }

    fn combinations(&mut self, value: &Value, node: &Node, path: Path<'_>) {
        node.all_of.iter().for_each(|all| self.value(value, all, path));
        self.alternatives(&node.any_of, "anyOf", value, path);
        let fitting = self.alternatives(&node.one_of, "oneOf", value, path);
        if fitting > 1 {
            self.problem(path, format!("fits {fitting} alternatives of oneOf, and must fit one"));
        }
        if node.not.as_ref().is_some_and(|not| self.attempt(value, not, path).is_none()) {
            self.problem(path, "fits the schema of not, and must not".to_owned());
        }
    }

    /// How many alternatives fit; if none does, why.
    fn alternatives(&mut self, nodes: &[Node], name: &str, value: &Value, path: Path<'_>) -> usize {
        let faults: Vec<String> = nodes.iter().filter_map(|node| self.attempt(value, node, path)).collect();
        if !nodes.is_empty() && faults.len() == nodes.len() {
            let faults: Vec<String> =
                faults.iter().take(3).map(|fault| shorten::to_chars(fault, MAX_FAULT)).collect();
            self.problem(path, format!("fits no alternative of {name} ({})", faults.join(", or ")));
        }
        nodes.len() - faults.len()
    }

    /// The first problem with a schema that need not hold.
    fn attempt(&mut self, value: &Value, node: &Node, path: Path<'_>) -> Option<String> {
        let mut attempt = Self::new(1, self.steps_left);
        attempt.value(value, node, path);
        self.steps_left = attempt.steps_left;
        attempt.problems.first().map(Problem::to_string)
    }

    fn bound(&mut self, violated: Option<String>, value: &Value, path: Path<'_>) {
        if let Some(expected) = violated {
            self.must_be(&expected, value, path);
        }
    }

    fn must_be(&mut self, expected: &str, value: &Value, path: Path<'_>) {
        self.problem(path, format!("must be {expected}, is {}", shown(value)));
    }

    fn problem(&mut self, path: Path<'_>, problem: String) {
        if self.problems.len() < self.limit {
            self.problems.push(Problem { path: path.to_string(), problem });
        } else {
            self.more += 1;
        }
    }
}
