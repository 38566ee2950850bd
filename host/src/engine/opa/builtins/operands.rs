//! Operands as OPA reads them (`topdown/builtins` in its source), for several families.
//!
//! OPA decides by the text of a number, not by its value, so that `1.0` is an integer for most builtins and
//! `1e3` is none.

use super::{BuiltinError, integer::go_integer};
use crate::engine::opa::value::Value;

/// An integer that fits in 64 bits, as `integer` reads its text.
pub(super) fn int(value: &Value) -> Result<i64, BuiltinError> {
    let Value::Number(number) = value else {
        return Err(BuiltinError::undefined("the operand must be a number"));
    };
    number
        .as_i64()
        .or_else(|| go_integer(&number.to_string()))
        .ok_or_else(|| BuiltinError::undefined("the operand must be an integer"))
}

/// The strings of an array or a set that holds nothing else.
pub(super) fn strings(value: &Value) -> Result<Vec<&str>, BuiltinError> {
    let strings: Option<Vec<&str>> = match value {
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        Value::Set(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    };
    strings.ok_or_else(|| BuiltinError::undefined("the operand must be an array or a set of strings"))
}
