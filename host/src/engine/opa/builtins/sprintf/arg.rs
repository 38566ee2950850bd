//! The arguments of a format, each of a Go type.

use std::borrow::Cow;

use super::{big_int, flags::Flags, float, integer, string};
use crate::engine::opa::builtins::{BuiltinError, output::Output};
use crate::engine::opa::value::{Number, Value};

/// One argument.
#[derive(Clone, Debug)]
pub(in crate::engine::opa::builtins) enum Arg<'v> {
    /// `int64`
    Int(i64),
    /// `*big.Int`, by its decimal digits; always outside of the range of `int64`.
    BigInt(String),
    /// `float64`
    Float(f64),
    /// `string`
    String(Cow<'v, str>),
    /// `bool`, which `sprintf` itself never has.
    Bool(bool),
    /// `nil`, which `sprintf` itself never has.
    Nil,
    /// One of the above under the name of another type.
    Named(Box<Arg<'v>>, &'static str),
}

// === impl Arg ===

impl<'v> Arg<'v> {
    /// The type that OPA makes of a value. The text of a term has at most `limit` bytes.
    pub(super) fn new(value: &'v Value, limit: usize) -> Result<Self, BuiltinError> {
        match value {
            Value::String(text) => Ok(Self::String(text.into())),
            Value::Number(number) => Ok(Self::from_number(number)),
            other => {
                let mut text = Output::new(limit);
                text.push_value(other)?;
                Ok(Self::String(text.into_text().into()))
            }
        }
    }

    fn from_number(number: &Number) -> Self {
        let text = number.to_string();
        if text.contains(['.', 'e', 'E']) {
            let float = number.to_f64();
            return if float.is_finite() { Self::Float(float) } else { Self::String(text.into()) };
        }
        text.parse().map_or_else(|_| Self::BigInt(text), Self::Int)
    }

    /// The integer that a `*` takes.
    pub(super) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            Self::Named(arg, _) => arg.as_int(),
            _ => None,
        }
    }

    /// The name of the type, as `%T` shows it.
    fn type_name(&self) -> &'static str {
        match self {
            Self::Int(_) => "int64",
            Self::BigInt(_) => "*big.Int",
            Self::Float(_) => "float64",
            Self::String(_) => "string",
            Self::Bool(_) => "bool",
            Self::Nil => "<nil>",
            Self::Named(_, name) => name,
        }
    }

    /// Writes the argument under a verb.
    pub(super) fn print(&self, verb: char, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
        match (self, verb) {
            (Self::Nil, 'T' | 'v') => flags.push_padded("<nil>", out),
            (_, 'T') => string::print_plain(self.type_name(), flags, out),
            (Self::BigInt(digits), _) => big_int::print(digits, verb, flags, out),
            _ if self.has_verb(verb) => self.print_proper(verb, flags, out),
            _ => self.print_bad_verb(verb, flags, out),
        }
    }

    fn has_verb(&self, verb: char) -> bool {
        match self {
            Self::Int(_) => integer::has_verb(verb),
            Self::Float(_) => float::has_verb(verb),
            Self::String(_) => string::has_verb(verb),
            Self::Bool(_) => matches!(verb, 't' | 'v'),
            Self::Named(arg, _) => arg.has_verb(verb),
            Self::BigInt(_) | Self::Nil => false,
        }
    }

    fn print_proper(&self, verb: char, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
        match self {
            Self::Int(int) => integer::print(*int, verb, flags, out),
            Self::Float(float) => float::print(*float, verb, flags, out),
            Self::String(text) => string::print(text, verb, flags, out),
            Self::Bool(truth) => flags.push_padded(if *truth { "true" } else { "false" }, out),
            Self::Named(arg, _) => arg.print_proper(verb, flags, out),
            Self::BigInt(_) | Self::Nil => Ok(()),
        }
    }

    fn print_bad_verb(&self, verb: char, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
        out.push("%!")?;
        out.push_char(verb)?;
        out.push("(")?;
        self.print_typed(flags, out)?;
        out.push(")")
    }

    /// The argument with its type in front, as in `string=hi`.
    pub(super) fn print_typed(&self, flags: &Flags, out: &mut Output) -> Result<(), BuiltinError> {
        if matches!(self, Self::Nil) {
            return out.push("<nil>");
        }
        out.push(self.type_name())?;
        out.push("=")?;
        self.print('v', flags, out)
    }
}
