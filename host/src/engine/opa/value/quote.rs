//! Quoting as Go's `strconv.Quote`, `QuoteToASCII` and `QuoteRune` do it, which is how OPA prints strings in
//! terms and in `sprintf`'s `%q`.
//!
//! <https://pkg.go.dev/strconv#Quote> defines it. Unlike JSON it escapes by what is printable, has `\a`, `\v`
//! and `\x7f`, and leaves `<`, `>` and `&` alone. Nothing here allocates more than the text it writes.

mod printable;

use std::fmt::{self, Write};

pub use printable::is_printable;

/// Which characters become escapes, besides the quote and the backslash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escapes {
    /// What Go does not print.
    Unprintable,
    /// Everything outside of printable ASCII.
    NonAscii,
}

/// Quotes as Go's `strconv.Quote` does.
pub fn go_quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    // Writing to a String cannot fail.
    let _ = write_quoted(&mut out, text.chars(), '"', Escapes::Unprintable);
    out
}

/// Writes `chars` between two of `quote`, with Go's escapes.
///
/// # Errors
/// Only what `out` reports.
pub fn write_quoted(
    out: &mut impl Write,
    chars: impl Iterator<Item = char>,
    quote: char,
    escapes: Escapes,
) -> fmt::Result {
    out.write_char(quote)?;
    for c in chars {
        write_escaped(out, c, quote, escapes)?;
    }
    out.write_char(quote)
}

fn write_escaped(out: &mut impl Write, c: char, quote: char, escapes: Escapes) -> fmt::Result {
    if c == quote || c == '\\' {
        out.write_char('\\')?;
        return out.write_char(c);
    }
    if is_printable(c) && (escapes == Escapes::Unprintable || c.is_ascii()) {
        return out.write_char(c);
    }
    match c {
        '\u{7}' => out.write_str("\\a"),
        '\u{8}' => out.write_str("\\b"),
        '\u{c}' => out.write_str("\\f"),
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        '\u{b}' => out.write_str("\\v"),
        c if c.is_ascii() => write!(out, "\\x{:02x}", u32::from(c)),
        c if u32::from(c) < 0x1_0000 => write!(out, "\\u{:04x}", u32::from(c)),
        c => write!(out, "\\U{:08x}", u32::from(c)),
    }
}

#[cfg(test)]
mod tests;
