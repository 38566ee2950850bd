//! `sprintf`, byte for byte as OPA has it: Go's `fmt.Sprintf` over the four types that OPA hands to it.
//!
//! A number without fraction and exponent is an `int64` where it fits and a `*big.Int` where not; any other
//! number is a `float64`, or its text where that overflows. A string is itself, and everything else is a
//! string with the text of the term. <https://pkg.go.dev/fmt> defines the verbs; like there, a format never
//! fails: mistakes are named inside of the answer, as in `%!d(string=hi)`.
//!
//! The answer never grows beyond the limit of the evaluation, whatever widths and precisions a policy asks for.

mod arg;
mod big_int;
mod flags;
mod float;
mod format;
mod integer;
mod string;

use super::{Builtin, BuiltinError, State};
use crate::engine::opa::value::Value;

pub(super) use arg::Arg;
pub(super) use format::sprintf as format;

pub(super) const BUILTINS: &[Builtin] = &[Builtin { name: "sprintf", arity: 2, call: sprintf }];

fn sprintf(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(format), Value::Array(items)] = args else {
        return Err(BuiltinError::undefined("sprintf takes a string and an array"));
    };
    let limit = state.max_output_bytes;
    let args = items.iter().map(|item| Arg::new(item, limit)).collect::<Result<Vec<_>, _>>()?;
    Ok(format::sprintf(format, &args, limit)?.into())
}

/// JSON text as `%v` shows its value; `None` when it is none, or has more than `limit` bytes.
pub(in crate::engine) fn show(json: &str, limit: usize) -> Option<String> {
    let value = Value::parse(json).ok()?;
    let argument = Arg::new(&value, limit).ok()?;
    format::sprintf("%v", &[argument], limit).ok()
}

#[cfg(test)]
mod tests;
