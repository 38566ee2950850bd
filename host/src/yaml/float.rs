//! Floats as Go writes them: `strconv.FormatFloat(f, 'g', -1, bits)` and `encoding/json`.
//!
//! The shortest digits are the same in Rust and Go; only the choice between plain and exponent form, and the
//! form of the exponent, are not.

/// Go's shortest form with the verb `g`, as go-yaml writes floats: `1e+06`, `0.0001`, `1e-05`. The number must
/// be finite.
pub fn go_shortest(float: f64) -> String {
    general(&format!("{float:e}"))
}

/// As [`go_shortest`], for the nearest `f32`: the form in which Kubernetes and OPA make a key of a float.
pub(super) fn go_shortest_f32(float: f64) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "rounding to f32 is what is asked for")]
    let single = float as f32;
    match single {
        _ if single.is_nan() => ".nan".to_owned(),
        f32::INFINITY => ".inf".to_owned(),
        f32::NEG_INFINITY => "-.inf".to_owned(),
        _ => general(&format!("{single:e}")),
    }
}

/// The form of Go's `encoding/json`: plain digits between 1e-6 and 1e21, else an exponent.
pub fn go_json_float(float: f64) -> String {
    let size = float.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{float:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return match exponent.strip_prefix('-') {
            Some(exponent) => format!("{digits}e-{exponent}"),
            None => format!("{digits}e+{exponent}"),
        };
    }
    format!("{float}")
}

/// From Rust's exponent form to Go's general one.
fn general(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
    plain(mantissa, exponent)
}

/// Digits with the point moved.
fn plain(mantissa: &str, exponent: i32) -> String {
    let (sign, unsigned) = match mantissa.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", mantissa),
    };
    let digits: String = unsigned.chars().filter(|c| *c != '.').collect();
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(0);
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(places.saturating_sub(1)));
    }
    match (digits.get(..=places), digits.get(places + 1..)) {
        (Some(whole), Some(fraction)) if !fraction.is_empty() => format!("{sign}{whole}.{fraction}"),
        _ => format!("{sign}{digits:0<width$}", width = places + 1),
    }
}
