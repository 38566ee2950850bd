//! Validation: every keyword of a schema against a value, in the order in which the library reports errors.

mod arrays;
mod objects;

use std::{cmp::Ordering, collections::BTreeMap};

use super::{
    SchemaError,
    decimal::Decimal,
    document::comparable,
    format::has_format,
    report::{Failure, Outcome},
    schema::{Dependency, Id, Node, Schema},
};
use crate::engine::opa::value::Value;

/// Values looked at in one call, each counted with every schema that it is held against.
const MAX_STEPS: usize = 500_000;

/// Schemas within schemas, references included. A schema that refers to nothing but itself ends here.
const MAX_DEPTH: usize = 300;

/// The errors of a value, in order.
pub(super) fn validate(
    schema: &Schema,
    value: &Value,
    max_bytes: usize,
) -> Result<Vec<Failure>, SchemaError> {
    let path = vec!["(Root)".to_owned()];
    let mut validator = Validator { schema, path, depth: 0, steps_left: MAX_STEPS, bytes_left: max_bytes };
    Ok(validator.check(0, value)?.failures)
}

struct Validator<'s> {
    schema: &'s Schema,
    path: Vec<String>,
    depth: usize,
    steps_left: usize,
    bytes_left: usize,
}

type Checked = Result<(), SchemaError>;

// === impl Validator ===

impl<'s> Validator<'s> {
    /// Holds a value against a schema of its own account.
    fn check(&mut self, id: Id, value: &Value) -> Result<Outcome, SchemaError> {
        let mut out = Outcome::default();
        self.visit(id, value, &mut out)?;
        Ok(out)
    }

    /// As [`Self::check`], for a member of the value.
    fn check_member(&mut self, id: Id, name: &str, value: &Value) -> Result<Outcome, SchemaError> {
        self.path.push(name.to_owned());
        let out = self.check(id, value);
        self.path.pop();
        out
    }

    fn visit(&mut self, id: Id, value: &Value, out: &mut Outcome) -> Checked {
        let too_much = || SchemaError::Limit("the value takes too long to validate".to_owned());
        self.steps_left = self.steps_left.checked_sub(1).ok_or_else(too_much)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(too_much());
        }
        let schema = self.schema;
        if let Some(node) = schema.nodes.get(id) {
            self.visit_node(node, value, out)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn visit_node(&mut self, node: &'s Node, value: &Value, out: &mut Outcome) -> Checked {
        if let Some(pass) = node.pass {
            return if pass { Ok(()) } else { self.fail(out, "false", "False always fails validation") };
        }
        if let Some(reference) = node.reference {
            return self.visit(reference, value, out);
        }
        if let Some(given) = wrong_type(node, value) {
            let expected = match node.types.as_slice() {
                [single] => (*single).to_owned(),
                several => format!("[{}]", several.join(",")),
            };
            return self.fail(
                out,
                "invalid_type",
                format!("Invalid type. Expected: {expected}, given: {given}"),
            );
        }
        self.combinations(node, value, out)?;
        match value {
            Value::Number(number) => self.number(node, &Decimal::new(number), out)?,
            Value::Array(items) => self.array(node, items, out)?,
            Value::Object(map) => self.object(node, map, out)?,
            _ => {}
        }
        self.any_value(node, value, out)?;
        match value {
            Value::String(text) => self.string(node, text, out)?,
            Value::Object(map) => self.properties(node, map, out)?,
            _ => {}
        }
        out.score += 1;
        Ok(())
    }

    fn fail(&mut self, out: &mut Outcome, kind: &'static str, description: impl Into<String>) -> Checked {
        let description = description.into();
        let field = self.field();
        let left = self.bytes_left.checked_sub(2 * (field.len() + description.len()) + kind.len());
        self.bytes_left = left.ok_or_else(|| SchemaError::Limit("too many validation errors".to_owned()))?;
        out.add(Failure::new(kind, field, description));
        Ok(())
    }

    fn field(&self) -> String {
        match self.path.split_first() {
            Some((_, members)) if !members.is_empty() => members.join("."),
            _ => self.path.concat(),
        }
    }

    /// `anyOf`, `oneOf`, `allOf`, `not`, `dependencies`, and `if` with its branches.
    fn combinations(&mut self, node: &'s Node, value: &Value, out: &mut Outcome) -> Checked {
        self.any_of(node, value, out)?;
        self.one_of(node, value, out)?;
        let mut valid = 0;
        for id in &node.all_of {
            let result = self.check(*id, value)?;
            valid += usize::from(result.is_valid());
            out.merge(result);
        }
        if valid != node.all_of.len() {
            self.fail(out, "number_all_of", "Must validate all the schemas (allOf)")?;
        }
        if let Some(not) = node.not
            && self.check(not, value)?.is_valid()
        {
            self.fail(out, "number_not", "Must not validate the schema (not)")?;
        }
        if let Value::Object(map) = value {
            self.dependencies(node, map, value, out)?;
        }
        self.condition(node, value, out)?;
        out.score += 1;
        Ok(())
    }

    fn any_of(&mut self, node: &'s Node, value: &Value, out: &mut Outcome) -> Checked {
        let mut best: Option<Outcome> = None;
        for id in &node.any_of {
            let result = self.check(*id, value)?;
            if result.is_valid() {
                return Ok(());
            }
            keep_better(&mut best, result);
        }
        if let Some(best) = best {
            self.fail(out, "number_any_of", "Must validate at least one schema (anyOf)")?;
            out.merge(best);
        }
        Ok(())
    }

    fn one_of(&mut self, node: &'s Node, value: &Value, out: &mut Outcome) -> Checked {
        let (mut valid, mut best) = (0, None);
        for id in &node.one_of {
            let result = self.check(*id, value)?;
            if result.is_valid() {
                valid += 1;
            } else if valid == 0 {
                keep_better(&mut best, result);
            }
        }
        if node.one_of.is_empty() || valid == 1 {
            return Ok(());
        }
        self.fail(out, "number_one_of", "Must validate one and only one schema (oneOf)")?;
        if let Some(best) = best.filter(|_| valid == 0) {
            out.merge(best);
        }
        Ok(())
    }

    fn dependencies(
        &mut self,
        node: &'s Node,
        map: &BTreeMap<Value, Value>,
        value: &Value,
        out: &mut Outcome,
    ) -> Checked {
        for (name, dependency) in &node.dependencies {
            if value.get(name).is_none() {
                continue;
            }
            match dependency {
                Dependency::Schema(id) => self.visit(*id, value, out)?,
                Dependency::Keys(keys) => {
                    for key in keys.iter().filter(|key| !map.contains_key(&Value::from(key.as_str()))) {
                        self.fail(out, "missing_dependency", format!("Has a dependency on {key}"))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn condition(&mut self, node: &'s Node, value: &Value, out: &mut Outcome) -> Checked {
        let Some(condition) = node.condition else { return Ok(()) };
        let (branch, kind, text) = if self.check(condition, value)?.is_valid() {
            (node.then, "condition_then", "Must validate \"then\" as \"if\" was valid")
        } else {
            (node.otherwise, "condition_else", "Must validate \"else\" as \"if\" was not valid")
        };
        let Some(branch) = branch else { return Ok(()) };
        let result = self.check(branch, value)?;
        if !result.is_valid() {
            self.fail(out, kind, text)?;
            out.merge(result);
        }
        Ok(())
    }

    /// `const`, `enum` and `format`.
    fn any_value(&mut self, node: &'s Node, value: &Value, out: &mut Outcome) -> Checked {
        if node.constant.is_some() || node.choices.is_some() {
            let text = comparable(value)?;
            let field = self.field();
            if let Some(constant) = node.constant.as_ref().filter(|constant| **constant != text) {
                self.fail(out, "const", format!("{field} does not match: {constant}"))?;
            }
            if let Some(choices) = node.choices.as_ref().filter(|choices| !choices.contains(&text)) {
                let choices = choices.join(", ");
                self.fail(out, "enum", format!("{field} must be one of the following: {choices}"))?;
            }
        }
        if let Value::String(text) = value
            && !has_format(&node.format, text)
        {
            self.fail(out, "format", format!("Does not match format '{}'", node.format))?;
        }
        out.score += 1;
        Ok(())
    }

    fn number(&mut self, node: &'s Node, number: &Decimal, out: &mut Outcome) -> Checked {
        if let Some(multiple) = &node.multiple_of {
            let is_multiple = number.is_multiple_of(multiple);
            let is_multiple =
                is_multiple.ok_or_else(|| SchemaError::Limit("a number is too long".to_owned()))?;
            if !is_multiple {
                self.fail(out, "multiple_of", format!("Must be a multiple of {}", multiple.text()))?;
            }
        }
        let checks = [
            (&node.maximum, Ordering::Less, true, "number_lte", "less than or equal to"),
            (&node.exclusive_maximum, Ordering::Less, false, "number_lt", "less than"),
            (&node.minimum, Ordering::Greater, true, "number_gte", "greater than or equal to"),
            (&node.exclusive_minimum, Ordering::Greater, false, "number_gt", "greater than"),
        ];
        for (bound, wanted, or_equal, kind, text) in checks {
            let Some(bound) = bound else { continue };
            let order = number.compare(bound);
            if order != wanted && !(or_equal && order == Ordering::Equal) {
                self.fail(out, kind, format!("Must be {text} {}", bound.text()))?;
            }
        }
        out.score += 1;
        Ok(())
    }

    fn string(&mut self, node: &'s Node, text: &str, out: &mut Outcome) -> Checked {
        let length = text.chars().count();
        if let Some(min) = node.min_length.filter(|min| length < *min) {
            self.fail(out, "string_gte", format!("String length must be greater than or equal to {min}"))?;
        }
        if let Some(max) = node.max_length.filter(|max| length > *max) {
            self.fail(out, "string_lte", format!("String length must be less than or equal to {max}"))?;
        }
        if let Some((expression, pattern)) = &node.pattern
            && !pattern.is_match(text)?
        {
            self.fail(out, "pattern", format!("Does not match pattern '{expression}'"))?;
        }
        out.score += 1;
        Ok(())
    }
}

/// Of two failed alternatives the one with the better score, the first where they are equal.
fn keep_better(best: &mut Option<Outcome>, result: Outcome) {
    if best.as_ref().is_none_or(|best| result.score > best.score) {
        *best = Some(result);
    }
}

/// The type of the value, where the schema wants others.
fn wrong_type(node: &Node, value: &Value) -> Option<&'static str> {
    let (given, also) = match value {
        Value::Number(number) if Decimal::new(number).is_integer() => ("integer", "number"),
        other => (other.kind(), other.kind()),
    };
    let fits = node.types.is_empty() || node.types.contains(&given) || node.types.contains(&also);
    (!fits).then_some(given)
}
