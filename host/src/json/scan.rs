//! Reads JSON text once, strictly, and notes where everything is.

use super::{Document, Kind, Node, strings};

/// Deeper documents are refused; serde_json, which reads other JSON here, has the same bound.
const MAX_DEPTH: usize = 128;

/// Places have 32 bits, and no request is as large by far.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A value takes some twelve bytes of the text of an object.
const BYTES_A_NODE: usize = 12;

/// Text that is no JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no JSON: {reason} at byte {at}")]
pub struct NotJson {
    at: usize,
    reason: &'static str,
}

/// Checks a document.
pub(super) fn scan(text: Vec<u8>) -> Result<Document, NotJson> {
    if text.len() > MAX_BYTES {
        return Err(NotJson { at: MAX_BYTES, reason: "more than 64 MiB" });
    }
    let text = String::from_utf8(text).map_err(|error| NotJson {
        at: error.utf8_error().valid_up_to(),
        reason: "text that is not UTF-8",
    })?;
    let nodes = Vec::with_capacity(text.len() / BYTES_A_NODE + 1);
    let mut scanner = Scanner { text: text.as_bytes(), at: 0, depth: 0, deepest: 0, pairs: false, nodes };
    scanner.space();
    scanner.value()?;
    scanner.space();
    if scanner.at != text.len() {
        return Err(scanner.wrong("something after the document"));
    }
    let (nodes, depth, pairs) = (scanner.nodes, scanner.deepest, scanner.pairs);
    Ok(Document { text, nodes, depth, pairs })
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
    deepest: usize,
    pairs: bool,
    nodes: Vec<Node>,
}

// === impl Scanner ===

impl Scanner<'_> {
    fn value(&mut self) -> Result<(), NotJson> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.nested(Kind::Object, Self::members),
            Some(b'[') => self.nested(Kind::Array, Self::elements),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true", Kind::Boolean(true)),
            Some(b'f') => self.word(b"false", Kind::Boolean(false)),
            Some(b'n') => self.word(b"null", Kind::Null),
            None => Err(self.wrong("the text ends where a value should be")),
            Some(_) => Err(self.wrong("no value")),
        }
    }

    fn nested(&mut self, kind: Kind, inside: fn(&mut Self) -> Result<(), NotJson>) -> Result<(), NotJson> {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        if self.depth > MAX_DEPTH {
            return Err(self.wrong("nested too deep"));
        }
        let (number, start) = (self.nodes.len(), self.at);
        self.nodes.push(Node::NULL);
        self.at += 1;
        self.space();
        inside(self)?;
        self.depth -= 1;
        let node = Node { kind, start: place(start), end: place(self.at), next: place(self.nodes.len()) };
        if let Some(slot) = self.nodes.get_mut(number) {
            *slot = node;
        }
        Ok(())
    }

    fn elements(&mut self) -> Result<(), NotJson> {
        if self.ends(b']') {
            return Ok(());
        }
        loop {
            self.value()?;
            if self.separated(b']')? {
                return Ok(());
            }
        }
    }

    fn members(&mut self) -> Result<(), NotJson> {
        if self.ends(b'}') {
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.wrong("no key"));
            }
            self.string()?;
            self.space();
            self.expect(b':', "no colon behind a key")?;
            self.space();
            self.value()?;
            if self.separated(b'}')? {
                return Ok(());
            }
        }
    }

    /// Whether the list is empty; its end is then behind.
    fn ends(&mut self, close: u8) -> bool {
        let ends = self.peek() == Some(close);
        self.at += usize::from(ends);
        ends
    }

    /// A comma, or the end of the list; says which.
    fn separated(&mut self, close: u8) -> Result<bool, NotJson> {
        self.space();
        if self.ends(close) {
            return Ok(true);
        }
        self.expect(b',', "neither a comma nor the end of the list")?;
        self.space();
        Ok(false)
    }

    fn string(&mut self) -> Result<(), NotJson> {
        self.at += 1;
        let (start, mut kind) = (self.at, Kind::String);
        loop {
            self.at = strings::special_from(self.text, self.at);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    kind = Kind::Escaped;
                    self.escape()?;
                }
                Some(_) => return Err(self.wrong("a control character in a string")),
                None => return Err(self.wrong("a string without end")),
            }
        }
        self.leaf(kind, start);
        self.at += 1;
        Ok(())
    }

    fn escape(&mut self) -> Result<(), NotJson> {
        self.at += 1;
        match self.peek() {
            Some(b'u') => {
                self.at += 1;
                self.unicode()
            }
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            _ => Err(self.wrong("an unknown escape")),
        }
    }

    /// `XXXX`, or `XXXX\uXXXX` for a character beyond the first 65,536.
    fn unicode(&mut self) -> Result<(), NotJson> {
        match self.hexadecimal()? {
            0xd800..=0xdbff => {
                self.pairs = true;
                self.expect(b'\\', HALF)?;
                self.expect(b'u', HALF)?;
                if !(0xdc00..=0xdfff).contains(&self.hexadecimal()?) {
                    return Err(self.wrong(HALF));
                }
                Ok(())
            }
            0xdc00..=0xdfff => Err(self.wrong(HALF)),
            _ => Ok(()),
        }
    }

    fn hexadecimal(&mut self) -> Result<u32, NotJson> {
        let digits =
            self.text.get(self.at..self.at + 4).ok_or_else(|| self.wrong("an escape without end"))?;
        let mut code = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16).ok_or_else(|| self.wrong("an unknown escape"))?;
            code = code * 16 + digit;
        }
        self.at += 4;
        Ok(code)
    }

    fn number(&mut self) -> Result<(), NotJson> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        self.leaf(Kind::Number, start);
        Ok(())
    }

    fn digits(&mut self) -> Result<(), NotJson> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.wrong("a number without digits")) } else { Ok(()) }
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<(), NotJson> {
        let start = self.at;
        if !self.text.get(start..).unwrap_or_default().starts_with(word) {
            return Err(self.wrong("no value"));
        }
        self.at += word.len();
        self.leaf(kind, start);
        Ok(())
    }

    fn leaf(&mut self, kind: Kind, start: usize) {
        let next = place(self.nodes.len() + 1);
        self.nodes.push(Node { kind, start: place(start), end: place(self.at), next });
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8, otherwise: &'static str) -> Result<(), NotJson> {
        if self.peek() != Some(byte) {
            return Err(self.wrong(otherwise));
        }
        self.at += 1;
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn wrong(&self, reason: &'static str) -> NotJson {
        NotJson { at: self.at, reason }
    }
}

const HALF: &str = "half of a surrogate pair";

/// A place in the text or in the table; both are smaller than 64 Mi.
#[allow(clippy::cast_possible_truncation, reason = "MAX_BYTES bounds it, and no value has less than a byte")]
fn place(at: usize) -> u32 {
    at as u32
}
