//! `regex.split`, `regex.find_n`, `regex.replace`, `regex.template_match` and `regex.globs_match`.
//!
//! Defined by OPA's policy reference ("Regex") and by Go's `regexp`: RE2 syntax with ASCII classes, leftmost
//! matches of the first alternative that fits, and Go's templates for replacements. Patterns are read with Go's
//! grammar and handed to `regex-automata` in its own; what Go refuses is undefined here too. `regex.match` and
//! its kin are compiled into the modules.
//!
//! Searching is linear in pattern and text, and calls that would take too long are a limit.

mod globs;
mod pattern;
mod template;

use std::time::Instant;

pub(super) use self::pattern::Pattern;
use super::{Builtin, BuiltinError, State, integer::go_integer};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "regex.find_n", arity: 3, call: find_n },
    Builtin { name: "regex.globs_match", arity: 2, call: globs_match },
    Builtin { name: "regex.replace", arity: 3, call: replace },
    Builtin { name: "regex.split", arity: 2, call: split },
    Builtin { name: "regex.template_match", arity: 4, call: template_match },
];

/// What an element of an array counts besides its text: quotes and a comma.
const ITEM_BYTES: usize = 3;

/// The strings of one answer, counted as they come.
struct Answer {
    bytes_left: usize,
    until: Instant,
}

// === impl Answer ===

impl Answer {
    fn new(state: &State) -> Self {
        Self { bytes_left: state.max_output_bytes, until: state.until }
    }

    fn take(&mut self, bytes: usize) -> Result<(), BuiltinError> {
        if Instant::now() > self.until {
            return Err(BuiltinError::Limit("the regular expression takes too long".to_owned()));
        }
        let left = self.bytes_left.checked_sub(bytes);
        self.bytes_left = left
            .ok_or_else(|| BuiltinError::Limit("the regular expression's answer is too large".to_owned()))?;
        Ok(())
    }
}

fn strings<const N: usize>(args: &[Value]) -> Result<[&str; N], BuiltinError> {
    let texts: Option<Vec<&str>> = args.iter().map(Value::as_str).collect();
    texts
        .and_then(|texts| texts.try_into().ok())
        .ok_or_else(|| BuiltinError::undefined(format!("the builtin takes {N} strings")))
}

fn find_n(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(pattern), Value::String(text), Value::Number(count)] = args else {
        return Err(BuiltinError::undefined("regex.find_n takes two strings and a number"));
    };
    let count =
        go_integer(&count.to_string()).ok_or_else(|| BuiltinError::undefined("the number is no integer"))?;
    // A negative number asks for all matches.
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let pattern = Pattern::compile(pattern)?;
    let mut answer = Answer::new(state);
    let mut found = Vec::new();
    let mut matches = pattern.matches(text)?;
    while found.len() < count
        && let Some(groups) = matches.next()
    {
        let text = groups.get(0).unwrap_or_default();
        answer.take(text.len() + ITEM_BYTES)?;
        found.push(text.into());
    }
    Ok(Value::Array(found))
}

fn split(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [pattern, text] = strings(args)?;
    let expression = pattern;
    let pattern = Pattern::compile(pattern)?;
    if text.is_empty() && !expression.is_empty() {
        return Ok(Value::Array(vec!["".into()]));
    }
    let mut answer = Answer::new(state);
    let mut parts: Vec<Value> = Vec::new();
    let (mut begin, mut end) = (0, 0);
    for groups in pattern.matches(text)? {
        let found = groups.span();
        end = found.start;
        // A match of nothing at the very start separates nothing.
        if found.end != 0 {
            let part = text.get(begin..end).unwrap_or_default();
            answer.take(part.len() + ITEM_BYTES)?;
            parts.push(part.into());
        }
        begin = found.end;
    }
    if end != text.len() {
        let part = text.get(begin..).unwrap_or_default();
        answer.take(part.len() + ITEM_BYTES)?;
        parts.push(part.into());
    }
    Ok(Value::Array(parts))
}

fn replace(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [text, pattern, replacement] = strings(args)?;
    let pattern = Pattern::compile(pattern)?;
    let template = template::parse(replacement, &pattern)?;
    let mut answer = Answer::new(state);
    let mut out = String::new();
    let mut end = 0;
    let mut push = |part: &str| {
        answer.take(part.len())?;
        out.push_str(part);
        Ok::<_, BuiltinError>(())
    };
    for groups in pattern.matches(text)? {
        push(text.get(end..groups.span().start).unwrap_or_default())?;
        template.iter().try_for_each(|piece| push(piece.expand(&groups)))?;
        end = groups.span().end;
    }
    push(text.get(end..).unwrap_or_default())?;
    Ok(out.into())
}

fn template_match(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [template, text, start, end] = strings(args)?;
    // Go counts bytes, so a delimiter is ASCII.
    let (&[start], &[end]) = (start.as_bytes(), end.as_bytes()) else {
        return Err(BuiltinError::undefined("a delimiter must be one character"));
    };
    let pattern = template::delimited_pattern(template, start, end)?;
    Ok(Pattern::compile(&pattern)?.is_match(text)?.into())
}

fn globs_match(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [left, right] = strings(args)?;
    globs::intersect(left, right).map(Value::from)
}

#[cfg(test)]
mod tests;
