//! The report for people: grouped by object, with a line that sums up.

use std::io::{self, Write};

use anstyle::Style;

use super::{
    Judged, Report, printable, printable_lines,
    style::{BOLD, DIM, GREEN, RED, YELLOW, paint},
};
use crate::verdict::{Enforcement, Severity, Violation};

/// Writes the report.
///
/// # Errors
/// When `out` does not take it.
pub fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for judged in &report.results {
        object(judged, out)?;
    }
    for problem in &report.errors {
        writeln!(
            out,
            "{RED}error{RED:#}   {BOLD}{}{BOLD:#}: {}",
            printable(&problem.place),
            printable_lines(&problem.reason)
        )?;
    }
    summary(report, out)
}

fn object(judged: &Judged, out: &mut impl Write) -> io::Result<()> {
    let decision = if judged.verdict.allowed { paint(GREEN, "allowed") } else { paint(RED, "DENIED ") };
    let namespace =
        if judged.namespace.is_empty() { String::new() } else { format!("{}/", judged.namespace) };
    let object = printable(&format!("{} {namespace}{}", judged.kind.kind, judged.name));
    let place = printable(&judged.place.to_string());
    writeln!(out, "{decision} {BOLD}{object}{BOLD:#}  {DIM}{place}{DIM:#}")?;
    for (policy, violation) in judged.violations() {
        let severity = paint(colour(violation.severity), &format!("{:4}", violation.severity));
        let (errcode, text) = (printable(&violation.errcode), printable(plain(violation)));
        let enforcement = match violation.enforcement {
            Enforcement::Deny => String::new(),
            other => format!(" ({} only)", other.as_str()),
        };
        writeln!(out, "  {severity} {errcode:8} {text}  {DIM}{}{enforcement}{DIM:#}", printable(policy))?;
    }
    for (policy, reason) in judged.failed() {
        writeln!(
            out,
            "  {RED}FAIL{RED:#} {} could not be evaluated: {}",
            printable(policy),
            printable(reason)
        )?;
    }
    Ok(())
}

fn summary(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let objects = report.results.len();
    let denied = report.denied();
    let [high, med, low] =
        [Severity::High, Severity::Med, Severity::Low].map(|severity| report.of_severity(severity));
    write!(
        out,
        "\n{} judged at deny level {}: {denied} denied, {} allowed; {} ({high} HIGH, {med} MED, {low} LOW)",
        count(objects, "object"),
        report.level,
        objects - denied,
        count(report.violations(), "violation"),
    )?;
    if report.failed() > 0 {
        write!(out, "; {} failed", count(report.failed(), "evaluation"))?;
    }
    if !report.errors.is_empty() {
        write!(out, "; {}", count(report.errors.len(), "error"))?;
    }
    writeln!(out)
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// The text without the prefix and the code that stand in columns of their own here.
fn plain(violation: &Violation) -> &str {
    let prefix = format!("[FAIL] {} - ", violation.severity);
    let suffix = format!(" ({})", violation.errcode);
    let text = violation.message.strip_prefix(&prefix).unwrap_or(&violation.message);
    text.strip_suffix(&suffix).unwrap_or(text)
}

fn colour(severity: Severity) -> Style {
    match severity {
        Severity::High => RED,
        Severity::Med => YELLOW,
        Severity::Low => DIM,
    }
}
