//! The report as JSON. Its shape is a promise, described in docs/test.md.

use std::{
    io::{self, Write},
    time::Duration,
};

use serde::Serialize;

use crate::{
    report::Problem,
    suite::{self, Report},
};

#[derive(Serialize)]
struct Json<'r> {
    suites: Vec<Suite<'r>>,
    errors: Vec<Error<'r>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Suite<'r> {
    kind: &'static str,
    name: &'r str,
    source: &'r str,
    cases: Vec<Case<'r>>,
    seconds: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Case<'r> {
    test: &'r str,
    name: &'r str,
    full_name: &'r str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'r str>,
    place: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    output: &'r str,
    seconds: f64,
}

#[derive(Serialize)]
struct Error<'r> {
    place: &'r str,
    error: &'r str,
}

#[derive(Serialize)]
struct Summary {
    suites: usize,
    cases: usize,
    passed: usize,
    failed: usize,
    skipped: usize,
    errors: usize,
    seconds: f64,
}

/// Writes the report as one JSON document with a newline at its end.
///
/// # Errors
/// When `out` does not take it.
pub fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let counts = report.counts();
    let json = Json {
        suites: report.suites.iter().map(suite).collect(),
        errors: report.errors.iter().map(error).collect(),
        summary: Summary {
            suites: report.suites.len(),
            cases: counts.cases,
            passed: counts.passed,
            failed: counts.failed,
            skipped: counts.skipped,
            errors: counts.errors,
            seconds: seconds(report.elapsed),
        },
    };
    let text = serde_json::to_string_pretty(&json)?;
    writeln!(out, "{text}")
}

fn error(problem: &Problem) -> Error<'_> {
    Error { place: &problem.place, error: &problem.reason }
}

fn suite(suite: &suite::Suite) -> Suite<'_> {
    Suite {
        kind: suite.kind.as_str(),
        name: &suite.name,
        source: &suite.source,
        cases: suite.cases.iter().map(case).collect(),
        seconds: seconds(suite.elapsed()),
    }
}

fn case(case: &suite::Case) -> Case<'_> {
    Case {
        test: &case.test,
        name: &case.name,
        full_name: &case.full_name,
        outcome: case.outcome.as_str(),
        message: case.outcome.message(),
        place: &case.place,
        output: &case.output,
        seconds: seconds(case.elapsed),
    }
}

/// To the microsecond, so that nobody reads digits that mean nothing.
fn seconds(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1e6).round() / 1e6
}
