//! What a scalar's text means, by the resolution tables of go-yaml v2 and v3.
//!
//! The two differ in the booleans: v2 takes YAML 1.1's `yes`, `on` and their kin, v3 does not. Both read
//! `0644`, `0o644`, `0x1a4` and `0b110` as integers, drop underscores, and leave what looks like a date a
//! string when it goes into JSON.

use super::{Dialect, timestamp};

/// A scalar's meaning.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer above the range of `i64`.
    Uint(u64),
    /// Not necessarily finite.
    Float(f64),
    /// Text that the libraries take for a date and time.
    Timestamp,
    /// Any other text.
    String,
}

/// What a plain scalar without a tag means.
pub(crate) fn resolve_plain(dialect: Dialect, text: &str) -> Resolved {
    resolve(dialect, text, true)
}

/// What a scalar means under a tag (`""` for none, or the short form); `None` when it does not fit the tag.
/// A tag that is none of the scalar types' leaves the text as it is.
pub(super) fn resolve_tagged(dialect: Dialect, tag: &str, text: &str) -> Option<Resolved> {
    let dates = matches!(tag, "" | "!!timestamp");
    match (tag, resolve(dialect, text, dates)) {
        ("", resolved)
        | ("!!null", resolved @ Resolved::Null)
        | ("!!bool", resolved @ Resolved::Bool(_))
        | ("!!int", resolved @ (Resolved::Int(_) | Resolved::Uint(_)))
        | ("!!float", resolved @ Resolved::Float(_))
        | ("!!timestamp", resolved @ Resolved::Timestamp) => Some(resolved),
        #[allow(clippy::cast_precision_loss, reason = "as Go's conversion to float64")]
        ("!!float", Resolved::Int(integer)) => Some(Resolved::Float(integer as f64)),
        ("!!null" | "!!bool" | "!!int" | "!!float" | "!!timestamp", _) => None,
        _ => Some(Resolved::String),
    }
}

fn resolve(dialect: Dialect, text: &str, dates: bool) -> Resolved {
    if let Some(resolved) = word(dialect, text) {
        return resolved;
    }
    match text.bytes().next() {
        Some(b'.') => float(text).map_or(Resolved::String, Resolved::Float),
        Some(b'0'..=b'9' | b'+' | b'-') => {
            if dates && timestamp::is_timestamp(text) {
                return Resolved::Timestamp;
            }
            number(dialect, &text.replace('_', "")).unwrap_or(Resolved::String)
        }
        _ => Resolved::String,
    }
}

fn word(dialect: Dialect, text: &str) -> Option<Resolved> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "true" | "True" | "TRUE" => Resolved::Bool(true),
        "false" | "False" | "FALSE" => Resolved::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Resolved::Float(f64::NEG_INFINITY),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" if dialect == Dialect::Kubernetes => {
            Resolved::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" if dialect == Dialect::Kubernetes => {
            Resolved::Bool(false)
        }
        _ => return None,
    })
}

/// A number whose underscores are gone.
fn number(dialect: Dialect, plain: &str) -> Option<Resolved> {
    if let Some(integer) = go_integer(plain) {
        return Some(integer);
    }
    if let Some(float) = float(plain) {
        return Some(Resolved::Float(float));
    }
    // The libraries then try the digits behind a lower-case prefix once more, so a second sign gets through.
    let (digits, radix) = match (plain.strip_prefix("0b"), plain.strip_prefix("0o")) {
        (Some(digits), _) => (digits, 2),
        (None, Some(digits)) if dialect == Dialect::Opa => (digits, 8),
        _ => return None,
    };
    i64::from_str_radix(digits, radix).ok().map(Resolved::Int)
}

/// Go's `strconv.ParseInt` and then `ParseUint` with base 0.
fn go_integer(plain: &str) -> Option<Resolved> {
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(plain);
    let lower = unsigned.get(..2).map(str::to_ascii_lowercase);
    let (radix, skip) = match lower.as_deref() {
        Some("0b") if unsigned.len() > 2 => (2, 2),
        Some("0o") if unsigned.len() > 2 => (8, 2),
        Some("0x") if unsigned.len() > 2 => (16, 2),
        _ if unsigned.starts_with('0') && unsigned.len() > 1 => (8, 1),
        _ => (10, 0),
    };
    let digits = unsigned.get(skip..)?;
    if digits.is_empty() || !digits.bytes().all(|byte| char::from(byte).is_digit(radix)) {
        return None;
    }
    let size = u64::from_str_radix(digits, radix).ok()?;
    match (plain.starts_with('-'), i64::try_from(size)) {
        (false, Ok(integer)) => Some(Resolved::Int(integer)),
        (true, Ok(integer)) => Some(Resolved::Int(-integer)),
        (true, Err(_)) => (size == 1 << 63).then_some(Resolved::Int(i64::MIN)),
        // ParseUint takes no sign at all.
        (false, Err(_)) => (!plain.starts_with('+')).then_some(Resolved::Uint(size)),
    }
}

/// A decimal float in the libraries' grammar; what is beyond the range of `f64` is none.
fn float(plain: &str) -> Option<f64> {
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(plain);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = digits(whole)
        && fraction.is_none_or(digits)
        && !(whole.is_empty() && fraction.is_none_or(str::is_empty))
        && exponent.is_none_or(|part| {
            let part = part.strip_prefix(['+', '-']).unwrap_or(part);
            !part.is_empty() && digits(part)
        });
    if !fits {
        return None;
    }
    plain.parse().ok().filter(|float: &f64| float.is_finite())
}
