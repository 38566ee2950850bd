//! What was found as JSON. Its shape is a promise, described in docs/build.md.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use serde::Serialize;

use super::{
    Inspection,
    facts::{self, Described, Has, Inspected},
};
use crate::policy::Reads;

#[derive(Serialize)]
struct Json<'i> {
    modules: Vec<Module<'i>>,
    errors: Vec<Error<'i>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Module<'i> {
    origin: &'i str,
    bytes: usize,
    sha256: String,
    abi: Option<String>,
    memory_bytes: Option<u64>,
    constraints: Option<usize>,
    entrypoints: &'i [String],
    builtins: Vec<Builtin<'i>>,
    policies: Vec<Policy<'i>>,
}

#[derive(Serialize)]
struct Builtin<'i> {
    name: &'i str,
    available: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Policy<'i> {
    name: &'i str,
    origin: &'i str,
    package: &'i str,
    dialect: &'static str,
    dialect_from: &'static str,
    reads: Option<&'i [Vec<String>]>,
    loaded: bool,
    #[serde(flatten)]
    metadata: Option<Metadata<'i>>,
}

#[derive(Serialize)]
struct Metadata<'i> {
    severity: &'static str,
    errcode: &'i str,
    targets: &'i BTreeSet<String>,
    operations: &'i BTreeSet<String>,
    title: Option<&'i str>,
    description: Option<&'i str>,
    url: Option<&'i str>,
}

#[derive(Serialize)]
struct Error<'i> {
    place: &'i str,
    error: &'i str,
}

/// Writes everything as one JSON document with a newline at its end.
pub(super) fn write(inspection: &Inspection, out: &mut impl Write) -> io::Result<()> {
    let errors = inspection.errors.iter();
    let json = Json {
        modules: inspection.modules.iter().map(module).collect(),
        errors: errors.map(|problem| Error { place: &problem.place, error: &problem.reason }).collect(),
    };
    writeln!(out, "{}", serde_json::to_string_pretty(&json)?)
}

fn module(inspected: &Inspected) -> Module<'_> {
    let facts = inspected.facts.as_ref();
    let builtins = facts.map(|facts| facts.builtins.iter().map(|name| builtin(name)).collect());
    Module {
        origin: &inspected.origin,
        bytes: inspected.bytes,
        sha256: inspected.digest.to_string(),
        abi: facts.map(|facts| format!("{}.{}", facts.abi.0, facts.abi.1)),
        memory_bytes: inspected.memory_bytes,
        constraints: inspected.constraints,
        entrypoints: facts.map(|facts| facts.entrypoints.as_slice()).unwrap_or_default(),
        builtins: builtins.unwrap_or_default(),
        policies: inspected.policies.iter().map(policy).collect(),
    }
}

fn builtin(name: &str) -> Builtin<'_> {
    match facts::has(name) {
        Has::Yes => Builtin { name, available: true, reason: None },
        Has::No(reason) => Builtin { name, available: false, reason: Some(reason) },
    }
}

fn policy(described: &Described) -> Policy<'_> {
    Policy {
        name: &described.name,
        origin: &described.origin,
        package: &described.package,
        dialect: described.dialect.as_str(),
        dialect_from: described.told_by.as_str(),
        reads: described.reads.as_ref().map(Reads::paths),
        loaded: described.metadata.is_some(),
        metadata: described.metadata.as_ref().map(|metadata| Metadata {
            severity: metadata.severity.as_str(),
            errcode: &metadata.errcode,
            targets: &metadata.targets,
            operations: &metadata.operations,
            title: metadata.title.as_deref(),
            description: metadata.description.as_deref(),
            url: metadata.url.as_deref(),
        }),
    }
}
