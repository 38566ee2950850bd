//! `int64` under `%v %d %b %o %O %x %X %c %q %U`, as Go's `fmt` prints it.
//!
//! The verbs for characters see the number as Go does: as the 64 bits without a sign, where whatever is no
//! character is U+FFFD.

use super::flags::Flags;
use crate::engine::opa::builtins::{BuiltinError, output::Output};
use crate::engine::opa::value::{Escapes, is_printable, write_quoted};

/// Whether `verb` is for integers.
pub(super) fn has_verb(verb: char) -> bool {
    matches!(verb, 'v' | 'd' | 'b' | 'o' | 'O' | 'x' | 'X' | 'c' | 'q' | 'U')
}

pub(super) fn print(int: i64, verb: char, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
    match verb {
        'c' => flags.push_padded(character(int).encode_utf8(&mut [0; 4]), out),
        'q' => print_quoted(int, flags, out),
        'U' => print_unicode(int, flags, out),
        verb => print_digits(int.unsigned_abs(), int < 0, verb, flags, out),
    }
}

/// A size and a sign in the base of `verb`. Zero digits in front of it come from a precision or, without one,
/// from the zero flag and the width.
pub(super) fn print_digits(
    size: u64,
    negative: bool,
    verb: char,
    flags: &Flags,
    out: &mut Output,
) -> Result<(), BuiltinError> {
    if size == 0 && flags.precision == Some(0) {
        return out.fill(' ', flags.width.unwrap_or_default());
    }
    let digits = match verb {
        'b' => format!("{size:b}"),
        'o' | 'O' => format!("{size:o}"),
        'x' => format!("{size:x}"),
        'X' => format!("{size:X}"),
        _ => size.to_string(),
    };
    let sign = sign(negative, flags);
    let wanted = match (flags.precision, flags.width) {
        (Some(precision), _) => precision,
        (None, Some(width)) if flags.zero && !flags.minus => width.saturating_sub(sign.len()),
        _ => 0,
    };
    let zeros = wanted.saturating_sub(digits.len());
    let prefix = prefix(verb, zeros > 0 || digits.starts_with('0'), flags);
    let length = sign.len() + prefix.len() + zeros + digits.len();
    let padding = flags.missing(length);
    out.fill(' ', if flags.minus { 0 } else { padding })?;
    out.push(sign)?;
    out.push(prefix)?;
    out.fill('0', zeros)?;
    out.push(&digits)?;
    out.fill(' ', if flags.minus { padding } else { 0 })
}

/// The sign that the flags ask for.
pub(super) fn sign(negative: bool, flags: &Flags) -> &'static str {
    match (negative, flags.plus, flags.space) {
        (true, _, _) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        (false, false, false) => "",
    }
}

fn prefix(verb: char, starts_with_zero: bool, flags: &Flags) -> &'static str {
    match verb {
        // Go puts the `0` of the sharp flag between the `0o` and the digits.
        'O' if flags.sharp && !starts_with_zero => "0o0",
        'O' => "0o",
        'b' if flags.sharp => "0b",
        'o' if flags.sharp && !starts_with_zero => "0",
        'x' if flags.sharp => "0x",
        'X' if flags.sharp => "0X",
        _ => "",
    }
}

fn character(int: i64) -> char {
    u32::try_from(int).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn print_quoted(int: i64, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
    let escapes = if flags.plus { Escapes::NonAscii } else { Escapes::Unprintable };
    let mut quoted = String::new();
    // Writing to a String cannot fail.
    let _ = write_quoted(&mut quoted, std::iter::once(character(int)), '\'', escapes);
    flags.push_padded(&quoted, out)
}

/// `U+0078`, and with the sharp flag `U+0078 'x'`.
fn print_unicode(int: i64, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
    let digits = format!("{:04X}", int.cast_unsigned());
    let zeros = flags.precision.unwrap_or_default().saturating_sub(digits.len());
    let shown = u32::try_from(int).ok().and_then(char::from_u32).filter(|&c| flags.sharp && is_printable(c));
    let tail = shown.map_or_else(String::new, |c| format!(" '{c}'"));
    let length = 2 + zeros + digits.len() + tail.chars().count();
    let padding = flags.missing(length);
    out.fill(' ', if flags.minus { 0 } else { padding })?;
    out.push("U+")?;
    out.fill('0', zeros)?;
    out.push(&digits)?;
    out.push(&tail)?;
    out.fill(' ', if flags.minus { padding } else { 0 })
}
