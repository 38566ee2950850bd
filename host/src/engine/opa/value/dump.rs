//! Writes a value as the text that a guest's `opa_value_parse` reads.

use std::fmt::Write as _;

use super::Value;

// === impl Value ===

impl Value {
    /// The value as OPA value text: JSON, with `{1,2}` for sets, `set()` for the empty one and keys of any
    /// kind.
    pub fn dump(&self) -> String {
        let mut text = String::new();
        self.dump_into(&mut text);
        text
    }

    fn dump_into(&self, out: &mut String) {
        match self {
            Value::Null => out.push_str("null"),
            Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Value::Number(number) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "{number}");
            }
            Value::String(text) => dump_string(text, out),
            Value::Array(items) => dump_list('[', items.iter(), ']', out),
            Value::Set(items) if items.is_empty() => out.push_str("set()"),
            Value::Set(items) => dump_list('{', items.iter(), '}', out),
            Value::Object(map) => {
                out.push('{');
                for (index, (key, value)) in map.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    key.dump_into(out);
                    out.push(':');
                    value.dump_into(out);
                }
                out.push('}');
            }
        }
    }
}

fn dump_list<'v>(open: char, items: impl Iterator<Item = &'v Value>, close: char, out: &mut String) {
    out.push(open);
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        item.dump_into(out);
    }
    out.push(close);
}

fn dump_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
