//! `trace` and `internal.print`, which is what `print` becomes in a compiled module.
//!
//! Defined by OPA's policy reference ("Tracing" and "Debugging"). Both always succeed and tell the policy
//! nothing. Their text goes to the log at debug level under the target `policy`, cut to a kibibyte because it
//! may hold any part of an object.

use super::{Builtin, BuiltinError, State, output::Output};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "internal.print", arity: 1, call: print },
    Builtin { name: "trace", arity: 1, call: trace },
];

/// Longer texts are cut.
const MAX_BYTES: usize = 1024;

fn trace(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text)] = args else {
        return Err(BuiltinError::undefined("the operand must be a string"));
    };
    let end = text.floor_char_boundary(MAX_BYTES);
    tracing::debug!(target: "policy", text = text.get(..end).unwrap_or_default(), "trace");
    Ok(true.into())
}

/// Nothing looks at the answer of a print, but that it has one lets the policy go on.
fn print(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::Array(operands)] = args else {
        return Err(BuiltinError::undefined("the operand must be an array"));
    };
    if tracing::enabled!(target: "policy", tracing::Level::DEBUG) {
        tracing::debug!(target: "policy", text = line(operands), "print");
    }
    Ok(Value::Null)
}

/// The operands with blanks between. Each is a set of what an expression was: OPA prints a line for each
/// combination, here the values of one operand are all in the same line.
fn line(operands: &[Value]) -> String {
    let mut text = Output::new(MAX_BYTES);
    for (index, operand) in operands.iter().enumerate() {
        let written = text.push(if index > 0 { " " } else { "" }).and_then(|()| match operand {
            Value::Set(values) if values.is_empty() => text.push("<undefined>"),
            Value::Set(values) => values.iter().enumerate().try_for_each(|(index, value)| {
                text.push(if index > 0 { "|" } else { "" }).and_then(|()| text.push_value(value))
            }),
            plain => text.push_value(plain),
        });
        if written.is_err() {
            break;
        }
    }
    text.into_text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::opa::builtins::cases::check;

    #[test]
    fn tracing_and_printing_succeed() {
        check("trace", &[(&["\"x\""], Some("true")), (&["1"], None)]);
        check("internal.print", &[(&["[]"], Some("null")), (&["[{1},set(),\"x\"]"], Some("null"))]);
    }

    #[test]
    fn a_printed_line_is_bounded() {
        let operands = Value::parse("[{\"a =\"},{1.50},set(),{[\"x\"]},{1,2},true]").unwrap();
        let Value::Array(operands) = operands else { panic!("no array") };
        assert_eq!(line(&operands), "a = 1.50 <undefined> [\"x\"] 1|2 true");
        assert!(line(&vec![Value::from("é".repeat(100)); 100]).len() <= MAX_BYTES);
    }
}
