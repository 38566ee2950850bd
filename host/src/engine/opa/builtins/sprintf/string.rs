//! Strings under `%v %s %q %x %X`, as Go's `fmt` prints them.
//!
//! A precision counts characters, but bytes for `%x` and `%X`. Quoting is in `value::quote`.

use super::flags::Flags;
use crate::engine::opa::builtins::{BuiltinError, output::Output};
use crate::engine::opa::value::{Escapes, write_quoted};

/// Whether `verb` is for strings.
pub(super) fn has_verb(verb: char) -> bool {
    matches!(verb, 'v' | 's' | 'q' | 'x' | 'X')
}

pub(super) fn print(text: &str, verb: char, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
    match verb {
        'q' => print_quoted(text, flags, out),
        'v' if flags.sharp_v => print_quoted(text, flags, out),
        'x' | 'X' => print_hex(text, verb, flags, out),
        _ => print_plain(text, flags, out),
    }
}

pub(super) fn print_plain(text: &str, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
    flags.push_padded(truncate(text, flags), out)
}

fn print_quoted(text: &str, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
    let text = truncate(text, flags);
    let mut quoted = Output::new(out.room());
    if flags.sharp && text.chars().all(fits_backquotes) {
        quoted.push("`")?;
        quoted.push(text)?;
        quoted.push("`")?;
    } else {
        let escapes = if flags.plus { Escapes::NonAscii } else { Escapes::Unprintable };
        write_quoted(&mut quoted, text.chars(), '"', escapes).map_err(|_| Output::too_large())?;
    }
    flags.push_padded(&quoted.into_text(), out)
}

fn fits_backquotes(c: char) -> bool {
    match c {
        '\t' => true,
        '`' | '\u{7f}' | '\u{feff}' => false,
        c => c >= ' ',
    }
}

fn truncate<'t>(text: &'t str, flags: &Flags) -> &'t str {
    let end = flags.precision.and_then(|precision| text.char_indices().nth(precision));
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// The bytes in hexadecimal: a blank flag parts them, a sharp flag puts `0x` in front of each part.
fn print_hex(text: &str, verb: char, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
    let length = flags.precision.map_or(text.len(), |precision| precision.min(text.len()));
    let prefix = if flags.sharp { 2 } else { 0 };
    let size = match (length, flags.space) {
        (0, _) => 0,
        (_, true) => length * (3 + prefix) - 1,
        (_, false) => length * 2 + prefix,
    };
    let padding = flags.missing(size);
    if !flags.minus || length == 0 {
        flags.pad(padding, out)?;
    }
    for (index, byte) in text.bytes().take(length).enumerate() {
        push_hex_byte(index, byte, verb, flags, out)?;
    }
    if flags.minus && length > 0 { flags.pad(padding, out) } else { Ok(()) }
}

fn push_hex_byte(
    index: usize,
    byte: u8,
    verb: char,
    flags: &Flags,
    out: &mut Output,
) -> Result<(), BuiltinError> {
    if flags.space && index > 0 {
        out.push(" ")?;
    }
    if flags.sharp && (flags.space || index == 0) {
        out.push(if verb == 'x' { "0x" } else { "0X" })?;
    }
    out.push(&if verb == 'x' { format!("{byte:02x}") } else { format!("{byte:02X}") })
}
