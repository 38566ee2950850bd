//! `*big.Int` as Go's `math/big` formats itself, which is not how `fmt` formats an `int64`.
//!
//! The verbs are `%b %o %O %d %x %X %s %v`; another verb is an error that shows the plain number. `%w` and
//! `%p` show the innards in Go, its words and its address. The words can be told, the address cannot.

use num_bigint::{BigInt, Sign};

use super::{flags::Flags, integer};
use crate::engine::opa::builtins::{BuiltinError, output::Output};

/// Another base than ten costs the square of the number of digits, so that longer numbers have none.
const MAX_CONVERTED_DIGITS: usize = 10_000;

/// Go prints where the number is in memory; here it is nowhere, so all of them are at the start of Go's heap.
const ADDRESS: u64 = 0xc0_0000_0000;

pub(super) fn print(text: &str, verb: char, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
    match verb {
        'd' | 's' | 'v' | 'b' | 'o' | 'O' | 'x' | 'X' => print_digits(text, verb, flags, out),
        'p' => {
            let flags = Flags { sharp: !flags.sharp, ..flags.clone() };
            integer::print_digits(ADDRESS, false, 'x', &flags, out)
        }
        'w' => print_words(text, flags, out),
        other => {
            out.push("%!")?;
            out.push_char(other)?;
            out.push("(big.Int=")?;
            out.push(text)?;
            out.push(")")
        }
    }
}

fn print_digits(text: &str, verb: char, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
    let digits = digits(text, verb)?;
    let flags = &Flags { plus: flags.plus || flags.plus_v, ..flags.clone() };
    let sign = integer::sign(text.starts_with('-'), flags);
    let prefix = match (verb, flags.sharp) {
        ('O', _) => "0o",
        ('b', true) => "0b",
        ('o', true) => "0",
        ('x', true) => "0x",
        ('X', true) => "0X",
        _ => "",
    };
    let zeros = flags.precision.unwrap_or_default().saturating_sub(digits.len());
    let length = sign.len() + prefix.len() + zeros + digits.len();
    let padding = flags.missing(length);
    let (left, zeros, right) = match flags {
        Flags { minus: true, .. } => (0, zeros, padding),
        // The number has more than eighteen digits, so that without a precision `zeros` is 0 here.
        Flags { zero: true, precision: None, .. } => (0, padding, 0),
        _ => (padding, zeros, 0),
    };
    out.fill(' ', left)?;
    out.push(sign)?;
    out.push(prefix)?;
    out.fill('0', zeros)?;
    out.push(&digits)?;
    out.fill(' ', right)
}

/// The digits without a sign, in the base of `verb`.
fn digits(text: &str, verb: char) -> Result<String, BuiltinError> {
    let decimal = text.strip_prefix('-').unwrap_or(text);
    let radix = match verb {
        'b' => 2,
        'o' | 'O' => 8,
        'x' | 'X' => 16,
        _ => return Ok(decimal.to_owned()),
    };
    let digits = parse(decimal)?.to_str_radix(radix);
    Ok(if verb == 'X' { digits.to_uppercase() } else { digits })
}

fn parse(text: &str) -> Result<BigInt, BuiltinError> {
    if text.len() > MAX_CONVERTED_DIGITS {
        return Err(BuiltinError::Limit("an integer is too long to be shown in another base".to_owned()));
    }
    text.parse().map_err(|_| BuiltinError::undefined("not an integer"))
}

/// `%!w(*big.Int=&{false [1 2]})`: in the middle of an error Go shows the fields of the struct.
fn print_words(text: &str, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
    let (sign, words) = parse(text)?.to_u64_digits();
    let named = flags.plus_v || flags.sharp_v;
    let (open, close, separator) = if flags.sharp_v { ("big.nat{", "}", ", ") } else { ("[", "]", " ") };
    out.push(if flags.sharp_v { "%!w(*big.Int=&big.Int{" } else { "%!w(*big.Int=&{" })?;
    out.push(if named { "neg:" } else { "" })?;
    flags.push_padded(if sign == Sign::Minus { "true" } else { "false" }, out)?;
    out.push(separator)?;
    out.push(if named { "abs:" } else { "" })?;
    out.push(open)?;
    for (index, word) in words.into_iter().enumerate() {
        out.push(if index > 0 { separator } else { "" })?;
        print_word(word, flags, out)?;
    }
    out.push(close)?;
    out.push("})")
}

fn print_word(word: u64, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
    let flags = Flags { sharp: flags.sharp_v, ..flags.clone() };
    integer::print_digits(word, false, if flags.sharp_v { 'x' } else { 'd' }, &flags, out)
}
