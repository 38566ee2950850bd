//! Durations as text: Go's `time.ParseDuration` (<https://pkg.go.dev/time#ParseDuration>) plus OPA's days,
//! weeks and years.
//!
//! OPA rewrites `d`, `w` and `y` (24, 168 and 8,760 hours) as hours and lets Go read the rest, but only in a
//! text that has one of these letters; such a text has a grammar of its own, which knows fewer spellings of the
//! microsecond. Fractions go through `f64` as in Go, so the last nanosecond agrees.

/// Go's limit of a duration before its sign is applied.
const LIMIT: u64 = 1 << 63;

const HOUR: u64 = 3_600_000_000_000;

/// The duration in nanoseconds, if `text` is one and it fits.
pub(super) fn parse(text: &str) -> Option<i64> {
    if text.contains(['d', 'w', 'y']) { parse_go(&in_hours(text)?) } else { parse_go(text) }
}

/// The text with `d`, `w` and `y` as hours: `1d2h` is `24h2h`.
fn in_hours(text: &str) -> Option<String> {
    let (sign, mut rest) = split_sign(text);
    let mut out = sign.to_owned();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let (number, tail) = rest.split_at_checked(digits)?;
        if number.is_empty() {
            return None;
        }
        let unit = ["ms", "us", "µs", "ns"].into_iter().find(|unit| tail.starts_with(unit));
        let unit =
            unit.or_else(|| tail.get(..1).filter(|letter| letter.bytes().all(|b| b.is_ascii_lowercase())));
        let unit = unit?;
        rest = tail.get(unit.len()..)?;
        match unit {
            "d" => push_hours(&mut out, number, 24.0)?,
            "w" => push_hours(&mut out, number, 168.0)?,
            "y" => push_hours(&mut out, number, 8_760.0)?,
            _ => out.extend([number, unit]),
        }
    }
    Some(out)
}

fn push_hours(out: &mut String, number: &str, hours: f64) -> Option<()> {
    let total = number.parse::<f64>().ok()? * hours;
    // Go prints an infinite one as `+Inf`, which is no number to its duration parser.
    if !total.is_finite() {
        return None;
    }
    out.push_str(&format!("{total}h"));
    Some(())
}

fn parse_go(text: &str) -> Option<i64> {
    let (sign, mut rest) = split_sign(text);
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let (part, tail) = parse_part(rest)?;
        rest = tail;
        // Two parts of exactly the limit wrap to zero in Go, too.
        total = total.wrapping_add(part);
        if total > LIMIT {
            return None;
        }
    }
    match (sign, total) {
        ("-", _) => Some(total.wrapping_neg().cast_signed()),
        _ => i64::try_from(total).ok(),
    }
}

/// One number with its unit, in nanoseconds, and what follows.
fn parse_part(text: &str) -> Option<(u64, &str)> {
    let (whole_text, rest) = split_digits(text);
    let (fraction_text, rest) = rest.strip_prefix('.').map_or(("", rest), split_digits);
    if whole_text.is_empty() && fraction_text.is_empty() {
        return None;
    }
    let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
    let (name, rest) = rest.split_at_checked(end)?;
    let unit = unit(name)?;
    let whole = if whole_text.is_empty() { 0 } else { whole_text.parse::<u64>().ok()? };
    // 2^63 nanoseconds pass here; whether they fit is for the sign to decide.
    let part = whole.checked_mul(unit).filter(|_| whole <= LIMIT / unit)? + fraction(fraction_text, unit);
    (part <= LIMIT).then_some((part, rest))
}

fn unit(name: &str) -> Option<u64> {
    Some(match name {
        "ns" => 1,
        // The micro sign and the Greek letter mu.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => HOUR,
        _ => return None,
    })
}

/// The nanoseconds of a fraction; digits that would overflow are left out, as in Go.
fn fraction(digits: &str, unit: u64) -> u64 {
    let (mut value, mut scale) = (0_u64, 1.0_f64);
    for digit in digits.bytes().map(|digit| u64::from(digit - b'0')) {
        if value > (LIMIT - 1) / 10 {
            break;
        }
        let next = value * 10 + digit;
        if next > LIMIT {
            break;
        }
        value = next;
        scale *= 10.0;
    }
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "Go computes this part in floating point and cuts it, and the result is below one unit"
    )]
    let nanoseconds = (value as f64 * (unit as f64 / scale)) as u64;
    nanoseconds
}

fn split_sign(text: &str) -> (&str, &str) {
    let length = usize::from(text.starts_with(['-', '+']));
    text.split_at_checked(length).unwrap_or(("", text))
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    text.split_at_checked(end).unwrap_or((text, ""))
}
