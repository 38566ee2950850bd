//! Compiled expressions, and their matches in the order and number that Go finds them.
//!
//! Compiling costs a thousand times what a match in a short text does and policies use few expressions, so the
//! process keeps the last ones, as OPA does.

use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use regex_automata::{
    Input,
    meta::{self, Regex},
    nfa::thompson,
    util::captures::Captures,
};
use regex_syntax::hir::Hir;

use super::BuiltinError;
use crate::go_regex;

/// Longer expressions are a limit: their classes may take a thousand times their text while they are compiled.
const MAX_PATTERN_BYTES: usize = 16 * 1024;

/// The most that the automaton of one expression may take. Go allows far more; this is more than any expression
/// that a person has written needs.
const MAX_AUTOMATON_BYTES: usize = 4 * 1024 * 1024;

/// The product of the sizes of automaton and text, which bounds the time of a search: no deadline can interrupt it. A
/// pattern of everyday size may search a megabyte, a monstrous one some hundred bytes.
const MAX_WORK: u64 = 1 << 33;

/// How many expressions are kept, and how large each may be to be kept.
const MAX_KEPT: usize = 64;
const MAX_KEPT_BYTES: usize = 256 * 1024;

static KEPT: Mutex<Vec<(String, Pattern)>> = Mutex::new(Vec::new());

/// A compiled expression. Cheap to clone.
#[derive(Clone)]
pub(in crate::engine::opa::builtins) struct Pattern(Arc<Compiled>);

struct Compiled {
    regex: Regex,
    names: Vec<String>,
    automaton_bytes: usize,
}

/// The matches in a text; see [`Pattern::matches`].
pub(super) struct Matches<'p, 't> {
    pattern: &'p Pattern,
    text: &'t str,
    position: usize,
    previous_end: Option<usize>,
}

/// The groups of one match.
pub(super) struct Groups<'t> {
    text: &'t str,
    captures: Captures,
}

// === impl Pattern ===

impl Pattern {
    /// Compiles an expression of Go's syntax.
    pub(in crate::engine::opa::builtins) fn compile(expression: &str) -> Result<Self, BuiltinError> {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = kept.iter().position(|(known, _)| known == expression) {
            let entry = kept.remove(index);
            let pattern = entry.1.clone();
            kept.push(entry);
            return Ok(pattern);
        }
        // Others must not wait while this one is compiled.
        drop(kept);
        let pattern = Self(Arc::new(Compiled::new(expression)?));
        if pattern.0.regex.memory_usage() + expression.len() <= MAX_KEPT_BYTES {
            let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= MAX_KEPT {
                kept.remove(0);
            }
            kept.push((expression.to_owned(), pattern.clone()));
        }
        Ok(pattern)
    }

    pub(in crate::engine::opa::builtins) fn is_match(&self, text: &str) -> Result<bool, BuiltinError> {
        Ok(self.matches(text)?.next().is_some())
    }

    /// The matches as Go's `FindAll` gives them: each as far left as possible after the one before, and an empty
    /// one not directly behind another.
    pub(super) fn matches<'t>(&self, text: &'t str) -> Result<Matches<'_, 't>, BuiltinError> {
        let (pattern, length) = (self.0.automaton_bytes as u64, text.len() as u64);
        if pattern.saturating_mul(length) > MAX_WORK {
            return Err(BuiltinError::Limit("the text is too long for the regular expression".to_owned()));
        }
        Ok(Matches { pattern: self, text, position: 0, previous_end: None })
    }

    /// The groups of that number or name; Go lets several have the same name.
    pub(super) fn groups(&self, name: &str) -> Vec<usize> {
        let is_number =
            name.bytes().all(|byte| byte.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
        if is_number {
            return name.parse().into_iter().filter(|&index| index < self.0.names.len()).collect();
        }
        let named = self.0.names.iter().enumerate().filter(|(_, known)| *known == name);
        named.map(|(index, _)| index).collect()
    }
}

// === impl Compiled ===

impl Compiled {
    fn new(expression: &str) -> Result<Self, BuiltinError> {
        if expression.len() > MAX_PATTERN_BYTES {
            return Err(BuiltinError::Limit("the regular expression is too long".to_owned()));
        }
        let translation = go_regex::translate(expression).map_err(BuiltinError::undefined)?;
        let hir = parse(&translation.text)?;
        let config = thompson::Config::new().nfa_size_limit(Some(MAX_AUTOMATON_BYTES));
        let too_large = |_| BuiltinError::Limit("the regular expression is too large".to_owned());
        let automaton =
            thompson::Compiler::new().configure(config).build_from_hir(&hir).map_err(too_large)?;
        let config = meta::Config::new().nfa_size_limit(Some(MAX_AUTOMATON_BYTES));
        let regex = Regex::builder().configure(config).build_from_hir(&hir);
        let regex =
            regex.map_err(|_| BuiltinError::Limit("the regular expression is too large".to_owned()))?;
        Ok(Self { regex, names: translation.names, automaton_bytes: automaton.memory_usage() })
    }
}

/// Go's `\B` may hold between the bytes of a character, where no match of Go's begins; the search leaves those
/// places out, so the parser need not forbid them.
fn parse(text: &str) -> Result<Hir, BuiltinError> {
    let mut parser = regex_syntax::ParserBuilder::new().utf8(false).nest_limit(1000).build();
    parser.parse(text).map_err(|_| BuiltinError::undefined("the regular expression cannot be translated"))
}

// === impl Matches ===

impl<'t> Iterator for Matches<'_, 't> {
    type Item = Groups<'t>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.position <= self.text.len() {
            let regex = &self.pattern.0.regex;
            let mut captures = regex.create_captures();
            regex.search_captures(&Input::new(self.text).range(self.position..), &mut captures);
            let found = captures.get_match()?;
            let is_empty_here = found.end() == self.position;
            let is_rejected = is_empty_here && self.previous_end == Some(found.start());
            self.position = if is_empty_here { self.after(found.end()) } else { found.end() };
            self.previous_end = Some(found.end());
            if !is_rejected {
                return Some(Groups { text: self.text, captures });
            }
        }
        None
    }
}

impl Matches<'_, '_> {
    /// The position one character further, or one beyond the text.
    fn after(&self, position: usize) -> usize {
        let next = self.text.get(position..).and_then(|rest| rest.chars().next());
        position + next.map_or(1, char::len_utf8)
    }
}

// === impl Groups ===

impl<'t> Groups<'t> {
    /// Where the match is.
    pub(super) fn span(&self) -> Range<usize> {
        self.captures.get_match().map_or(0..0, |found| found.range())
    }

    /// The text of a group that took part.
    pub(super) fn get(&self, index: usize) -> Option<&'t str> {
        self.captures.get_group(index).and_then(|span| self.text.get(span.range()))
    }
}
