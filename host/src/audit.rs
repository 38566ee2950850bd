//! The audit log: what was decided of each request, by which policies, and in what time; a JSON object a line. An
//! [`Observer`], after the answer. docs/audit-log.md describes the fields.

mod line;

use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    str::FromStr,
};

use crate::{
    decision::{Decision, Observer},
    telemetry::{Flush, Lines, write_lines},
};

/// Bytes that may wait to be written: some thousand decisions, or the largest object twice.
const WAITING: usize = 16 * 1024 * 1024;

/// Standard output.
const STDOUT: &str = "-";

/// How much of objects is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// Their names.
    #[default]
    Names,
    /// And what policies say of them, which quotes them.
    Messages,
    /// And the objects themselves, but for Secrets.
    Objects,
}

/// A content that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected names, messages or objects")]
pub struct UnknownContent;

/// Writes the audit log.
pub struct AuditLog {
    lines: Lines,
    content: Content,
    /// Writes what is left when it goes.
    _flush: Flush,
}

// === impl AuditLog ===

impl AuditLog {
    /// Begins to write to the end of a file, or to standard output when it is called `-`.
    ///
    /// # Errors
    /// When the file cannot be written, or the system gives no thread.
    pub fn open(path: &Path, content: Content) -> io::Result<Self> {
        let out: Box<dyn Write + Send> = if path.as_os_str() == STDOUT {
            Box::new(io::stdout())
        } else {
            // Who did what is nobody else's business.
            Box::new(OpenOptions::new().append(true).create(true).mode(0o600).open(path)?)
        };
        let (lines, flush) = write_lines("audit", out, WAITING, |dropped| {
            tracing::error!(dropped, "decisions are missing in the audit log: it takes less than is decided");
        })?;
        Ok(Self { lines, content, _flush: flush })
    }
}

impl Observer for AuditLog {
    fn decided(&self, decision: &Decision<'_>) {
        let line = line::of(decision, self.content);
        // It takes lines into memory, or counts them.
        let written = line.map_err(io::Error::from).and_then(|line| (&self.lines).write_all(&line));
        if let Err(error) = written {
            tracing::error!("a decision is missing in the audit log: {error}");
        }
    }
}

// === impl Content ===

impl FromStr for Content {
    type Err = UnknownContent;

    fn from_str(text: &str) -> Result<Self, UnknownContent> {
        match text {
            "names" => Ok(Self::Names),
            "messages" => Ok(Self::Messages),
            "objects" => Ok(Self::Objects),
            _ => Err(UnknownContent),
        }
    }
}
