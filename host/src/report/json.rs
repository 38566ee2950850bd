//! The report as JSON. Its shape is a promise, described in docs/check.md.

use std::io::{self, Write};

use serde::Serialize;

use super::{Judged, Report};

#[derive(Serialize)]
struct Json<'r> {
    results: Vec<Item<'r>>,
    errors: Vec<Error<'r>>,
    summary: Summary,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'r> {
    source: &'r str,
    document: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<usize>,
    object: Object<'r>,
    allowed: bool,
    deny_level: &'static str,
    violations: Vec<Violation<'r>>,
    failed: Vec<Failed<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'r> {
    api_version: String,
    kind: &'r str,
    namespace: &'r str,
    name: &'r str,
}

#[derive(Serialize)]
struct Violation<'r> {
    policy: &'r str,
    errcode: &'r str,
    severity: &'static str,
    enforcement: &'static str,
    message: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'r serde_json::Value>,
}

#[derive(Serialize)]
struct Failed<'r> {
    policy: &'r str,
    error: &'r str,
}

#[derive(Serialize)]
struct Error<'r> {
    place: &'r str,
    error: &'r str,
}

#[derive(Serialize)]
struct Summary {
    objects: usize,
    denied: usize,
    violations: usize,
    failed: usize,
    errors: usize,
}

/// Writes the report as one JSON document with a newline at its end.
///
/// # Errors
/// When `out` does not take it.
pub fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let json = Json {
        results: report.results.iter().map(|judged| item(judged, report.level.as_str())).collect(),
        errors: report
            .errors
            .iter()
            .map(|problem| Error { place: &problem.place, error: &problem.reason })
            .collect(),
        summary: Summary {
            objects: report.results.len(),
            denied: report.denied(),
            violations: report.violations(),
            failed: report.failed(),
            errors: report.errors.len(),
        },
    };
    let text = serde_json::to_string_pretty(&json)?;
    writeln!(out, "{text}")
}

fn item<'r>(judged: &'r Judged, deny_level: &'static str) -> Item<'r> {
    let violation = |(policy, violation): (&'r str, &'r crate::verdict::Violation)| Violation {
        policy,
        errcode: &violation.errcode,
        severity: violation.severity.as_str(),
        enforcement: violation.enforcement.as_str(),
        message: &violation.message,
        field: violation.field.as_deref(),
        details: violation.details.as_ref(),
    };
    Item {
        source: &judged.place.source,
        document: judged.place.document,
        item: judged.place.item,
        object: Object {
            api_version: judged.kind.api_version(),
            kind: &judged.kind.kind,
            namespace: &judged.namespace,
            name: &judged.name,
        },
        allowed: judged.verdict.allowed,
        deny_level,
        violations: judged.violations().into_iter().map(violation).collect(),
        failed: judged.failed().into_iter().map(|(policy, error)| Failed { policy, error }).collect(),
    }
}
