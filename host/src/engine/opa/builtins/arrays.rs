//! `array.flatten`.
//!
//! Defined by OPA's policy reference ("Arrays"): the items of nested arrays take the place of those arrays, one
//! level deep. Sets and objects stay as they are.

use super::{Builtin, BuiltinError, State};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[Builtin { name: "array.flatten", arity: 1, call: flatten }];

fn flatten(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::Array(items)] = args else {
        return Err(BuiltinError::undefined("the operand must be an array"));
    };
    let flat = items.iter().flat_map(|item| match item {
        Value::Array(nested) => nested.as_slice(),
        other => std::slice::from_ref(other),
    });
    Ok(Value::Array(flat.cloned().collect()))
}

#[cfg(test)]
mod tests {
    use crate::engine::opa::builtins::cases::check;

    #[test]
    fn one_level_of_arrays_goes_away() {
        check(
            "array.flatten",
            &[
                (&["[]"], Some("[]")),
                (&["[1,[2,[3,[4]]],[],{5},{\"a\":[6]}]"], Some("[1,2,[3,[4]],{5},{\"a\":[6]}]")),
                (&["[[[]],[]]"], Some("[[]]")),
                (&["{1}"], None),
            ],
        );
    }
}
