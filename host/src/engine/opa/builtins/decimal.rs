//! Decimal numbers of any length, kept as digits and an exponent so that no exponent is ever expanded unasked.

use num_bigint::BigUint;

use super::BuiltinError;

/// Reading more digits as one integer would cost the square of their number.
const MAX_DIGITS: usize = 100_000;

/// `digits` times ten to the power of `exponent`. Zero has no digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    pub(super) negative: bool,
    /// Without zeros in front.
    pub(super) digits: String,
    pub(super) exponent: i64,
}

// === impl Decimal ===

impl Decimal {
    /// Reads a sign, digits with or without a point among, before or behind them, and an exponent; but for the
    /// sign and the exponent this is also JSON's grammar.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let exponent: i64 = exponent.parse().ok()?;
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        let digits = all.trim_start_matches('0').to_owned();
        Some(Self { negative: text.starts_with('-') && !digits.is_empty(), digits, exponent })
    }

    /// The digits as one integer.
    pub(super) fn mantissa(&self) -> Result<BigUint, BuiltinError> {
        if self.digits.len() > MAX_DIGITS {
            return Err(BuiltinError::Limit("a number has too many digits".to_owned()));
        }
        Ok(self.digits.parse().unwrap_or_default())
    }
}
