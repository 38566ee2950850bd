//! Binary floats of a chosen precision that are never negative: as much of Go's `math/big.Float` as
//! `units.parse_bytes` uses, because its roundings show in the answers.

use num_bigint::BigUint;

use crate::engine::opa::builtins::{BuiltinError, decimal::Decimal};

/// `mantissa` times two to the power of `exponent`.
#[derive(Clone, Debug)]
pub(super) struct Float {
    mantissa: BigUint,
    exponent: i64,
}

// === impl Float ===

impl Float {
    /// The bits of the mantissa that Go's floats have unless told otherwise.
    pub(super) const PRECISION: u64 = 64;

    /// As `SetString` reads a decimal number.
    pub(super) fn from_decimal(decimal: &Decimal) -> Result<Self, BuiltinError> {
        let mantissa = Self::from(decimal.mantissa()?);
        let scaled = Self { exponent: decimal.exponent, ..mantissa };
        if decimal.digits.is_empty() || decimal.exponent == 0 {
            return Ok(scaled.rounded(Self::PRECISION));
        }
        let power = Self::power_of_five(decimal.exponent.unsigned_abs(), Self::PRECISION + 64);
        Ok(if decimal.exponent < 0 {
            scaled.divided_by(&power, Self::PRECISION)
        } else {
            scaled.times(&power, Self::PRECISION)
        })
    }

    /// Five to the power of `n`, with the intermediate roundings of Go.
    fn power_of_five(n: u64, precision: u64) -> Self {
        // Go begins with a table up to the largest power that fits 64 bits.
        const IN_TABLE: u64 = 27;
        let start = u32::try_from(n.min(IN_TABLE)).unwrap_or_default();
        let mut power = Self::from(BigUint::from(5_u32).pow(start));
        let mut factor = Self::from(BigUint::from(5_u32));
        let mut rest = n.saturating_sub(IN_TABLE);
        while rest > 0 {
            if rest % 2 == 1 {
                power = power.times(&factor, precision);
            }
            factor = factor.times(&factor, precision + 64);
            rest /= 2;
        }
        power
    }

    pub(super) fn times(&self, other: &Self, precision: u64) -> Self {
        let mantissa = &self.mantissa * &other.mantissa;
        Self { mantissa, exponent: self.exponent.saturating_add(other.exponent) }.rounded(precision)
    }

    fn divided_by(&self, other: &Self, precision: u64) -> Self {
        // Two bits more than wanted, and one that says whether anything is left over, round correctly.
        let shift = (precision + 3 + other.mantissa.bits()).saturating_sub(self.mantissa.bits());
        let shifted = &self.mantissa << shift;
        let mut quotient = (&shifted / &other.mantissa) << 1_u8;
        if &shifted % &other.mantissa != BigUint::ZERO {
            quotient.set_bit(0, true);
        }
        let shift = i64::try_from(shift + 1).unwrap_or(i64::MAX);
        let exponent = self.exponent.saturating_sub(other.exponent).saturating_sub(shift);
        Self { mantissa: quotient, exponent }.rounded(precision)
    }

    /// The nearest float with so many bits; in the middle the even one.
    fn rounded(self, precision: u64) -> Self {
        let surplus = self.mantissa.bits().saturating_sub(precision);
        if surplus == 0 {
            return self;
        }
        let half = surplus - 1;
        let is_odd = self.mantissa.bit(surplus);
        let is_half = self.mantissa.bit(half);
        let is_more = self.mantissa.trailing_zeros().is_some_and(|zeros| zeros < half);
        let mut mantissa = self.mantissa >> surplus;
        if is_half && (is_odd || is_more) {
            mantissa += 1_u8;
        }
        Self { mantissa, exponent: self.exponent.saturating_add(i64::try_from(surplus).unwrap_or(i64::MAX)) }
    }

    /// What is before the point, in at most `limit` decimal digits.
    pub(super) fn whole(&self, limit: usize) -> Result<BigUint, BuiltinError> {
        let shift = self.exponent.unsigned_abs();
        if self.exponent < 0 {
            return Ok(&self.mantissa >> shift);
        }
        // A digit has more than three bits.
        if self.mantissa.bits().saturating_add(shift) / 4 > u64::try_from(limit).unwrap_or(u64::MAX) {
            return Err(BuiltinError::Limit("the amount has too many digits".to_owned()));
        }
        Ok(&self.mantissa << shift)
    }
}

impl From<BigUint> for Float {
    fn from(mantissa: BigUint) -> Self {
        Self { mantissa, exponent: 0 }
    }
}
