//! What the measurements say: as a table for the one who ran them, and as files for everybody else.
//!
//! [`table`] prints, [`plot`] draws, [`facts`] tells what was measured on, and of which versions.

mod facts;
mod plot;
mod table;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Where the repository keeps the last run.
const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");

/// One measured ratio, beside what it should be.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// What was measured.
    pub(crate) what: String,
    /// The ratio that came out, or a figure with a unit of its own.
    pub(crate) measured: f64,
    /// The unit: `x` for a ratio, `MB`, `ms`.
    pub(crate) unit: &'static str,
    /// What it should be at most, or at least; none for a figure that is there for scale.
    pub(crate) goal: Option<Goal>,
    /// The absolute figures behind it, for people.
    pub(crate) detail: String,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

/// Prints the table.
pub(crate) fn print(lines: &[Line]) -> Result<()> {
    write!(anstream::stdout().lock(), "{}", table::text(lines)).context("cannot write to stdout")
}

/// Writes the files that `docs/benchmarks.md` shows.
pub(crate) fn save(lines: &[Line]) -> Result<()> {
    let save = |name: &str, text: String| -> Result<PathBuf> {
        let path = Path::new(DOCS).join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    };
    save("benchmarks.svg", plot::svg(lines))?;
    save("benchmarks.json", format!("{:#}\n", json(lines)?))?;
    Ok(())
}

fn json(lines: &[Line]) -> Result<Value> {
    let line = |line: &Line| {
        json!({
            "what": line.what, "measured": line.measured, "unit": line.unit, "detail": line.detail,
            "goal": line.goal.map(Goal::json), "reached": line.is_reached(),
        })
    };
    let mut run = facts::facts()?;
    if let Some(fields) = run.as_object_mut() {
        fields.insert("lines".to_owned(), lines.iter().map(line).collect());
    }
    Ok(run)
}

// === impl Line ===

impl Line {
    /// Whether it is as it should be; nothing for a figure without a goal.
    fn is_reached(&self) -> Option<bool> {
        self.goal.map(|goal| goal.part(self.measured) <= 1.0)
    }

    /// The figure with its unit: `0.61 x`.
    fn figure(&self) -> String {
        figure(self.measured, self.unit)
    }

    /// The goal with its unit: `at most 1.00 x`.
    fn wanted(&self) -> String {
        match self.goal {
            Some(Goal::AtMost(most)) => format!("at most {}", figure(most, self.unit)),
            Some(Goal::AtLeast(least)) => format!("at least {}", figure(least, self.unit)),
            None => String::new(),
        }
    }
}

fn figure(figure: f64, unit: &str) -> String {
    let digits = if figure.abs() < 10.0 { 2 } else { 1 };
    format!("{figure:.digits$} {unit}")
}

// === impl Goal ===

impl Goal {
    /// How much of what the goal allows is taken: 1 is just reached, less is better.
    fn part(self, measured: f64) -> f64 {
        match self {
            Self::AtMost(most) => measured / most,
            Self::AtLeast(least) => least / measured,
        }
    }

    fn json(self) -> Value {
        match self {
            Self::AtMost(most) => json!({"atMost": most}),
            Self::AtLeast(least) => json!({"atLeast": least}),
        }
    }
}

#[cfg(test)]
mod tests;
