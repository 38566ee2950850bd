//! Decimal numbers, exactly: comparison, being an integer, and being a multiple.

use std::cmp::Ordering;

use num_bigint::BigUint;

use crate::engine::opa::value::Number;

/// The most digits a number may have to be divided; far more than anybody writes.
const MAX_DIGITS: usize = 1000;

/// A number as digits, without zeros at either end, times a power of ten.
#[derive(Clone, Debug)]
pub(super) struct Decimal {
    number: Number,
    negative: bool,
    digits: String,
    exponent: i64,
}

// === impl Decimal ===

impl Decimal {
    pub(super) fn new(number: &Number) -> Self {
        let text = number.to_string();
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
        let saturated = if exponent.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
        let exponent = exponent.parse::<i64>().unwrap_or(saturated).clamp(i64::MIN / 4, i64::MAX / 4);
        let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_end_matches('0');
        let shift =
            i64::try_from(all.len() - digits.len()).unwrap_or(0) - i64::try_from(fraction.len()).unwrap_or(0);
        let digits = digits.trim_start_matches('0').to_owned();
        let exponent = if digits.is_empty() { 0 } else { exponent + shift };
        Self { number: number.clone(), negative: mantissa.starts_with('-'), digits, exponent }
    }

    pub(super) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    pub(super) fn is_positive(&self) -> bool {
        !self.negative && !self.digits.is_empty()
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.number.cmp(&other.number)
    }

    /// Whether this is a multiple of the other; `None` where the digits are too many to tell.
    pub(super) fn is_multiple_of(&self, other: &Self) -> Option<bool> {
        if self.digits.is_empty() {
            return Some(true);
        }
        let shift = self.exponent - other.exponent;
        // The digits do not end in zero, so nothing is left of a smaller power of ten.
        let Ok(shift) = u64::try_from(shift) else { return Some(false) };
        if self.digits.len().max(other.digits.len()) > MAX_DIGITS {
            return None;
        }
        let number: BigUint = self.digits.parse().ok()?;
        let divisor: BigUint = other.digits.parse().ok()?;
        let scale = BigUint::from(10u32).modpow(&shift.into(), &divisor);
        Some((number * scale) % divisor == BigUint::ZERO)
    }

    /// The text of a Go `big.Float`: plain up to six digits before the point, else with an exponent.
    pub(super) fn text(&self) -> String {
        let sign = if self.negative && !self.digits.is_empty() { "-" } else { "" };
        let Some(first) = self.digits.get(..1) else { return "0".to_owned() };
        let rest = self.digits.get(1..).unwrap_or_default();
        let count = i64::try_from(self.digits.len()).unwrap_or(0);
        let magnitude = self.exponent + count - 1;
        if !(-4..6).contains(&magnitude) {
            let point = if rest.is_empty() { "" } else { "." };
            let mark = if magnitude < 0 { '-' } else { '+' };
            return format!("{sign}{first}{point}{rest}e{mark}{:02}", magnitude.unsigned_abs());
        }
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
        if magnitude < 0 {
            return format!("{sign}0.{}{}", zeros(-magnitude - 1), self.digits);
        }
        let point = usize::try_from(magnitude + 1).unwrap_or(0);
        match self.digits.split_at_checked(point) {
            Some((whole, fraction)) if !fraction.is_empty() => format!("{sign}{whole}.{fraction}"),
            _ => format!("{sign}{}{}", self.digits, zeros(magnitude + 1 - count)),
        }
    }
}
