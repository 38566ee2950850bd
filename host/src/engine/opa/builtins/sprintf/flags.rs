//! The flags, width and precision of one directive, and the padding that they ask for.
//!
//! As in Go's `fmt` the width counts characters, and the zero flag pads anything, but only to the left.

use crate::engine::opa::builtins::{BuiltinError, output::Output};

/// The flags, width and precision of one directive.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    /// `-`: padded on the right.
    pub(super) minus: bool,
    /// `+`: always a sign, or escapes for all but ASCII.
    pub(super) plus: bool,
    /// `#`: the alternate form.
    pub(super) sharp: bool,
    /// A blank: room for the sign, or between bytes.
    pub(super) space: bool,
    /// `0`: padded with zeros.
    pub(super) zero: bool,
    /// `+` with the verb `v` or `w`, where it asks for field names instead of a sign.
    pub(super) plus_v: bool,
    /// `#` with the verb `v` or `w`, where it asks for Go's syntax.
    pub(super) sharp_v: bool,
    /// The width, if there is one.
    pub(super) width: Option<usize>,
    /// The precision, if there is one.
    pub(super) precision: Option<usize>,
}

// === impl Flags ===

impl Flags {
    /// How much is missing to the width.
    pub(super) fn missing(&self, length: usize) -> usize {
        self.width.unwrap_or_default().saturating_sub(length)
    }

    /// Writes padding, in the character that the flags ask for.
    pub(super) fn pad(&self, count: usize, out: &mut Output) -> Result<(), BuiltinError> {
        out.fill(if self.zero && !self.minus { '0' } else { ' ' }, count)
    }

    /// Writes `text`, padded to the width.
    pub(super) fn push_padded(&self, text: &str, out: &mut Output) -> Result<(), BuiltinError> {
        if self.width.is_none() {
            return out.push(text);
        }
        let padding = self.missing(text.chars().count());
        if self.minus {
            out.push(text)?;
            return self.pad(padding, out);
        }
        self.pad(padding, out)?;
        out.push(text)
    }
}
