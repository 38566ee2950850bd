//! The report for people: a line for each file, what did not pass below it, and a line that sums up.

use std::io::{self, Write};

use crate::{
    report::{
        printable, printable_lines,
        style::{BOLD, DIM, GREEN, RED, YELLOW, paint},
    },
    suite::{Case, Counts, Outcome, Report, Suite},
};

/// Writes the report.
///
/// # Errors
/// When `out` does not take it.
pub fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for suite in &report.suites {
        let counts = suite.counts();
        let source = printable(&suite.source);
        writeln!(out, "{} {BOLD}{source}{BOLD:#}  {DIM}{}{DIM:#}", word_of(counts), told(counts))?;
        suite.cases.iter().try_for_each(|case| detail(case, suite, out))?;
    }
    for problem in &report.errors {
        let (place, reason) = (printable(&problem.place), printable_lines(&untabbed(&problem.reason)));
        writeln!(out, "{} {BOLD}{place}{BOLD:#}: {reason}", paint(RED, "ERROR"))?;
    }
    summary(report, out)
}

/// What is to be said of a test that did not pass.
fn detail(case: &Case, suite: &Suite, out: &mut impl Write) -> io::Result<()> {
    let Some(message) = case.outcome.message() else { return Ok(()) };
    let name = printable(&case.full_name);
    write!(out, "  {} {BOLD}{name}{BOLD:#}", word(&case.outcome))?;
    if case.place != suite.source {
        write!(out, "  {DIM}{}{DIM:#}", printable(&case.place))?;
    }
    writeln!(out)?;
    for line in untabbed(message).lines() {
        writeln!(out, "        {}", printable(line))?;
    }
    for line in untabbed(&case.output).lines() {
        writeln!(out, "        {DIM}| {}{DIM:#}", printable(line))?;
    }
    Ok(())
}

fn summary(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let counts = report.counts();
    let files = report.suites.len();
    let plural = |number| if number == 1 { "" } else { "s" };
    write!(out, "\n{} test{} in {files} file{}: ", counts.cases, plural(counts.cases), plural(files))?;
    writeln!(out, "{} ({:.1} s)", told(counts), report.elapsed.as_secs_f64())
}

/// The numbers that are not zero; that of the tests that passed in any case.
fn told(counts: Counts) -> String {
    let errors = if counts.errors == 1 { "error" } else { "errors" };
    let parts = [(counts.failed, "failed"), (counts.errors, errors), (counts.skipped, "skipped")];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let passed = format!("{} passed", counts.passed);
    parts.fold(passed, |told, (number, what)| format!("{told}, {number} {what}"))
}

/// Source code has tabs, which are control characters like any other.
fn untabbed(text: &str) -> String {
    text.replace('\t', "    ")
}

fn word_of(counts: Counts) -> String {
    match (counts.errors, counts.failed, counts.passed) {
        (1.., _, _) => paint(RED, "ERROR"),
        (0, 1.., _) => paint(RED, "FAIL "),
        (0, 0, 0) => paint(YELLOW, "SKIP "),
        (0, 0, 1..) => paint(GREEN, "PASS "),
    }
}

fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => paint(GREEN, "PASS "),
        Outcome::Skipped => paint(YELLOW, "SKIP "),
        Outcome::Failed(_) => paint(RED, "FAIL "),
        Outcome::Error(_) => paint(RED, "ERROR"),
    }
}
