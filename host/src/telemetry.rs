//! Logs: one line an event, on standard error, as JSON or text. `lines` is the way there, on which nobody waits.

mod lines;

use std::{
    fmt,
    io::{self, IsTerminal},
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use clap::ValueEnum;
use tracing_subscriber::{
    Registry,
    filter::{LevelFilter, Targets},
    prelude::*,
    reload,
};

pub use lines::{Flush, Lines, write_lines};

/// Bytes of the log that may wait to be written: some thousand lines.
const WAITING: usize = 1024 * 1024;

/// The least severe line that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLevel(LevelFilter);

/// The log, whose level can be changed while the program runs.
#[derive(Clone)]
pub struct Log {
    level: Arc<Mutex<LogLevel>>,
    targets: reload::Handle<Targets, Registry>,
}

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
pub fn start(level: LogLevel, format: LogFormat) -> io::Result<(Flush, Log)> {
    let (writer, flush) = write_lines("log", io::stderr(), WAITING, |dropped| {
        tracing::warn!(dropped, "log lines were dropped: standard error takes less than is logged");
    })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(io::stderr().is_terminal());
    let (layer, targets) = reload::Layer::new(level.targets());
    let registry = tracing_subscriber::registry().with(layer);
    // An error means that logging has been started already.
    let _ = match format {
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
        LogFormat::Text => registry.with(lines).try_init(),
    };
    Ok((flush, Log { level: Arc::new(Mutex::new(level)), targets }))
}

// === impl Log ===

impl Log {
    /// The least severe line that is written.
    pub fn level(&self) -> LogLevel {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes lines of another level from now on.
    ///
    /// # Errors
    /// When nothing is logged by it.
    pub fn set(&self, level: LogLevel) -> Result<(), reload::Error> {
        let mut current = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        self.targets.reload(level.targets())?;
        *current = level;
        drop(current);
        tracing::warn!("the log level is {level} from now on");
        Ok(())
    }
}

// === impl LogLevel ===

impl LogLevel {
    fn targets(self) -> Targets {
        // What libraries have to say below a warning is about themselves.
        let targets = Targets::new().with_default(self.0.min(LevelFilter::WARN));
        targets.with_target("magtape", self.0).with_target("policy", self.0)
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            LevelFilter::WARN => "WARNING",
            LevelFilter::INFO => "INFO",
            LevelFilter::DEBUG => "DEBUG",
            LevelFilter::TRACE => "TRACE",
            _ => "ERROR",
        })
    }
}

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
