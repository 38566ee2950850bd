//! The notations of `strconv.FormatFloat`: `%b %e %f %g %x` of a float without its sign.
//!
//! <https://pkg.go.dev/strconv#FormatFloat> defines them. No precision is the fewest digits that read back as
//! the same number.

/// A `f64` has at most 1074 digits behind its point, and Rust's formatting takes no precision beyond 65535; so
/// further digits are zeros that are written here.
const MAX_DIGITS: usize = 1100;

const MANTISSA_BITS: u32 = 52;
const EXPONENT_BIAS: i64 = 1023;

/// `float` in the notation of `verb`, one of `b e E f g G x X`.
pub(super) fn write(float: f64, verb: char, precision: Option<usize>) -> String {
    match verb {
        'b' => binary(float),
        'x' | 'X' => {
            let text = hexadecimal(float, precision);
            if verb == 'X' { text.to_uppercase() } else { text }
        }
        'e' | 'E' => {
            let (digits, exponent) = digits(float, precision);
            let zeros = precision.unwrap_or_default().saturating_sub(MAX_DIGITS);
            scientific(&digits, zeros, exponent, verb == 'E')
        }
        'f' => positional(float, precision),
        _ => general(float, precision, verb == 'G'),
    }
}

/// The digits with one before the point, and the power of ten of that one. `precision` counts the others.
fn digits(float: f64, precision: Option<usize>) -> (String, i64) {
    let text = match precision {
        Some(precision) => format!("{float:.*e}", precision.min(MAX_DIGITS)),
        None => shortest(float),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or_default())
}

/// The fewest digits that read back as `float`. Where two such texts are equally near, Go takes the even digit
/// and Rust the larger one; rounding to that many digits is to even in both.
fn shortest(float: f64) -> String {
    let text = format!("{float:e}");
    let count = text.bytes().take_while(|&byte| byte != b'e').filter(u8::is_ascii_digit).count();
    let even = format!("{float:.*e}", count.saturating_sub(1));
    if even.parse() == Ok(float) { even } else { text }
}

fn scientific(digits: &str, zeros: usize, exponent: i64, upper: bool) -> String {
    let (first, others) = digits.split_at_checked(1).unwrap_or(("0", ""));
    let point = if others.is_empty() && zeros == 0 { "" } else { "." };
    let letter = if upper { 'E' } else { 'e' };
    let sign = if exponent < 0 { '-' } else { '+' };
    let zeros = "0".repeat(zeros);
    format!("{first}{point}{others}{zeros}{letter}{sign}{:02}", exponent.unsigned_abs())
}

fn positional(float: f64, precision: Option<usize>) -> String {
    let precision = precision.unwrap_or_default();
    let text = format!("{float:.*}", precision.min(MAX_DIGITS));
    text + &"0".repeat(precision.saturating_sub(MAX_DIGITS))
}

/// `%g`: positional for small exponents, scientific for others, without zeros at the end.
fn general(float: f64, precision: Option<usize>, upper: bool) -> String {
    let wanted = precision.map(|precision| precision.max(1));
    let (digits, exponent) = digits(float, wanted.map(|wanted| wanted - 1));
    let digits = digits.trim_end_matches('0');
    let count = digits.len();
    let before_point = if count == 0 { 0 } else { exponent + 1 };
    let count_signed = i64::try_from(count).unwrap_or(i64::MAX);
    let limit = match wanted.and_then(|wanted| i64::try_from(wanted).ok()) {
        None => 6,
        Some(wanted) if wanted > count_signed && count_signed >= before_point => count_signed,
        Some(wanted) => wanted,
    };
    if count > 0 && (exponent < -4 || exponent >= limit) {
        return scientific(digits, 0, exponent, upper);
    }
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
    match usize::try_from(before_point) {
        Ok(0) | Err(_) if count == 0 => "0".to_owned(),
        Ok(0) | Err(_) => format!("0.{}{digits}", zeros(-before_point)),
        Ok(point) => match digits.split_at_checked(point) {
            Some((whole, "")) => whole.to_owned(),
            Some((whole, fraction)) => format!("{whole}.{fraction}"),
            None => format!("{digits}{}", zeros(before_point - count_signed)),
        },
    }
}

/// `%b`: the mantissa as an integer, and the power of two that it is multiplied with.
fn binary(float: f64) -> String {
    let (mantissa, exponent) = parts(float);
    let exponent = exponent - i64::from(MANTISSA_BITS);
    format!("{mantissa}p{exponent:+}")
}

/// `%x`: a hexadecimal fraction with one bit before the point, and a power of two.
fn hexadecimal(float: f64, precision: Option<usize>) -> String {
    let (mantissa, exponent) = parts(float);
    // The first set bit belongs at bit 60, which leaves fifteen digits behind the point.
    let shift = mantissa.leading_zeros().saturating_sub(3) % 61;
    let mut mantissa = mantissa << shift;
    let mut exponent =
        if mantissa == 0 { 0 } else { exponent - i64::from(shift) + i64::from(60 - MANTISSA_BITS) };
    if let Some(kept) =
        precision.and_then(|precision| u32::try_from(precision).ok()).filter(|&kept| kept < 15)
    {
        mantissa = round_half_even(mantissa, 60 - 4 * kept);
        if mantissa >> 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let whole = mantissa >> 60;
    let all = format!("{:015x}", mantissa & ((1 << 60) - 1));
    let fraction = match precision {
        None => all.trim_end_matches('0').to_owned(),
        Some(precision) => all.chars().chain(std::iter::repeat('0')).take(precision).collect(),
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("0x{whole}{point}{fraction}p{sign}{:02}", exponent.unsigned_abs())
}

/// Clears the last `bits` bits (at least one), rounding to the nearest and, in the middle, to even.
fn round_half_even(number: u64, bits: u32) -> u64 {
    let unit = 1_u64 << bits;
    let rest = number & (unit - 1);
    let floor = number - rest;
    let is_odd = floor & unit != 0;
    if rest > unit / 2 || (rest == unit / 2 && is_odd) { floor + unit } else { floor }
}

/// The mantissa with its hidden bit, and the exponent that goes with one bit before the point.
fn parts(float: f64) -> (u64, i64) {
    let bits = float.to_bits() & !(1 << 63);
    let fraction = bits & ((1 << MANTISSA_BITS) - 1);
    match i64::try_from(bits >> MANTISSA_BITS).unwrap_or_default() {
        0 => (fraction, 1 - EXPONENT_BIAS),
        exponent => (fraction | (1 << MANTISSA_BITS), exponent - EXPONENT_BIAS),
    }
}
