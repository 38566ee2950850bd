//! Writes a value as go-yaml v3 writes it, byte for byte.
//!
//! OPA takes a value through its JSON text and YAML's reading of that, so `1.0` becomes `1`, integers beyond 64
//! bits become floats, and what JSON may hold but YAML's reader refuses makes the call undefined.

use std::collections::BTreeMap;

use super::{
    BuiltinError,
    key_order::sort,
    scalar::{Style, Text, is_number_like, write_double_quoted},
};
use crate::{
    engine::opa::{builtins::json::marshal, value::Value},
    yaml::{Dialect, Resolved, go_shortest, resolve_plain},
};

/// What each level of collections moves to the right.
const INDENT: usize = 2;

/// Longer keys, in bytes, are written with a question mark.
const MAX_SIMPLE_KEY: usize = 128;

/// YAML reads no longer key of a flow mapping, in characters of its JSON text.
const MAX_JSON_KEY: usize = 1024;

/// The YAML text of a value.
pub(super) fn emit(value: &Value, max_bytes: usize) -> Result<String, BuiltinError> {
    let mut emitter = Emitter {
        out: String::new(),
        max_bytes,
        column: 0,
        after_blank: true,
        only_indented: true,
        indent: None,
    };
    emitter.value(value)?;
    emitter.new_line()?;
    Ok(emitter.out)
}

struct Emitter {
    out: String,
    max_bytes: usize,
    column: usize,
    /// Whether what was written last separates words.
    after_blank: bool,
    /// Whether there is nothing but indentation and indicators in the line.
    only_indented: bool,
    /// `None` outside of all collections.
    indent: Option<usize>,
}

type Written = Result<(), BuiltinError>;

// === impl Emitter ===

impl Emitter {
    fn value(&mut self, value: &Value) -> Written {
        match value {
            Value::Array(items) => self.sequence(items.iter()),
            Value::Set(items) => self.sequence(items.iter()),
            Value::Object(map) => self.mapping(map),
            scalar => self.scalar(scalar),
        }
    }

    fn sequence<'v>(&mut self, items: impl ExactSizeIterator<Item = &'v Value>) -> Written {
        if items.len() == 0 {
            return self.flow("[", "]");
        }
        self.indented(self.indent.map_or(0, |indent| indent + INDENT), |emitter| {
            for item in items {
                emitter.new_line()?;
                emitter.indicator("-", true, true)?;
                emitter.value(item)?;
            }
            Ok(())
        })
    }

    fn mapping(&mut self, map: &BTreeMap<Value, Value>) -> Written {
        if map.is_empty() {
            return self.flow("{", "}");
        }
        let mut entries = BTreeMap::new();
        for (key, value) in map {
            let json = marshal(key, None, self.max_bytes)?;
            let key = key.as_str().map_or(json, str::to_owned);
            check_key(&key, self.max_bytes)?;
            entries.insert(key, value);
        }
        self.indented(self.indent.map_or(0, |indent| indent + INDENT), |emitter| {
            for (key, value) in sort(entries.into_iter().collect()) {
                emitter.new_line()?;
                emitter.entry(&key, value)?;
            }
            Ok(())
        })
    }

    fn entry(&mut self, key: &str, value: &Value) -> Written {
        let text = Text::new(key)?;
        if !text.is_multiline && key.len() <= MAX_SIMPLE_KEY {
            self.text(key, &text, true)?;
            self.indicator(":", false, false)?;
        } else {
            self.indicator("?", true, true)?;
            self.text(key, &text, false)?;
            self.new_line()?;
            self.indicator(":", true, true)?;
        }
        self.value(value)
    }

    fn indented(&mut self, indent: usize, write: impl FnOnce(&mut Self) -> Written) -> Written {
        let outer = self.indent.replace(indent);
        write(self)?;
        self.indent = outer;
        Ok(())
    }

    /// An empty collection.
    fn flow(&mut self, open: &str, close: &str) -> Written {
        self.indicator(open, true, false)?;
        self.put(close)?;
        self.end_word();
        Ok(())
    }

    fn scalar(&mut self, value: &Value) -> Written {
        match value {
            Value::Null => self.plain("null"),
            Value::Bool(truth) => self.plain(if *truth { "true" } else { "false" }),
            Value::Number(number) => {
                let text = number.to_string();
                match resolve_plain(Dialect::Opa, &text) {
                    Resolved::Int(integer) => self.plain(&integer.to_string()),
                    Resolved::Uint(integer) => self.plain(&integer.to_string()),
                    Resolved::Float(float) => self.plain(&go_shortest(float)),
                    // A number beyond float64 is a string to YAML.
                    _ => self.plain(&text),
                }
            }
            Value::String(text) => {
                let analysis = Text::new(text)?;
                self.text(text, &analysis, false)
            }
            _ => Ok(()),
        }
    }

    fn text(&mut self, text: &str, analysis: &Text, is_key: bool) -> Written {
        match analysis.style(text, is_key, is_number_like(text)) {
            Style::Plain => self.plain(text),
            Style::SingleQuoted => self.single_quoted(text),
            Style::DoubleQuoted => {
                self.indicator("\"", true, false)?;
                // Escapes take up to ten bytes for four.
                if text.len().saturating_mul(4) > self.max_bytes {
                    return Err(too_large());
                }
                let mut quoted = String::new();
                write_double_quoted(text, &mut quoted);
                self.put(&quoted)?;
                self.put("\"")?;
                self.end_word();
                Ok(())
            }
            Style::Literal => self.literal(text),
        }
    }

    fn plain(&mut self, text: &str) -> Written {
        if !self.after_blank {
            self.put(" ")?;
        }
        self.put(text)?;
        self.end_word();
        Ok(())
    }

    /// In single quotes only U+2028 and U+2029 can break a line; the next goes on indented.
    fn single_quoted(&mut self, text: &str) -> Written {
        self.indicator("'", true, false)?;
        let indent = self.indent.map_or(INDENT, |indent| indent + INDENT);
        self.indented(indent, |emitter| {
            let mut after_break = false;
            let mut buffer = [0; 4];
            for c in text.chars() {
                let is_break = matches!(c, '\u{2028}' | '\u{2029}');
                if after_break && !is_break && c != ' ' {
                    emitter.new_line()?;
                }
                emitter.put(if c == '\'' { "''" } else { c.encode_utf8(&mut buffer) })?;
                if is_break {
                    emitter.column = 0;
                    emitter.only_indented = true;
                    after_break = true;
                } else if c != ' ' {
                    emitter.only_indented = false;
                    after_break = false;
                }
            }
            Ok(())
        })?;
        self.put("'")?;
        self.end_word();
        Ok(())
    }

    fn literal(&mut self, text: &str) -> Written {
        let is_break = |c: char| matches!(c, '\n' | '\u{2028}' | '\u{2029}');
        self.indicator("|", true, false)?;
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.put(&INDENT.to_string())?;
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().is_some_and(is_break), from_end.next().is_none_or(is_break)) {
            (false, _) => self.put("-")?,
            (true, true) => self.put("+")?,
            (true, false) => {}
        }
        self.put_break()?;
        self.after_blank = true;
        let indent = self.indent.map_or(INDENT, |indent| indent + INDENT);
        self.indented(indent, |emitter| {
            let mut after_break = true;
            let mut buffer = [0; 4];
            for c in text.chars() {
                if c == '\n' {
                    emitter.put_break()?;
                    after_break = true;
                } else {
                    if after_break && !is_break(c) {
                        emitter.new_line()?;
                    }
                    emitter.put(c.encode_utf8(&mut buffer))?;
                    after_break = is_break(c);
                    if after_break {
                        emitter.column = 0;
                    }
                    emitter.only_indented = after_break;
                }
            }
            Ok(())
        })
    }

    /// Goes to the indentation, on a new line unless this one can still be used.
    fn new_line(&mut self) -> Written {
        let indent = self.indent.unwrap_or(0);
        if !self.only_indented || self.column > indent || (self.column == indent && !self.after_blank) {
            self.put_break()?;
        }
        while self.column < indent {
            self.put(" ")?;
        }
        self.after_blank = true;
        Ok(())
    }

    fn indicator(&mut self, text: &str, after_blank: bool, indents: bool) -> Written {
        if after_blank && !self.after_blank {
            self.put(" ")?;
        }
        self.put(text)?;
        self.after_blank = false;
        self.only_indented &= indents;
        Ok(())
    }

    fn end_word(&mut self) {
        self.after_blank = false;
        self.only_indented = false;
    }

    fn put_break(&mut self) -> Written {
        self.put("\n")?;
        self.column = 0;
        self.only_indented = true;
        Ok(())
    }

    fn put(&mut self, text: &str) -> Written {
        if self.out.len() + text.len() > self.max_bytes {
            return Err(too_large());
        }
        self.out.push_str(text);
        self.column += text.chars().count();
        Ok(())
    }
}

fn check_key(key: &str, max_bytes: usize) -> Written {
    let json = marshal(&Value::from(key), None, max_bytes)?;
    if json.chars().count() > MAX_JSON_KEY {
        return Err(BuiltinError::undefined("a key is too long for YAML"));
    }
    Ok(())
}

fn too_large() -> BuiltinError {
    BuiltinError::Limit("the YAML text is too large".to_owned())
}
