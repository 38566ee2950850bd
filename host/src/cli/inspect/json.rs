//! What was found as JSON. Its shape is a promise, described in docs/build.md.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use serde::Serialize;
use serde_json::Value;

use super::{
    Inspection,
    facts::{self, Asked, Described, Facts, Has, Inspected},
};
use crate::policy::{self, DataReads, Pattern, Reads};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<Component<'i>>,
    policies: Vec<Policy<'i>>,
}

/// What only a component has.
#[derive(Serialize)]
struct Component<'i> {
    world: Option<&'i str>,
    imports: &'i [String],
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
    package: Option<&'i str>,
    dialect: &'static str,
    dialect_from: &'static str,
    reads: Option<&'i [Vec<String>]>,
    data: Option<&'i [Pattern]>,
    /// Only a component has this field; null when it takes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Option<&'i Value>>,
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
    needs: &'i BTreeSet<String>,
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
    let (opa, component) = match &inspected.facts {
        Facts::Opa(facts) => (facts.as_ref(), None),
        Facts::Component(facts) => (None, facts.as_ref()),
    };
    let builtins = opa.map(|facts| facts.builtins.iter().map(|name| builtin(name)).collect());
    Module {
        origin: &inspected.origin,
        bytes: inspected.bytes,
        sha256: inspected.digest.to_string(),
        abi: opa.map(|facts| format!("{}.{}", facts.abi.0, facts.abi.1)),
        memory_bytes: inspected.memory_bytes,
        constraints: inspected.constraints,
        entrypoints: opa.map(|facts| facts.entrypoints.as_slice()).unwrap_or_default(),
        builtins: builtins.unwrap_or_default(),
        component: component
            .map(|facts| Component { world: facts.world.as_deref(), imports: &facts.imports }),
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
    let metadata = described.metadata.as_ref().map(metadata);
    let loaded = metadata.is_some();
    let Described { name, origin, asked, .. } = described;
    match asked {
        Asked::Rules { package, dialect, told_by, reads, data_reads } => Policy {
            name,
            origin,
            package: Some(package),
            dialect: dialect.as_str(),
            dialect_from: told_by.as_str(),
            reads: reads.as_ref().map(Reads::paths),
            data: data_reads.as_ref().map(DataReads::patterns),
            parameters: None,
            loaded,
            metadata,
        },
        Asked::Exports { parameters } => Policy {
            name,
            origin,
            package: None,
            dialect: "component",
            dialect_from: "exports",
            reads: None,
            data: None,
            parameters: Some(parameters.as_ref()),
            loaded,
            metadata,
        },
    }
}

fn metadata(metadata: &policy::Metadata) -> Metadata<'_> {
    Metadata {
        severity: metadata.severity.as_str(),
        errcode: &metadata.errcode,
        targets: &metadata.targets,
        operations: &metadata.operations,
        needs: &metadata.needs,
        title: metadata.title.as_deref(),
        description: metadata.description.as_deref(),
        url: metadata.url.as_deref(),
    }
}
