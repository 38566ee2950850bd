//! Values as the JSON text that Go's `encoding/json` writes: sorted keys, `<`, `>` and `&` escaped, numbers by
//! their own text.

use std::collections::BTreeMap;

use super::BuiltinError;
use crate::engine::opa::value::Value;

/// What stands before each line but the first, and what each level adds.
pub(in crate::engine::opa::builtins) struct Indentation<'o> {
    pub(in crate::engine::opa::builtins) prefix: &'o str,
    pub(in crate::engine::opa::builtins) indent: &'o str,
}

/// The JSON text of a value; sets are arrays, and keys that are no strings are their own JSON text.
pub(in crate::engine::opa::builtins) fn marshal(
    value: &Value,
    indentation: Option<&Indentation<'_>>,
    max_bytes: usize,
) -> Result<String, BuiltinError> {
    let mut writer = Writer { out: String::new(), max_bytes, indentation, depth: 0 };
    writer.value(value)?;
    Ok(writer.out)
}

struct Writer<'o> {
    out: String,
    max_bytes: usize,
    indentation: Option<&'o Indentation<'o>>,
    depth: usize,
}

// === impl Writer ===

impl Writer<'_> {
    fn value(&mut self, value: &Value) -> Result<(), BuiltinError> {
        match value {
            Value::Null => self.push("null"),
            Value::Bool(truth) => self.push(if *truth { "true" } else { "false" }),
            Value::Number(number) => self.push(&number.to_string()),
            Value::String(text) => self.string(text),
            Value::Array(items) => self.list(items.iter()),
            Value::Set(items) => self.list(items.iter()),
            Value::Object(map) => self.object(map),
        }
    }

    fn list<'v>(&mut self, items: impl ExactSizeIterator<Item = &'v Value>) -> Result<(), BuiltinError> {
        if items.len() == 0 {
            return self.push("[]");
        }
        self.push("[")?;
        self.depth += 1;
        for (index, item) in items.enumerate() {
            self.separate(index)?;
            self.value(item)?;
        }
        self.depth -= 1;
        self.new_line()?;
        self.push("]")
    }

    fn object(&mut self, map: &BTreeMap<Value, Value>) -> Result<(), BuiltinError> {
        if map.is_empty() {
            return self.push("{}");
        }
        let mut entries = BTreeMap::new();
        for (key, value) in map {
            let key = match key {
                Value::String(text) => text.clone(),
                other => marshal(other, None, self.max_bytes)?,
            };
            entries.insert(key, value);
        }
        self.push("{")?;
        self.depth += 1;
        for (index, (key, value)) in entries.into_iter().enumerate() {
            self.separate(index)?;
            self.string(&key)?;
            self.push(if self.indentation.is_some() { ": " } else { ":" })?;
            self.value(value)?;
        }
        self.depth -= 1;
        self.new_line()?;
        self.push("}")
    }

    fn separate(&mut self, index: usize) -> Result<(), BuiltinError> {
        if index > 0 {
            self.push(",")?;
        }
        self.new_line()
    }

    fn new_line(&mut self) -> Result<(), BuiltinError> {
        let Some(indentation) = self.indentation else { return Ok(()) };
        self.push("\n")?;
        self.push(indentation.prefix)?;
        (0..self.depth).try_for_each(|_| self.push(indentation.indent))
    }

    fn string(&mut self, text: &str) -> Result<(), BuiltinError> {
        self.push("\"")?;
        let mut buffer = [0; 4];
        for c in text.chars() {
            match c {
                '"' => self.push("\\\"")?,
                '\\' => self.push("\\\\")?,
                '\u{8}' => self.push("\\b")?,
                '\u{c}' => self.push("\\f")?,
                '\n' => self.push("\\n")?,
                '\r' => self.push("\\r")?,
                '\t' => self.push("\\t")?,
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | ..'\u{20}' => {
                    self.push(&format!("\\u{:04x}", u32::from(c)))?;
                }
                c => self.push(c.encode_utf8(&mut buffer))?,
            }
        }
        self.push("\"")
    }

    fn push(&mut self, text: &str) -> Result<(), BuiltinError> {
        if self.out.len() + text.len() > self.max_bytes {
            return Err(BuiltinError::Limit("the JSON text is too large".to_owned()));
        }
        self.out.push_str(text);
        Ok(())
    }
}
