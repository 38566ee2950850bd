//! `cast_array`, `cast_boolean`, `cast_null`, `cast_object`, `cast_set` and `cast_string`.
//!
//! OPA's policy reference calls them deprecated; what they do is in `casts.go` of OPA's `topdown`. Only arrays
//! and sets become each other, any other cast answers what it was given or is undefined.

use std::collections::BTreeSet;

use super::{Builtin, BuiltinError, State};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "cast_array", arity: 1, call: cast_array },
    Builtin {
        name: "cast_boolean",
        arity: 1,
        call: |_, args| keep(args, |arg| matches!(arg, Value::Bool(_))),
    },
    Builtin { name: "cast_null", arity: 1, call: |_, args| keep(args, |arg| matches!(arg, Value::Null)) },
    Builtin {
        name: "cast_object",
        arity: 1,
        call: |_, args| keep(args, |arg| matches!(arg, Value::Object(_))),
    },
    Builtin { name: "cast_set", arity: 1, call: cast_set },
    Builtin {
        name: "cast_string",
        arity: 1,
        call: |_, args| keep(args, |arg| matches!(arg, Value::String(_))),
    },
];

fn cast_array(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    match args {
        [Value::Set(items)] => Ok(Value::Array(items.iter().cloned().collect())),
        _ => keep(args, |arg| matches!(arg, Value::Array(_))),
    }
}

fn cast_set(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    match args {
        [Value::Array(items)] => {
            // One by one, because the first of equal numbers such as 2 and 2.0 is the one to stay.
            let mut set = BTreeSet::new();
            items.iter().cloned().for_each(|item| {
                set.insert(item);
            });
            Ok(Value::Set(set))
        }
        _ => keep(args, |arg| matches!(arg, Value::Set(_))),
    }
}

fn keep(args: &[Value], is_wanted: fn(&Value) -> bool) -> Result<Value, BuiltinError> {
    match args {
        [arg] if is_wanted(arg) => Ok(arg.clone()),
        _ => Err(BuiltinError::undefined("the operand is of another type")),
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::opa::builtins::cases::check;

    #[test]
    fn a_cast_keeps_what_fits_and_is_undefined_for_the_rest() {
        check(
            "cast_array",
            &[(&["[2,1]"], Some("[2,1]")), (&["{2,1}"], Some("[1,2]")), (&["{}"], None), (&["1"], None)],
        );
        check(
            "cast_set",
            &[
                (&["[2,1,2.0]"], Some("{1,2}")),
                (&["set()"], Some("set()")),
                (&["{}"], None),
                (&["null"], None),
            ],
        );
        check("cast_boolean", &[(&["true"], Some("true")), (&["1"], None), (&["\"true\""], None)]);
        check("cast_null", &[(&["null"], Some("null")), (&["false"], None)]);
        check("cast_object", &[(&["{1:2}"], Some("{1:2}")), (&["set()"], None), (&["[]"], None)]);
        check("cast_string", &[(&["\"a\""], Some("\"a\"")), (&["1"], None)]);
    }
}
