//! The functions that a template may call.

use std::cmp::Ordering;

use super::{data::Data, error, run::Run, tree::Operand};
use crate::engine::opa::builtins::{
    BuiltinError,
    sprintf::{self, Arg},
};
use crate::engine::opa::value::Value;

/// Their names.
pub(super) const NAMES: &[&str] =
    &["and", "eq", "ge", "gt", "index", "le", "len", "lt", "ne", "not", "or", "print", "printf"];

/// Calls a function; `last` is its last argument when it comes out of a pipeline.
pub(super) fn call<'t, 'v>(
    run: &mut Run<'t, 'v>,
    name: &str,
    operands: &'t [Operand<'t>],
    dot: &Data<'v>,
    last: Option<Data<'v>>,
) -> Result<Data<'v>, BuiltinError> {
    if matches!(name, "and" | "or") {
        return first_that_decides(run, name == "or", operands, dot, last);
    }
    let mut args = Vec::with_capacity(operands.len() + 1);
    for operand in operands {
        args.push(run.operand(operand, dot)?);
    }
    args.extend(last);
    for arg in &args {
        run.spend(if let Data::Text(text) = arg { text.len() } else { 0 })?;
    }
    match (name, args.as_slice()) {
        ("not", [arg]) => Ok(Data::Bool(!arg.is_true())),
        ("len", [arg]) => length(arg),
        ("index", [item, indexes @ ..]) if !matches!(item, Data::Missing | Data::Null) => {
            indexes.iter().try_fold(item.clone(), index)
        }
        ("eq", [first, others @ ..]) if !others.is_empty() => any_equal(first, others),
        ("ne", [left, right]) => Ok(Data::Bool(!equal(left, right)?)),
        ("lt", [left, right]) => Ok(Data::Bool(order(left, right)? == Ordering::Less)),
        ("le", [left, right]) => Ok(Data::Bool(order(left, right)? != Ordering::Greater)),
        ("gt", [left, right]) => Ok(Data::Bool(order(left, right)? == Ordering::Greater)),
        ("ge", [left, right]) => Ok(Data::Bool(order(left, right)? != Ordering::Less)),
        ("print", args) => print(run, args),
        ("printf", [Data::Text(format), args @ ..]) => printf(run, format, args),
        _ => Err(error("wrong arguments of a function")),
    }
}

/// `and` and `or`: the first argument that settles the answer, and no further argument is looked at.
fn first_that_decides<'t, 'v>(
    run: &mut Run<'t, 'v>,
    wanted: bool,
    operands: &'t [Operand<'t>],
    dot: &Data<'v>,
    last: Option<Data<'v>>,
) -> Result<Data<'v>, BuiltinError> {
    let mut value = None;
    for operand in operands {
        let arg = run.operand(operand, dot)?;
        if arg.is_true() == wanted {
            return Ok(arg);
        }
        value = Some(arg);
    }
    last.or(value).ok_or_else(|| error("wrong number of arguments"))
}

fn length<'v>(arg: &Data<'v>) -> Result<Data<'v>, BuiltinError> {
    let length = match arg {
        Data::Text(text) => text.len(),
        Data::Number(number) => number.to_string().len(),
        Data::Array(items) => items.len(),
        Data::Object(map) => map.len(),
        _ => return Err(error("len of what has no length")),
    };
    Ok(Data::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn index<'v>(item: Data<'v>, index: &Data<'v>) -> Result<Data<'v>, BuiltinError> {
    let at = |index: i64| usize::try_from(index).unwrap_or(usize::MAX);
    let byte = |text: &str, index| text.as_bytes().get(at(index)).map(|&byte| Data::Int(byte.into()));
    let found = match (item, index) {
        (Data::Object(map), Data::Text(key)) => {
            Some(map.get(&Value::from(&**key)).map_or(Data::Null, Data::new))
        }
        (Data::Array(items), Data::Int(index)) => items.get(at(*index)).map(Data::new),
        (Data::Text(text), Data::Int(index)) => byte(&text, *index),
        (Data::Number(number), Data::Int(index)) => byte(&number.to_string(), *index),
        _ => None,
    };
    found.ok_or_else(|| error("index of a wrong type or out of range"))
}

fn any_equal<'v>(first: &Data<'v>, others: &[Data<'v>]) -> Result<Data<'v>, BuiltinError> {
    for other in others {
        if equal(first, other)? {
            return Ok(Data::Bool(true));
        }
    }
    Ok(Data::Bool(false))
}

/// Go compares only values of the same basic kind, and anything with what is not there.
fn equal(left: &Data<'_>, right: &Data<'_>) -> Result<bool, BuiltinError> {
    use Data::{Missing, Null};
    match (left, right) {
        (Missing | Null, Missing | Null) => Ok(true),
        (Missing | Null, _) | (_, Missing | Null) => Ok(false),
        (Data::Bool(left), Data::Bool(right)) => Ok(left == right),
        _ => Ok(order(left, right)? == Ordering::Equal),
    }
}

fn order(left: &Data<'_>, right: &Data<'_>) -> Result<Ordering, BuiltinError> {
    let ordering = match (left, right) {
        (Data::Int(left), Data::Int(right)) => Some(left.cmp(right)),
        (Data::Float(left), Data::Float(right)) => left.partial_cmp(right),
        (Data::Text(left), Data::Text(right)) => Some((**left).cmp(right)),
        (Data::Number(left), Data::Text(right)) => Some(left.to_string().as_str().cmp(right)),
        (Data::Text(left), Data::Number(right)) => Some((**left).cmp(right.to_string().as_str())),
        (Data::Number(left), Data::Number(right)) => Some(left.to_string().cmp(&right.to_string())),
        _ => None,
    };
    ordering.ok_or_else(|| error("values that cannot be compared"))
}

/// `fmt.Sprint`, which puts a blank between any two of which none is a text.
fn print<'v>(run: &mut Run<'_, 'v>, args: &[Data<'v>]) -> Result<Data<'v>, BuiltinError> {
    let is_text = |arg: &Data<'_>| matches!(arg, Data::Text(_) | Data::Number(_));
    let mut out = run.scratch();
    let mut follows_text = true;
    for arg in args {
        out.push(if follows_text || is_text(arg) { "" } else { " " })?;
        arg.print("<nil>", &mut out)?;
        follows_text = is_text(arg);
    }
    text(run, out.into_text())
}

fn printf<'v>(run: &mut Run<'_, 'v>, format: &str, args: &[Data<'v>]) -> Result<Data<'v>, BuiltinError> {
    let args = args.iter().map(|arg| match arg {
        Data::Missing | Data::Null => Ok(Arg::Nil),
        Data::Bool(truth) => Ok(Arg::Bool(*truth)),
        Data::Int(int) => Ok(Arg::Named(Box::new(Arg::Int(*int)), "int")),
        Data::Float(float) => Ok(Arg::Float(*float)),
        Data::Text(text) => Ok(Arg::String((&**text).into())),
        Data::Number(number) => {
            Ok(Arg::Named(Box::new(Arg::String(number.to_string().into())), "json.Number"))
        }
        Data::Array(_) | Data::Object(_) => Err(error("printf of an array or an object")),
    });
    let args = args.collect::<Result<Vec<_>, _>>()?;
    let printed = sprintf::format(format, &args, run.limit())?;
    text(run, printed)
}

fn text<'v>(run: &mut Run<'_, 'v>, text: String) -> Result<Data<'v>, BuiltinError> {
    run.spend(text.len())?;
    Ok(Data::Text(text.as_str().into()))
}
