//! `float64` under `%v %b %e %E %f %F %g %G %x %X`, as Go's `fmt` and `strconv` print it.
//!
//! Rust and Go both round correctly and find the same shortest digits, so the digits come from Rust and only
//! the notation is made here. The number is always finite: OPA keeps the text of what overflows.

mod notation;

use super::flags::Flags;
use crate::engine::opa::builtins::{BuiltinError, output::Output};

/// Whether `verb` is for floats.
pub(super) fn has_verb(verb: char) -> bool {
    matches!(verb, 'v' | 'b' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'x' | 'X')
}

pub(super) fn print(float: f64, verb: char, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
    let verb = match verb {
        'v' => 'g',
        'F' => 'f',
        other => other,
    };
    let precision = match verb {
        'e' | 'E' | 'f' => Some(flags.precision.unwrap_or(6)),
        _ => flags.precision,
    };
    // That many digits will be written, but for %g without the sharp flag, which drops zeros, and for %b.
    let is_exact = !matches!(verb, 'b' | 'g' | 'G') || flags.sharp;
    if is_exact && precision.is_some_and(|precision| precision > out.room()) {
        return Err(Output::too_large());
    }
    let mut text = notation::write(float.abs(), verb, precision);
    if flags.sharp && verb != 'b' {
        text = with_point(&text, verb, precision);
    }
    push_signed(&text, float.is_sign_negative(), flags, out)
}

/// The sharp flag: always a decimal point, and for `%g` and `%x` as many digits as the precision says.
fn with_point(text: &str, verb: char, precision: Option<usize>) -> String {
    let is_hex = matches!(verb, 'x' | 'X');
    let tail = text.find(if is_hex { ['p', 'P'] } else { ['e', 'E'] }).unwrap_or(text.len());
    let (number, tail) = text.split_at_checked(tail).unwrap_or((text, ""));
    // Go counts the `x` of `0x` as a digit, and does not complete the digits of %X.
    let wanted = if matches!(verb, 'g' | 'G' | 'x') { precision.unwrap_or(6) } else { 0 };
    let mut seen = number.chars().filter(|&c| c != '.').skip_while(|&c| c == '0').count();
    let mut completed = number.to_owned();
    if !number.contains('.') {
        seen += usize::from(number == "0");
        completed.push('.');
    }
    completed.extend(std::iter::repeat_n('0', wanted.saturating_sub(seen)));
    completed + tail
}

/// The sign goes in front of padding that is zeros, and behind padding that is blanks.
fn push_signed(text: &str, negative: bool, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
    let sign = super::integer::sign(negative, flags);
    let length = sign.len() + text.len();
    if flags.zero && !flags.minus && flags.width.is_some_and(|width| width > length) {
        out.push(sign)?;
        out.fill('0', flags.missing(length))?;
        return out.push(text);
    }
    flags.push_padded(&format!("{sign}{text}"), out)
}
