//! The report as JSON. Its shape is a promise, described in docs/migrating.md.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{Effect, Finding, Report};

/// Writes the report, with a newline.
///
/// # Errors
/// When `out` does not take it.
pub fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let errors: Vec<Value> = report
        .errors
        .iter()
        .map(|problem| json!({"place": problem.place, "reason": problem.reason}))
        .collect();
    let count = |effect: Effect| (effect.as_str().to_owned(), report.count(effect).into());
    let document = json!({
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "errors": errors,
        "summary": Map::from_iter(Effect::ALL.map(count)),
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn finding(finding: &Finding) -> Value {
    json!({
        "effect": finding.effect.as_str(),
        "object": finding.object,
        "place": finding.place,
        "what": finding.what,
        "do": finding.action,
    })
}
