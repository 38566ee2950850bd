//! `json.patch` and `json.marshal_with_options`.
//!
//! Defined by OPA's policy reference ("JSON"), by RFC 6902 with OPA's extensions (sets, paths as arrays of any
//! values, paths without their slash) and by Go's `encoding/json`. The rest of `json.*` is compiled into the
//! modules.

mod marshal;
mod patch;
mod tree;

use std::collections::BTreeMap;

pub(super) use self::marshal::{Indentation, marshal};
use super::{Builtin, BuiltinError, State};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "json.marshal_with_options", arity: 2, call: marshal_with_options },
    Builtin { name: "json.patch", arity: 2, call: patch },
];

fn marshal_with_options(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [value, Value::Object(options)] = args else {
        return Err(BuiltinError::undefined("json.marshal_with_options takes a value and an object"));
    };
    let indentation = indentation(options)?;
    let text = marshal(value, indentation.as_ref(), state.max_output_bytes)?;
    Ok(match indentation {
        // Go puts the prefix before every line but the first, and OPA completes that.
        Some(indentation) => format!("{}{text}", indentation.prefix).into(),
        None => text.into(),
    })
}

/// How to indent; `None` for the compact form. Naming a prefix or an indent asks for it, `pretty` decides.
fn indentation(options: &BTreeMap<Value, Value>) -> Result<Option<Indentation<'_>>, BuiltinError> {
    let mut indentation = Indentation { prefix: "", indent: "\t" };
    let (mut implied, mut pretty) = (false, None);
    for (name, value) in options {
        match (name.as_str(), value) {
            (Some("prefix"), Value::String(prefix)) => (indentation.prefix, implied) = (prefix, true),
            (Some("indent"), Value::String(indent)) => (indentation.indent, implied) = (indent, true),
            (Some("pretty"), Value::Bool(wanted)) => pretty = Some(*wanted),
            _ => return Err(BuiltinError::undefined(format!("no such option, or not of its type: {name}"))),
        }
    }
    Ok(pretty.unwrap_or(implied).then_some(indentation))
}

fn patch(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [document, Value::Array(operations)] = args else {
        return Err(BuiltinError::undefined("json.patch takes a value and an array"));
    };
    patch::apply(document, operations, state.max_output_bytes)
}

#[cfg(test)]
mod tests;
