//! Logs: one line an event, on standard error, as JSON or text. `lines` is the way there, on which nobody waits.

mod lines;

use std::{
    io::{self, IsTerminal},
    str::FromStr,
};

use clap::ValueEnum;
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    prelude::*,
};

pub use lines::Flush;

/// The least severe line that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLevel(LevelFilter);

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line
    #[default]
    Json,
    /// For people
    Text,
}

/// A level that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown log level {0:?}: it is DEBUG, INFO, WARNING, ERROR or CRITICAL")]
pub struct UnknownLogLevel(String);

/// Starts logging, until what it answers is dropped; a second call in one process changes nothing.
///
/// # Errors
/// When the system gives no thread to write on.
pub fn start(level: LogLevel, format: LogFormat) -> io::Result<Flush> {
    let (writer, flush) = lines::start(io::stderr(), |dropped| {
        tracing::warn!(dropped, "log lines were dropped: standard error takes less than is logged");
    })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(io::stderr().is_terminal());
    // What libraries have to say below a warning is about themselves.
    let targets = Targets::new().with_default(level.0.min(LevelFilter::WARN));
    let targets = targets.with_target("magtape", level.0).with_target("policy", level.0);
    let registry = tracing_subscriber::registry().with(targets);
    // An error means that logging has been started already.
    let _ = match format {
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
        LogFormat::Text => registry.with(lines).try_init(),
    };
    Ok(flush)
}

// === impl LogLevel ===

impl FromStr for LogLevel {
    type Err = UnknownLogLevel;

    /// The original's names, which are Python's, and the usual ones, in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let level = match text.to_ascii_uppercase().as_str() {
            "TRACE" => LevelFilter::TRACE,
            "DEBUG" | "NOTSET" => LevelFilter::DEBUG,
            "INFO" => LevelFilter::INFO,
            "WARNING" | "WARN" => LevelFilter::WARN,
            "ERROR" | "CRITICAL" | "FATAL" => LevelFilter::ERROR,
            _ => return Err(UnknownLogLevel(text.chars().take(40).collect())),
        };
        Ok(Self(level))
    }
}
