//! `numbers.range_step` and `rand.intn`.
//!
//! Defined by OPA's policy reference ("Numbers") and `numbers.go` of OPA's `topdown`. A range is made of
//! integers of any size, down as well as up; OPA makes it as long as it is told, here the limit of an answer
//! ends it.

use num_bigint::{BigInt, BigUint, Sign};

use super::{Builtin, BuiltinError, State, decimal::Decimal, operands::int, random::once};
use crate::engine::opa::value::{Number, Value};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "numbers.range_step", arity: 3, call: range_step },
    Builtin { name: "rand.intn", arity: 2, call: intn },
];

/// Go's `big.Rat`, by which OPA reads a number with a fraction or an exponent, takes no larger exponent.
const MAX_EXPONENT: i64 = 1_000_000;

fn range_step(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [first, last, step] = args else { return Err(BuiltinError::undefined("three operands are needed")) };
    let (first, last, step) = (integer(first, state)?, integer(last, state)?, integer(step, state)?);
    if step.sign() != Sign::Plus {
        return Err(BuiltinError::undefined("the step must be a positive integer"));
    }
    let steps = (&last - &first).magnitude() / step.magnitude();
    let steps = usize::try_from(steps).unwrap_or(usize::MAX);
    // The longest number is at one of the ends; its digits are three tenths of its bits, and a comma follows.
    let bits = first.bits().max(last.bits());
    let length = usize::try_from(bits / 4 + 2).unwrap_or(usize::MAX);
    if steps.saturating_add(1).saturating_mul(length) > state.max_output_bytes {
        return Err(BuiltinError::Limit("the range is too long".to_owned()));
    }
    let step = if last < first { -step } else { step };
    let numbers = (0..=steps).scan(first, |next, _| {
        let number = Number::parse(&next.to_string()).map(Value::Number);
        *next += &step;
        number
    });
    Ok(Value::Array(numbers.collect()))
}

/// The number as an integer, when its value is one.
fn integer(value: &Value, state: &State) -> Result<BigInt, BuiltinError> {
    let Value::Number(number) = value else {
        return Err(BuiltinError::undefined("the operand must be a number"));
    };
    if let Some(int) = number.as_i64() {
        return Ok(int.into());
    }
    let not_integer = || BuiltinError::undefined("the operand must be an integer");
    let mut decimal = Decimal::parse(&number.to_string()).ok_or_else(not_integer)?;
    if decimal.digits.is_empty() {
        return Ok(BigInt::ZERO);
    }
    if decimal.exponent.abs() > MAX_EXPONENT {
        return Err(not_integer());
    }
    while decimal.exponent < 0 && decimal.digits.ends_with('0') {
        decimal.digits.pop();
        decimal.exponent += 1;
    }
    let exponent = u32::try_from(decimal.exponent).map_err(|_| not_integer())?;
    if usize::try_from(exponent).unwrap_or(usize::MAX) > state.max_output_bytes {
        return Err(BuiltinError::Limit("the range has too long numbers".to_owned()));
    }
    let size = decimal.mantissa()? * BigUint::from(10_u32).pow(exponent);
    Ok(BigInt::from_biguint(if decimal.negative { Sign::Minus } else { Sign::Plus }, size))
}

/// A random integer from 0 to below the size of the second operand, the same one for the same operands.
fn intn(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(name), bound] = args else {
        return Err(BuiltinError::undefined("the operands must be a string and a number"));
    };
    let bound = int(bound)?.unsigned_abs();
    if bound == 0 {
        return Ok(0.into());
    }
    if bound > i64::MAX.unsigned_abs() {
        return Err(BuiltinError::undefined("the operand is out of range"));
    }
    once(state, "rand.intn", &format!("{name}-{bound}"), |bytes| {
        // With 128 random bits no remainder is likelier than another by more than one in 2^64.
        let random = u128::from_le_bytes(bytes) % u128::from(bound);
        i64::try_from(random).unwrap_or_default().into()
    })
}

#[cfg(test)]
mod tests;
