//! Reads JSON text (RFC 8259) and writes what it says.

use super::{
    BASE, Image,
    write::{Address, Entry, Key, Writer},
};

/// Deeper documents are refused, as by the other reader of requests.
const MAX_DEPTH: usize = 128;

/// Addresses have 32 bits, and a byte of text may become some ten of an image.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Text that is no JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no JSON: {reason} at byte {at}")]
pub struct NotJson {
    at: usize,
    reason: &'static str,
}

/// The image of a document.
pub(super) fn image(text: &[u8]) -> Result<Image, NotJson> {
    if text.len() > MAX_BYTES {
        return Err(NotJson { at: MAX_BYTES, reason: "more than 64 MiB" });
    }
    let mut writer = Writer::new(BASE, text.len() * 6);
    let (root, depth) = document(text, &mut writer)?;
    Ok(Image { root, depth, bytes: writer.finish() })
}

/// Writes a document; answers its address and its depth.
pub(super) fn document(text: &[u8], writer: &mut Writer) -> Result<(Address, usize), NotJson> {
    let mut parser =
        Parser { text, at: 0, depth: 0, deepest: 0, writer, values: Vec::new(), entries: Vec::new() };
    parser.space();
    let root = parser.value()?;
    parser.space();
    if parser.at != text.len() {
        return Err(parser.wrong("something after the document"));
    }
    Ok((root, parser.deepest))
}

// === impl NotJson ===

impl NotJson {
    pub(super) fn too_long() -> Self {
        Self { at: MAX_BYTES, reason: "more than fits into a sandbox" }
    }

    pub(super) fn no_field() -> Self {
        Self { at: 0, reason: "a document without the field that is wanted" }
    }
}

struct Parser<'t, 'w> {
    text: &'t [u8],
    at: usize,
    depth: usize,
    deepest: usize,
    writer: &'w mut Writer,
    /// Elements of the arrays that are open, the innermost last.
    values: Vec<Address>,
    /// Entries of the objects that are open, the innermost last.
    entries: Vec<Entry>,
}

// === impl Parser ===

impl<'t> Parser<'t, '_> {
    fn value(&mut self) -> Result<Address, NotJson> {
        match self.peek() {
            Some(b'"') => {
                let (start, length) = self.string()?;
                Ok(self.writer.string(start, length))
            }
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true").map(|()| self.writer.boolean(true)),
            Some(b'f') => self.word(b"false").map(|()| self.writer.boolean(false)),
            Some(b'n') => self.word(b"null").map(|()| self.writer.null()),
            _ => Err(self.wrong("no value")),
        }
    }

    fn nested(&mut self, read: impl Fn(&mut Self) -> Result<Address, NotJson>) -> Result<Address, NotJson> {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        if self.depth > MAX_DEPTH {
            return Err(self.wrong("nested too deep"));
        }
        self.at += 1;
        self.space();
        let address = read(self)?;
        self.depth -= 1;
        Ok(address)
    }

    fn array(&mut self) -> Result<Address, NotJson> {
        let first = self.values.len();
        if !self.ends(b']') {
            loop {
                let value = self.value()?;
                self.values.push(value);
                if self.separated(b']')? {
                    break;
                }
            }
        }
        let address = self.writer.array(self.values.get(first..).unwrap_or_default());
        self.values.truncate(first);
        Ok(address)
    }

    fn object(&mut self) -> Result<Address, NotJson> {
        let first = self.entries.len();
        if !self.ends(b'}') {
            loop {
                let key = self.key()?;
                let value = self.value()?;
                self.entries.push(Entry::new(key, value));
                if self.separated(b'}')? {
                    break;
                }
            }
        }
        let address = self.writer.object(self.entries.get(first..).unwrap_or_default());
        self.entries.truncate(first);
        Ok(address)
    }

    /// A key, its colon, and the blanks around it.
    fn key(&mut self) -> Result<Key, NotJson> {
        if self.peek() != Some(b'"') {
            return Err(self.wrong("no key"));
        }
        let (start, length) = self.string()?;
        let key = self.writer.key(start, length);
        self.space();
        self.expect(b':')?;
        self.space();
        Ok(key)
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
        self.expect(b',')?;
        self.space();
        Ok(false)
    }

    /// The text of a string, written; where it is, and how long.
    fn string(&mut self) -> Result<(Address, u32), NotJson> {
        self.at += 1;
        let from = self.at;
        self.plain();
        if self.peek() == Some(b'"') {
            let text = self.utf8(from)?;
            let (start, length) = (self.writer.text(text), u32::try_from(text.len()).unwrap_or(u32::MAX));
            self.at += 1;
            return Ok((start, length));
        }
        let start = self.writer.begin_text();
        let mut from = from;
        loop {
            let text = self.utf8(from)?;
            self.writer.push(text);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(_) => return Err(self.wrong("a control character in a string")),
                None => return Err(self.wrong("a string without end")),
            }
            from = self.at;
            self.plain();
        }
        self.at += 1;
        Ok((start, self.writer.end_text(start)))
    }

    /// Skips what stands for itself in a string.
    fn plain(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
        self.at += rest.iter().position(special).unwrap_or(rest.len());
    }

    /// The text from there to here, as a piece of the document.
    fn utf8(&self, from: usize) -> Result<&'t [u8], NotJson> {
        let text = self.text.get(from..self.at).unwrap_or_default();
        match std::str::from_utf8(text) {
            Ok(_) => Ok(text),
            Err(error) => Err(NotJson { at: from + error.valid_up_to(), reason: "text that is not UTF-8" }),
        }
    }

    fn escape(&mut self) -> Result<(), NotJson> {
        self.at += 1;
        let character = match self.peek() {
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            _ => return Err(self.wrong("an unknown escape")),
        };
        self.at += 1;
        self.writer.push(&[character]);
        Ok(())
    }

    /// `XXXX`, or `XXXX\uXXXX` for a character beyond the first 65,536.
    fn unicode(&mut self) -> Result<(), NotJson> {
        let first = self.hexadecimal()?;
        let code = match first {
            0xd800..=0xdbff => {
                self.expect(b'\\')?;
                self.expect(b'u')?;
                let second = self.hexadecimal()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(self.wrong("half of a surrogate pair"));
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            code => code,
        };
        let character = char::from_u32(code).ok_or_else(|| self.wrong("half of a surrogate pair"))?;
        self.writer.push(character.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
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

    fn number(&mut self) -> Result<Address, NotJson> {
        let from = self.at;
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
        Ok(self.writer.number(self.text.get(from..self.at).unwrap_or_default()))
    }

    fn digits(&mut self) -> Result<(), NotJson> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return Err(self.wrong("a number without digits"));
        }
        self.at += digits;
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Result<(), NotJson> {
        if !self.text.get(self.at..).unwrap_or_default().starts_with(word) {
            return Err(self.wrong("no value"));
        }
        self.at += word.len();
        Ok(())
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.peek() != Some(byte) {
            return Err(self.wrong("something else than expected"));
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

/// Images are smaller than the address space below which they must end.
const _: () = assert!(MAX_BYTES < (u32::MAX - BASE) as usize);
