//! Points in time as OPA reads them from numbers.
//!
//! A number goes through a binary float with a mantissa of 64 bits
//! (<https://pkg.go.dev/math/big#Float.SetString>) and must then be an integer, so that
//! `1700000000000000000.01` is a point in time and `0.5` is none. No exponent is ever expanded.

use num_bigint::BigUint;

use crate::engine::opa::value::Number;

/// More digits after the point cannot decide what 64 bits round to: the narrowest gap is 2 to the -65th.
const FRACTION_DIGITS: usize = 70;
/// An `i64` has at most so many digits.
const WHOLE_DIGITS: i64 = 19;

/// The integer that `number` is, once rounded to a mantissa of 64 bits.
pub(super) fn exact(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| rounded(&number.to_string()))
}

fn rounded(text: &str) -> Option<i64> {
    let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = split(unsigned)?;
    let floor = whole.parse::<u64>().ok()?;
    let below = BigUint::parse_bytes(fraction.as_bytes(), 10)?;
    let one = BigUint::from(10_u32).pow(u32::try_from(fraction.len()).ok()?);
    let above = &one - &below;
    // The mantissa's last bit is worth 2^(places - 63), and half of that is the farthest that rounds away.
    let integer = if is_nearer_than_half_a_bit(&below, &one, floor) {
        i128::from(floor)
    } else if is_nearer_than_half_a_bit(&above, &one, floor) {
        i128::from(floor) + 1
    } else {
        return None;
    };
    i64::try_from(sign * integer).ok()
}

/// Whether `distance / one` is at most half of the last bit of a 64-bit mantissa for numbers from `floor` on.
fn is_nearer_than_half_a_bit(distance: &BigUint, one: &BigUint, floor: u64) -> bool {
    // A fraction below one has its first bit after the point; only those that round to one matter.
    let half_bit_places = floor.checked_ilog2().map_or(65, |places| 64 - places);
    (distance << half_bit_places) <= *one
}

/// The digits before and after the point of a decimal number, the latter cut after `FRACTION_DIGITS` with a last
/// digit that tells whether something was cut. None where the number is too large.
fn split(unsigned: &str) -> Option<(String, String)> {
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = whole.chars().chain(fraction.chars()).collect();
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some(("0".to_owned(), "0".to_owned()));
    }
    let leading = i64::try_from(digits.len() - significant.len()).ok()?;
    // The number of digits of `significant` before the point; negative where zeros follow the point first.
    let point = exponent.parse::<i64>().ok()?.checked_add(i64::try_from(whole.len()).ok()?)? - leading;
    // A number below 0.1 is never near enough to an integer.
    if !(0..=WHOLE_DIGITS).contains(&point) {
        return None;
    }
    let point = usize::try_from(point).ok()?;
    let (before, after) = significant.split_at_checked(point).unwrap_or((significant, ""));
    let mut kept: String = after.chars().take(FRACTION_DIGITS).collect();
    kept.push(if after.bytes().skip(FRACTION_DIGITS).any(|digit| digit != b'0') { '1' } else { '0' });
    Some((format!("0{before:0<point$}"), kept))
}
