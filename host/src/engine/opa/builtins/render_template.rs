//! `strings.render_template`: the part of Go's `text/template` that turns an object into text.
//!
//! <https://pkg.go.dev/text/template> defines it. Here are fields, variables, pipelines, parentheses, constants,
//! comments, trim markers, `if`, `with` and `range`, and the functions `and or not eq ne lt le gt ge index len
//! print printf`. What else a template may hold (`define`, `break`, `html`, numbers in other bases, ...) makes
//! the call undefined, as any mistake in it does.
//!
//! As in OPA a number of the object is a kind of text to the template (Go's `json.Number`): it is true even
//! when it is 0, and equal to `"1"` but not to `1`. The work is bounded, because `range` can repeat anything.

mod data;
mod functions;
mod parse;
mod run;
mod tree;

use super::{Builtin, BuiltinError, State};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] =
    &[Builtin { name: "strings.render_template", arity: 2, call: render_template }];

/// What OPA puts in the place of Go's word for a missing value, wherever that is in the answer.
const MISSING: (&str, &str) = ("<no value>", "<undefined>");

fn render_template(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(template), object @ Value::Object(_)] = args else {
        return Err(BuiltinError::undefined("the operands must be a string and an object"));
    };
    if !data::is_decodable(object) {
        return Err(BuiltinError::undefined("the object has values that OPA cannot hand to a template"));
    }
    let nodes = parse::parse(template)?;
    let text = run::run(&nodes, object, state.max_output_bytes)?;
    let added = text.matches(MISSING.0).count() * (MISSING.1.len() - MISSING.0.len());
    if text.len() + added > state.max_output_bytes {
        return Err(BuiltinError::Limit("the rendered template is too large".to_owned()));
    }
    Ok(text.replace(MISSING.0, MISSING.1).into())
}

fn error(what: &str) -> BuiltinError {
    BuiltinError::undefined(format!("template: {what}"))
}

#[cfg(test)]
mod tests;
