//! The report as JUnit's XML (<https://github.com/testmoapp/junitxml>), which CI systems read.

use std::{
    io::{self, Write},
    time::Duration,
};

use crate::{
    report::Problem,
    suite::{Case, Counts, Outcome, Report, Suite},
};

/// Writes the report.
///
/// # Errors
/// When `out` does not take it.
pub fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let (counts, time) = (report.counts(), seconds(report.elapsed));
    let all = Counts { cases: counts.cases + report.errors.len(), ..counts };
    writeln!(out, "<testsuites name=\"magtape test\" {} time=\"{time}\">", numbers(all))?;
    report.suites.iter().try_for_each(|one| suite(one, out))?;
    if !report.errors.is_empty() {
        problems(&report.errors, out)?;
    }
    writeln!(out, "</testsuites>")
}

fn suite(suite: &Suite, out: &mut impl Write) -> io::Result<()> {
    let (name, source) = (escape(&suite.name), escape(&suite.source));
    let (counts, time) = (numbers(suite.counts()), seconds(suite.elapsed()));
    writeln!(out, "  <testsuite name=\"{name}\" file=\"{source}\" {counts} time=\"{time}\">")?;
    suite.cases.iter().try_for_each(|one| case(one, suite, out))?;
    writeln!(out, "  </testsuite>")
}

fn case(case: &Case, suite: &Suite, out: &mut impl Write) -> io::Result<()> {
    let class = if case.test.is_empty() { &suite.name } else { &case.test };
    let name = [&case.name, &case.test, &suite.name].into_iter().find(|name| !name.is_empty());
    let (class, name) = (escape(class), escape(name.unwrap_or(&case.full_name)));
    let time = seconds(case.elapsed);
    write!(out, "    <testcase classname=\"{class}\" name=\"{name}\" time=\"{time}\"")?;
    let ended = ended(case);
    if ended.is_empty() { writeln!(out, "/>") } else { writeln!(out, ">\n{ended}    </testcase>") }
}

/// What is inside of a test's element.
fn ended(case: &Case) -> String {
    let told = |element: &str, message: &str| {
        let first = escape(message.lines().next().unwrap_or_default());
        let text = escape(&format!("{}\n{message}", case.place));
        format!("      <{element} message=\"{first}\">{text}</{element}>\n")
    };
    let mut ended = match &case.outcome {
        Outcome::Passed => String::new(),
        Outcome::Skipped => "      <skipped/>\n".to_owned(),
        Outcome::Failed(message) => told("failure", message),
        Outcome::Error(message) => told("error", message),
    };
    if !case.output.is_empty() {
        ended.push_str(&format!("      <system-out>{}</system-out>\n", escape(&case.output)));
    }
    ended
}

/// What could not be run as a whole, as a suite of its own: there is no other place for it.
fn problems(errors: &[Problem], out: &mut impl Write) -> io::Result<()> {
    let counts = numbers(Counts { cases: errors.len(), errors: errors.len(), ..Counts::default() });
    writeln!(out, "  <testsuite name=\"errors\" {counts} time=\"0.000\">")?;
    for Problem { place, reason } in errors {
        let (place, reason) = (escape(place), escape(reason));
        writeln!(out, "    <testcase classname=\"errors\" name=\"{place}\" time=\"0.000\">")?;
        writeln!(out, "      <error message=\"{reason}\"/>\n    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

fn numbers(counts: Counts) -> String {
    let Counts { cases, failed, errors, skipped, .. } = counts;
    format!("tests=\"{cases}\" failures=\"{failed}\" errors=\"{errors}\" skipped=\"{skipped}\"")
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.3}", elapsed.as_secs_f64())
}

/// Text for content and attributes. XML has no place for most control characters, not even escaped; line ends are
/// escaped because readers make spaces of them in attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push_str(&format!("&#{};", u32::from(c))),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
