//! A task as named steps: each is announced, timed and, at the end, listed.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use anyhow::{Context, Result};

const HEADING: Style = AnsiColor::Cyan.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// One step: its name, what it is for, and what it does.
pub(crate) struct Step {
    /// One word, for the summary and for errors.
    pub(crate) name: &'static str,
    /// What the step shows, in a few words.
    pub(crate) about: &'static str,
    /// The step itself.
    pub(crate) run: fn() -> Result<()>,
}

/// Runs the steps in turn, stops at the first that fails, and sums up.
pub(crate) fn run_all(steps: &[Step]) -> Result<()> {
    let mut times = Vec::new();
    for step in steps {
        say(format_args!("\n{HEADING}==> {}{HEADING:#}: {}", step.name, step.about))?;
        let start = Instant::now();
        let result = (step.run)();
        times.push(start.elapsed());
        if let Err(error) = result {
            summarise(steps, &times, Some(step.name))?;
            return Err(error).with_context(|| format!("step {}", step.name));
        }
    }
    summarise(steps, &times, None)
}

/// Tells the reader something.
pub(crate) fn say(text: impl Display) -> Result<()> {
    // Standard error, like Cargo's own progress, so that the two stay in order.
    writeln!(anstream::stderr().lock(), "{text}").or_else(ignore_closed).context("cannot write to stderr")
}

/// The text in the colour of failure.
pub(crate) fn failed(text: &str) -> impl Display {
    format!("{BAD}{text}{BAD:#}")
}

fn summarise(steps: &[Step], times: &[Duration], failure: Option<&str>) -> Result<()> {
    say("")?;
    for (index, step) in steps.iter().enumerate() {
        let (mark, style, time) = match times.get(index) {
            Some(time) if failure == Some(step.name) => ("failed", BAD, seconds(*time)),
            Some(time) => ("ok", GOOD, seconds(*time)),
            None => ("not run", Style::new(), String::new()),
        };
        say(format_args!("  {:<10} {style}{mark:<8}{style:#} {time:>8}  {}", step.name, step.about))?;
    }
    let total = seconds(times.iter().sum());
    match failure {
        None => say(format_args!("\n{GOOD}All {} steps hold{GOOD:#}, in {total}.", steps.len())),
        Some(name) => say(format_args!("\n{BAD}Step {name} failed{BAD:#}, after {total}.")),
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn ignore_closed(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}
