//! Reads the text that a guest's `opa_value_dump` writes: JSON, sets as `{1,2}` and `set()`, and objects
//! whose keys are any value. The text comes from a guest, so nothing about it is trusted.

use super::{Number, Value};

/// Deeper text is refused, so that a guest cannot overflow the host's stack. OPA's own JSON parser in the
/// guest gives up between 4,000 and 6,000 levels; a Kubernetes object is about twenty deep.
const MAX_DEPTH: usize = 256;

/// Why a text is no OPA value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {offset}")]
pub struct ParseError {
    what: &'static str,
    offset: usize,
}

struct Parser<'t> {
    text: &'t str,
    offset: usize,
}

// === impl Value ===

impl Value {
    /// Reads one value; the whole text must be used.
    ///
    /// # Errors
    /// Names the first byte that does not fit.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut parser = Parser { text, offset: 0 };
        let value = parser.value(0)?;
        parser.skip_blanks();
        if parser.rest().is_empty() {
            Ok(value)
        } else {
            Err(parser.error("unexpected text after the value"))
        }
    }
}

// === impl Parser ===

impl<'t> Parser<'t> {
    fn value(&mut self, depth: usize) -> Result<Value, ParseError> {
        if depth > MAX_DEPTH {
            return Err(self.error("nested too deeply"));
        }
        self.skip_blanks();
        match self.peek() {
            Some('{') => self.braces(depth),
            Some('[') => self.array(depth),
            Some('"') => self.string().map(Value::String),
            Some('-' | '.' | '0'..='9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, ParseError> {
        for (word, value) in [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("set()", Value::Set(Default::default())),
        ] {
            if self.rest().starts_with(word) {
                self.offset += word.len();
                return Ok(value);
            }
        }
        Err(self.error("expected a value"))
    }

    fn array(&mut self, depth: usize) -> Result<Value, ParseError> {
        self.offset += 1;
        let mut items = Vec::new();
        if self.take(']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(']') {
                return Ok(Value::Array(items));
            }
            self.expect(',')?;
        }
    }

    /// An object or a set: the first separator tells.
    fn braces(&mut self, depth: usize) -> Result<Value, ParseError> {
        self.offset += 1;
        if self.take('}') {
            return Ok(Value::Object(Default::default()));
        }
        let first = self.value(depth + 1)?;
        if self.take(':') { self.object(first, depth) } else { self.set(first, depth) }
    }

    fn object(&mut self, first: Value, depth: usize) -> Result<Value, ParseError> {
        let mut entries = vec![(first, self.value(depth + 1)?)];
        while !self.take('}') {
            self.expect(',')?;
            let key = self.value(depth + 1)?;
            self.expect(':')?;
            entries.push((key, self.value(depth + 1)?));
        }
        Ok(Value::Object(entries.into_iter().collect()))
    }

    fn set(&mut self, first: Value, depth: usize) -> Result<Value, ParseError> {
        let mut items = vec![first];
        while !self.take('}') {
            self.expect(',')?;
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::Set(items.into_iter().collect()))
    }

    fn number(&mut self) -> Result<Value, ParseError> {
        let length = self
            .rest()
            .find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
            .unwrap_or(self.rest().len());
        let number = self.rest().get(..length).and_then(Number::parse_guest);
        let number = number.ok_or_else(|| self.error("not a number"))?;
        self.offset += length;
        Ok(Value::Number(number))
    }

    /// A string in JSON's grammar; serde_json knows the escapes, so only the end is looked for here.
    fn string(&mut self) -> Result<String, ParseError> {
        let mut escaped = false;
        let end = self.rest().char_indices().skip(1).find(|&(_, c)| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        let length = end.ok_or_else(|| self.error("a string without end"))?.0 + 1;
        let quoted = self.rest().get(..length).unwrap_or_default();
        let text = serde_json::from_str(quoted).map_err(|_| self.error("a string with a bad escape"))?;
        self.offset += length;
        Ok(text)
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        self.skip_blanks();
        let found = self.peek() == Some(wanted);
        if found {
            self.offset += wanted.len_utf8();
        }
        found
    }

    fn expect(&mut self, wanted: char) -> Result<(), ParseError> {
        if self.take(wanted) { Ok(()) } else { Err(self.error("expected a separator")) }
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.offset += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn error(&self, what: &'static str) -> ParseError {
        ParseError { what, offset: self.offset }
    }
}
