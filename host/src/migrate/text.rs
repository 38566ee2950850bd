//! The report for people: grouped by object, what needs action first, with a line that sums up.

use std::io::{self, Write};

use anstyle::Style;

use super::{Effect, Finding, Report};
use crate::report::{
    printable, printable_lines,
    style::{BOLD, DIM, GREEN, RED, YELLOW},
};

/// Writes the report.
///
/// # Errors
/// When `out` does not take it.
pub fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for findings in report.findings.chunk_by(|left, right| left.place == right.place) {
        object(findings, out)?;
    }
    for problem in &report.errors {
        let (place, reason) = (printable(&problem.place), printable_lines(&problem.reason));
        writeln!(out, "{RED}error{RED:#}   {BOLD}{place}{BOLD:#}: {reason}")?;
    }
    let counts = Effect::ALL.map(|effect| format!("{} {}", report.count(effect), effect.as_str()));
    write!(out, "\n{}", counts.join(", "))?;
    match report.errors.len() {
        0 => writeln!(out),
        errors => writeln!(out, "; {errors} could not be read"),
    }
}

fn object(findings: &[Finding], out: &mut impl Write) -> io::Result<()> {
    let Some(first) = findings.first() else { return Ok(()) };
    let place = if first.place == first.object { "" } else { &first.place };
    writeln!(out, "{BOLD}{}{BOLD:#}  {DIM}{}{DIM:#}", printable(&first.object), printable(place))?;
    let mut findings: Vec<&Finding> = findings.iter().collect();
    findings.sort_by_key(|finding| finding.effect);
    for finding in findings {
        let colour = colour(finding.effect);
        let what = printable_lines(&finding.what);
        writeln!(out, "  {colour}{:12}{colour:#}  {what}", finding.effect.as_str())?;
        if let Some(action) = &finding.action {
            writeln!(out, "                do: {}", printable_lines(action))?;
        }
    }
    Ok(())
}

fn colour(effect: Effect) -> Style {
    match effect {
        Effect::NeedsAction => RED,
        Effect::Changes => YELLOW,
        Effect::Ignored => DIM,
        Effect::Same => GREEN,
    }
}
