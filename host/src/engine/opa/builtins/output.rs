//! Text that grows no further than a limit: what builtins write their answers into.
//!
//! Every byte passes through `push` or `fill`, which refuse before they allocate.

use std::fmt::{self, Write as _};

use super::BuiltinError;
use crate::engine::opa::value::Value;

/// Text that does not grow beyond a limit.
#[derive(Debug)]
pub(super) struct Output {
    text: String,
    limit: usize,
}

// === impl Output ===

impl Output {
    /// Empty, and never longer than `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { text: String::new(), limit }
    }

    /// The error of an answer beyond the limit.
    pub(super) fn too_large() -> BuiltinError {
        BuiltinError::Limit("the text of a builtin is larger than allowed".to_owned())
    }

    /// What was written.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// How many more bytes fit.
    pub(super) fn room(&self) -> usize {
        self.limit - self.text.len()
    }

    /// Writes `text`.
    pub(super) fn push(&mut self, text: &str) -> Result<(), BuiltinError> {
        if text.len() > self.room() {
            return Err(Self::too_large());
        }
        self.text.push_str(text);
        Ok(())
    }

    /// Writes one character.
    pub(super) fn push_char(&mut self, c: char) -> Result<(), BuiltinError> {
        self.push(c.encode_utf8(&mut [0; 4]))
    }

    /// Writes a string as it is, and any other value as the text of its term.
    pub(super) fn push_value(&mut self, value: &Value) -> Result<(), BuiltinError> {
        match value {
            Value::String(text) => self.push(text),
            other => write!(self, "{other}").map_err(|_| Self::too_large()),
        }
    }

    /// Writes an ASCII character `count` times.
    pub(super) fn fill(&mut self, c: char, count: usize) -> Result<(), BuiltinError> {
        if count > self.room() {
            return Err(Self::too_large());
        }
        self.text.extend(std::iter::repeat_n(c, count));
        Ok(())
    }
}

impl fmt::Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text).map_err(|_| fmt::Error)
    }
}
