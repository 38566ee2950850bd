//! `units.parse` and `units.parse_bytes`: amounts such as `100m`, `1.5Gi` or `2e3KB` as numbers.
//!
//! Defined by OPA's policy reference ("Units") and, to the last digit, by `parse_units.go` and `parse_bytes.go`
//! of OPA's `topdown`: the former computes with exact fractions and shows at most ten decimals, the latter with
//! binary floats of 64 bits and cuts what is behind the point.

mod float;

use std::borrow::Cow;

use num_bigint::BigUint;

use super::{Builtin, BuiltinError, State, decimal::Decimal};
use crate::engine::opa::value::{Number, Value};
use float::Float;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "units.parse", arity: 1, call: parse },
    Builtin { name: "units.parse_bytes", arity: 1, call: parse_bytes },
];

/// OPA refuses more digits in an exponent.
const MAX_EXPONENT_DIGITS: usize = 6;

/// Go's `big.Rat` takes no larger power of ten, with the decimals counted in.
const MAX_EXPONENT: i64 = 1_000_000;

/// The decimals that a fraction is shown with.
const DECIMALS: usize = 10;

/// OPA has a thousandth as the `float64` 0.001, which exactly is these digits, moved behind the point.
const MILLI: (&str, i64) = ("1000000000000000020816681711721685132943093776702880859375", 60);

fn parse(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let amount = amount(args)?;
    let (number, unit) = split(&amount)?;
    let mut decimal = Decimal::parse(number).ok_or_else(not_a_number)?;
    let (factor, shift) = factor(unit).ok_or_else(unknown_unit)?;
    if decimal.digits.is_empty() {
        return Ok(0.into());
    }
    if decimal.exponent.abs() > MAX_EXPONENT {
        return Err(not_a_number());
    }
    decimal.digits = (decimal.mantissa()? * factor).to_string();
    decimal.exponent -= shift;
    number_value(&plain(&decimal, state.max_output_bytes)?)
}

fn parse_bytes(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let amount: String = amount(args)?.chars().map(lower).collect();
    let (number, unit) = split(&amount)?;
    let decimal = Decimal::parse(number).ok_or_else(not_a_number)?;
    let factor = bytes_factor(unit).ok_or_else(unknown_unit)?;
    let total = Float::from_decimal(&decimal)?.times(&Float::from(factor), Float::PRECISION);
    let digits = total.whole(state.max_output_bytes)?.to_string();
    number_value(&if decimal.negative && digits != "0" { format!("-{digits}") } else { digits })
}

fn not_a_number() -> BuiltinError {
    BuiltinError::undefined("the amount is no number")
}

fn unknown_unit() -> BuiltinError {
    BuiltinError::undefined("the unit is not known")
}

fn number_value(text: &str) -> Result<Value, BuiltinError> {
    Number::parse(text).map(Value::Number).ok_or_else(not_a_number)
}

/// The operand without its quotes.
fn amount(args: &[Value]) -> Result<Cow<'_, str>, BuiltinError> {
    let [Value::String(text)] = args else {
        return Err(BuiltinError::undefined("the operand must be a string"));
    };
    if text.contains(' ') {
        return Err(BuiltinError::undefined("blanks are not allowed in amounts"));
    }
    Ok(if text.contains('"') { text.replace('"', "").into() } else { text.into() })
}

/// Number and unit; the unit begins at the first character that can belong to no number.
fn split(text: &str) -> Result<(&str, &str), BuiltinError> {
    let bytes = text.as_bytes();
    let is_digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
    let is_sign = |index: usize| matches!(bytes.get(index), Some(b'+' | b'-'));
    let mut index = 0;
    let mut end = text.len();
    while let Some(byte) = bytes.get(index) {
        let is_exponent = matches!(byte, b'e' | b'E');
        let is_unit = is_exponent && !is_digit(index + 1) && !is_sign(index + 1);
        if is_unit || !matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') {
            end = index;
            break;
        }
        index += 1;
        if is_exponent {
            index += usize::from(is_sign(index));
            let digits = (index..).take_while(|&index| is_digit(index)).take(MAX_EXPONENT_DIGITS + 1).count();
            if digits > MAX_EXPONENT_DIGITS {
                return Err(BuiltinError::undefined("the exponent is too large"));
            }
        }
    }
    match text.split_at_checked(end) {
        Some((number, unit)) if !number.is_empty() => Ok((number, unit)),
        _ => Err(BuiltinError::undefined("there is no amount")),
    }
}

/// A lower-case letter as Go makes it. No letter outside of ASCII is part of a unit, but two of them have a
/// lower-case letter that is.
fn lower(c: char) -> char {
    match c {
        '\u{130}' => 'i',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    }
}

/// What a unit multiplies with: a factor and the number of places to move the point to the left. Only the first
/// letter tells small from large.
fn factor(unit: &str) -> Option<(BigUint, i64)> {
    let mut chars = unit.chars();
    let unit: String = chars.next().into_iter().chain(chars.map(lower)).collect();
    let (letter, base) = match unit.as_str() {
        "" => return Some((1_u32.into(), 0)),
        "m" => return Some((MILLI.0.parse().ok()?, MILLI.1)),
        "M" => ('m', 1000_u32),
        letters => match (letters.strip_suffix('i'), letters) {
            (Some("k" | "K" | "m" | "M" | "g" | "G" | "t" | "T" | "p" | "P" | "e" | "E"), _) => {
                (letters.chars().next()?, 1024)
            }
            (None, "k" | "K" | "g" | "G" | "t" | "T" | "p" | "P" | "e" | "E") => {
                (letters.chars().next()?, 1000)
            }
            _ => return None,
        },
    };
    Some((BigUint::from(base).pow(power(letter)?), 0))
}

/// What a unit of bytes, in small letters, multiplies with.
fn bytes_factor(unit: &str) -> Option<BigUint> {
    let letters = unit.strip_suffix('b').unwrap_or(unit);
    let (letter, base) = match letters.strip_suffix('i') {
        Some(letter) => (letter, 1024_u32),
        None => (letters, 1000),
    };
    let mut chars = letter.chars();
    match (chars.next(), chars.next()) {
        (None, None) if unit.is_empty() => Some(1_u32.into()),
        (Some(letter), None) => Some(BigUint::from(base).pow(power(letter)?)),
        _ => None,
    }
}

fn power(letter: char) -> Option<u32> {
    let power = "kmgtpe".find(letter.to_ascii_lowercase())?;
    u32::try_from(power + 1).ok()
}

/// The number without an exponent: with ten decimals, half of the last one rounded away from zero, or with none
/// where it is an integer.
fn plain(decimal: &Decimal, limit: usize) -> Result<String, BuiltinError> {
    let sign = if decimal.negative { "-" } else { "" };
    let shift = usize::try_from(decimal.exponent.unsigned_abs()).unwrap_or(usize::MAX);
    let digits = decimal.digits.as_str();
    if decimal.exponent >= 0 {
        if digits.len().saturating_add(shift) > limit {
            return Err(BuiltinError::Limit("the amount has too many digits".to_owned()));
        }
        return Ok(format!("{sign}{digits}{}", "0".repeat(shift)));
    }
    let padded = format!("{}{digits}", "0".repeat((shift + 1).saturating_sub(digits.len())));
    let (whole, fraction) = padded.split_at_checked(padded.len() - shift).unwrap_or((&padded, ""));
    if fraction.bytes().all(|digit| digit == b'0') {
        return Ok(format!("{sign}{whole}"));
    }
    let rounds_up = fraction.as_bytes().get(DECIMALS).is_some_and(|&digit| digit >= b'5');
    let kept: String =
        whole.chars().chain(fraction.chars().chain(std::iter::repeat('0')).take(DECIMALS)).collect();
    let kept = if rounds_up { increment(&kept) } else { kept };
    let (whole, fraction) = kept.split_at_checked(kept.len() - DECIMALS).unwrap_or((&kept, ""));
    Ok(format!("{sign}{whole}.{fraction}"))
}

/// The next integer after the one that `digits` spell.
fn increment(digits: &str) -> String {
    let nines = digits.len() - digits.trim_end_matches('9').len();
    let head = digits.get(..digits.len() - nines).unwrap_or_default();
    let mut next = match head.char_indices().next_back() {
        Some((index, last)) => {
            let increased = char::from_digit(last.to_digit(10).unwrap_or_default() + 1, 10).unwrap_or('0');
            format!("{}{increased}", head.get(..index).unwrap_or_default())
        }
        None => "1".to_owned(),
    };
    next.extend(std::iter::repeat_n('0', nines));
    next
}

#[cfg(test)]
mod tests;
