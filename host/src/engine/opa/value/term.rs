//! The text of a value as a Rego term, byte for byte as OPA's `Term.String`: a blank after `:` and `,`,
//! keys sorted, strings quoted as Go's `strconv.Quote` does.

use std::fmt;

use super::{Escapes, Value, write_quoted};

// === impl Value ===

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(truth) => write!(f, "{truth}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::String(text) => write_quoted(f, text.chars(), '"', Escapes::Unprintable),
            Value::Array(items) => write_list(f, "[", items.iter(), "]"),
            Value::Set(items) if items.is_empty() => f.write_str("set()"),
            Value::Set(items) => write_list(f, "{", items.iter(), "}"),
            Value::Object(map) => {
                f.write_str("{")?;
                for (index, (key, value)) in map.iter().enumerate() {
                    f.write_str(if index > 0 { ", " } else { "" })?;
                    write!(f, "{key}: {value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn write_list<'v>(
    f: &mut fmt::Formatter<'_>,
    open: &str,
    items: impl Iterator<Item = &'v Value>,
    close: &str,
) -> fmt::Result {
    f.write_str(open)?;
    for (index, item) in items.enumerate() {
        f.write_str(if index > 0 { ", " } else { "" })?;
        write!(f, "{item}")?;
    }
    f.write_str(close)
}
