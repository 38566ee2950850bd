//! `strings.any_prefix_match`, `strings.any_suffix_match`, `strings.count`, `strings.split_n`, `indexof_n` and
//! `internal.template_string`.
//!
//! Defined by OPA's policy reference ("Strings") and, where that is silent, by `strings.go` of OPA's `topdown`:
//! positions count characters, matches of `indexof_n` overlap and those of `strings.count` do not. Searching
//! takes time in proportion to the texts, whatever is searched for.

mod search;

use super::operands::{int, strings};
use super::{Builtin, BuiltinError, State, output::Output};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "indexof_n", arity: 2, call: indexof_n },
    Builtin { name: "internal.template_string", arity: 1, call: template_string },
    Builtin {
        name: "strings.any_prefix_match",
        arity: 2,
        call: |_, args| any_match(args, search::any_prefix),
    },
    Builtin {
        name: "strings.any_suffix_match",
        arity: 2,
        call: |_, args| any_match(args, search::any_suffix),
    },
    Builtin { name: "strings.count", arity: 2, call: count },
    Builtin { name: "strings.split_n", arity: 3, call: split_n },
];

fn two_strings(args: &[Value]) -> Result<(&str, &str), BuiltinError> {
    match args {
        [Value::String(first), Value::String(second)] => Ok((first, second)),
        _ => Err(BuiltinError::undefined("the operands must be strings")),
    }
}

fn check_size(size: usize, state: &State) -> Result<(), BuiltinError> {
    if size > state.max_output_bytes {
        return Err(BuiltinError::Limit("the answer of a builtin for strings is too large".to_owned()));
    }
    Ok(())
}

/// The strings of an operand that may also be just one.
fn one_or_more(value: &Value) -> Result<Vec<&str>, BuiltinError> {
    match value {
        Value::String(text) => Ok(vec![text]),
        other => strings(other),
    }
}

fn any_match(args: &[Value], search: fn(Vec<&str>, &[&str]) -> bool) -> Result<Value, BuiltinError> {
    let [texts, affixes] = args else { return Err(BuiltinError::undefined("two operands are needed")) };
    Ok(search(one_or_more(texts)?, &one_or_more(affixes)?).into())
}

fn count(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let (text, wanted) = two_strings(args)?;
    let count = text.matches(wanted).count();
    Ok(i64::try_from(count).unwrap_or(i64::MAX).into())
}

fn indexof_n(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let (text, wanted) = two_strings(args)?;
    if wanted.is_empty() {
        return Err(BuiltinError::undefined("nothing to search for"));
    }
    let mut positions = Vec::new();
    for position in search::positions(text, wanted) {
        // A position takes at least a digit and a comma.
        check_size(2 * positions.len(), state)?;
        positions.push(i64::try_from(position).unwrap_or(i64::MAX).into());
    }
    Ok(Value::Array(positions))
}

/// The first `n` parts, or the last ones where `n` is negative.
fn split_n(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text), Value::String(delimiter), n] = args else {
        return Err(BuiltinError::undefined("the operands must be two strings and a number"));
    };
    let n = int(n)?;
    let wanted = usize::try_from(n.unsigned_abs()).unwrap_or(usize::MAX);
    let count = parts(text, delimiter).count();
    let skipped = if n < 0 { count.saturating_sub(wanted) } else { 0 };
    let taken = wanted.min(count);
    // A part takes at least its quotes and a comma; its text is a part of a text that was allowed.
    check_size(taken.saturating_mul(3), state)?;
    Ok(Value::Array(parts(text, delimiter).skip(skipped).take(taken).map(Value::from).collect()))
}

/// The parts between delimiters; the empty delimiter is between any two characters, but not around them.
fn parts<'t>(text: &'t str, delimiter: &'t str) -> Box<dyn Iterator<Item = &'t str> + 't> {
    if delimiter.is_empty() {
        return Box::new(text.split_inclusive(|_| true));
    }
    Box::new(text.split(delimiter))
}

/// Joins the parts of a template string, each of which is a plain value or a set of at most one.
fn template_string(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::Array(parts)] = args else {
        return Err(BuiltinError::undefined("the operand must be an array"));
    };
    let mut text = Output::new(state.max_output_bytes);
    for part in parts {
        match part {
            Value::Set(values) if values.len() > 1 => {
                // OPA ends the evaluation here, too.
                return Err(BuiltinError::Limit(
                    "template-strings must not produce multiple outputs".to_owned(),
                ));
            }
            Value::Set(values) => match values.first() {
                None => text.push("<undefined>")?,
                Some(value) => text.push_value(value)?,
            },
            Value::Array(_) | Value::Object(_) => {
                return Err(BuiltinError::undefined("a part of a template string is of a wrong type"));
            }
            plain => text.push_value(plain)?,
        }
    }
    Ok(text.into_text().into())
}

#[cfg(test)]
mod tests;
