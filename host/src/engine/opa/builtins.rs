//! The builtin functions that OPA's Wasm modules leave to the host, by name.
//!
//! Each family has its own file, which says where its behaviour is defined. An ordinary error of a builtin
//! makes the call undefined, as in OPA outside strict mode; only a limit ends the evaluation.

mod arrays;
#[cfg(test)]
mod cases;
mod cast;
mod crypto;
mod decimal;
mod encoding;
mod glob;
mod graph;
mod integer;
mod json;
mod json_schema;
mod jwt;
mod net;
mod numbers;
mod object;
mod operands;
mod output;
mod random;
mod refused;
mod regex;
mod render_template;
mod runtime;
mod semver;
mod sprintf;
mod strings;
mod time;
mod trace;
mod units;
mod uri;
mod uuid;
mod yaml;

use std::{collections::BTreeMap, time::Instant};

use super::value::Value;

pub(in crate::engine) use sprintf::show;

/// One builtin: what OPA calls it, how many arguments it takes, and what it does.
#[derive(Clone, Copy)]
pub struct Builtin {
    /// OPA's name, such as `sprintf` or `time.now_ns`.
    pub name: &'static str,
    /// The number of arguments; a guest that passes another number gets a fault, never a panic.
    pub arity: usize,
    /// Computes the answer.
    pub call: fn(&mut State, &[Value]) -> Result<Value, BuiltinError>,
}

/// What lives as long as one evaluation: the same question gets the same answer throughout.
#[derive(Debug)]
pub struct State {
    /// The one "now" of the evaluation, in nanoseconds since 1970-01-01T00:00:00Z.
    pub now_ns: i64,
    /// When the evaluation's time is up; nothing interrupts the host, so what may take long looks here.
    pub until: Instant,
    /// Answers of builtins that are random, by builtin and arguments, as OPA caches them.
    pub cached: BTreeMap<(&'static str, Vec<Value>), Value>,
    /// No single answer of a builtin may be larger than this many bytes of value text (or, for a list, hold
    /// more than this many items).
    pub max_output_bytes: usize,
}

/// Why a builtin has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuiltinError {
    /// An ordinary error: the call is undefined and the policy goes on.
    #[error("{0}")]
    Undefined(String),
    /// The answer would be larger than allowed: the evaluation ends.
    #[error("{0}")]
    Limit(String),
}

const FAMILIES: &[&[Builtin]] = &[
    arrays::BUILTINS,
    cast::BUILTINS,
    crypto::BUILTINS,
    encoding::BUILTINS,
    glob::BUILTINS,
    graph::BUILTINS,
    json::BUILTINS,
    json_schema::BUILTINS,
    jwt::BUILTINS,
    net::BUILTINS,
    numbers::BUILTINS,
    object::BUILTINS,
    regex::BUILTINS,
    render_template::BUILTINS,
    runtime::BUILTINS,
    semver::BUILTINS,
    sprintf::BUILTINS,
    strings::BUILTINS,
    time::BUILTINS,
    trace::BUILTINS,
    units::BUILTINS,
    uri::BUILTINS,
    uuid::BUILTINS,
    yaml::BUILTINS,
];

/// The builtin of that name, if the host has it.
pub fn find(name: &str) -> Option<&'static Builtin> {
    all().find(|builtin| builtin.name == name)
}

/// Why the host does not have the builtin of that name, if it is one that it will not have.
pub fn refusal(name: &str) -> Option<&'static str> {
    refused::REFUSED.iter().find(|(refused, _)| *refused == name).map(|(_, reason)| *reason)
}

/// Every builtin that the host has.
pub fn all() -> impl Iterator<Item = &'static Builtin> {
    FAMILIES.iter().copied().flatten()
}

// === impl BuiltinError ===

impl BuiltinError {
    /// An ordinary error.
    pub fn undefined(reason: impl Into<String>) -> Self {
        Self::Undefined(reason.into())
    }
}
