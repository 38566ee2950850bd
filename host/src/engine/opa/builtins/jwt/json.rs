//! JSON as Go's `encoding/json` reads and writes it (<https://pkg.go.dev/encoding/json>): of members that come
//! twice the last one counts, bytes that are not UTF-8 become U+FFFD, and text is written so that it can stand
//! within HTML.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::de::IgnoredAny;

use crate::engine::opa::{builtins::crypto::text::lossy, value::Value};

/// The object that the text is.
pub(super) fn parse_object(bytes: &[u8]) -> Option<Value> {
    let text = lossy(bytes);
    parse(&text).filter(|value| matches!(value, Value::Object(_)))
}

/// The value that the text is.
pub(super) fn parse(text: &str) -> Option<Value> {
    // The text of a value can be more than JSON: sets, and keys of any kind.
    if is_json(text) { Value::parse(text).ok() } else { None }
}

pub(super) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The value as JSON without blanks.
pub(super) fn write(value: &Value) -> String {
    let mut out = String::new();
    write_into(value, &mut out);
    out
}

fn write_into(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{number}");
        }
        Value::String(text) => write_string(text, out),
        Value::Array(items) => write_list(items.iter(), out),
        Value::Set(items) => write_list(items.iter(), out),
        Value::Object(map) => write_object(map, out),
    }
}

fn write_list<'v>(items: impl Iterator<Item = &'v Value>, out: &mut String) {
    out.push('[');
    for (index, item) in items.enumerate() {
        out.push_str(if index > 0 { "," } else { "" });
        write_into(item, out);
    }
    out.push(']');
}

/// Keys that are no strings are their JSON, and all are sorted as text.
fn write_object(map: &BTreeMap<Value, Value>, out: &mut String) {
    let key = |key: &Value| key.as_str().map_or_else(|| write(key), str::to_owned);
    let sorted: BTreeMap<String, &Value> = map.iter().map(|(name, value)| (key(name), value)).collect();
    out.push('{');
    for (index, (name, value)) in sorted.into_iter().enumerate() {
        out.push_str(if index > 0 { "," } else { "" });
        write_string(&name, out);
        out.push(':');
        write_into(value, out);
    }
    out.push('}');
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..' ' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
