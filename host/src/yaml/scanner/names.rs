//! Anchors, aliases, tags and directives.

use super::{Scanner, YamlError};
use crate::yaml::{
    characters::{Mark, is_blank, is_break, is_end, is_space, is_word},
    token::TokenKind,
};

/// The digits that a number of a `%YAML` directive may have.
const MAX_VERSION_DIGITS: usize = 2;

// === impl Scanner ===

impl Scanner {
    pub(super) fn anchor_or_alias(&mut self) -> Result<(), YamlError> {
        self.save_key()?;
        self.key_allowed = false;
        let mark = self.characters.mark;
        let is_alias = self.characters.peek(0) == '*';
        self.characters.skip();
        let name = self.word();
        let end = self.characters.peek(0);
        if name.is_empty() || !(is_space(end) || "?:,]}%@`".contains(end)) {
            return Err(mark.error("did not find expected alphabetic or numeric character"));
        }
        self.push(if is_alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) }, mark);
        Ok(())
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while is_word(self.characters.peek(0)) {
            self.characters.read_into(&mut word);
        }
        word
    }

    pub(super) fn tag(&mut self) -> Result<(), YamlError> {
        self.save_key()?;
        self.key_allowed = false;
        let mark = self.characters.mark;
        let (handle, suffix) = if self.characters.peek(1) == '<' {
            self.characters.skip();
            self.characters.skip();
            let suffix = self.tag_uri("", mark)?;
            if self.characters.peek(0) != '>' {
                return Err(mark.error("did not find the expected '>'"));
            }
            self.characters.skip();
            (String::new(), suffix)
        } else {
            self.tag_shorthand(mark)?
        };
        if !is_space(self.characters.peek(0)) {
            return Err(mark.error("did not find expected whitespace or line break"));
        }
        self.push(TokenKind::Tag(handle, suffix), mark);
        Ok(())
    }

    /// `!suffix`, `!!suffix` and `!handle!suffix`; `!` alone is a tag without handle.
    fn tag_shorthand(&mut self, mark: Mark) -> Result<(String, String), YamlError> {
        let handle = self.tag_handle(mark)?;
        if handle.len() > 1 && handle.ends_with('!') {
            let suffix = self.tag_uri("", mark)?;
            return Ok((handle, suffix));
        }
        let suffix = self.tag_uri(&handle, mark)?;
        Ok(if suffix.is_empty() { (String::new(), "!".to_owned()) } else { ("!".to_owned(), suffix) })
    }

    fn tag_handle(&mut self, mark: Mark) -> Result<String, YamlError> {
        if self.characters.peek(0) != '!' {
            return Err(mark.error("did not find expected '!'"));
        }
        let mut handle = String::new();
        self.characters.read_into(&mut handle);
        handle.push_str(&self.word());
        if self.characters.peek(0) == '!' {
            self.characters.read_into(&mut handle);
        }
        Ok(handle)
    }

    /// The characters of a URI behind what was taken for a handle and is none.
    fn tag_uri(&mut self, head: &str, mark: Mark) -> Result<String, YamlError> {
        let mut bytes: Vec<u8> = head.bytes().skip(1).collect();
        let mut found = !head.is_empty();
        loop {
            let c = self.characters.peek(0);
            if c == '%' {
                bytes.push(self.uri_octet(mark)?);
            } else if is_word(c) || ";/?:@&=+$,.!~*'()[]".contains(c) {
                bytes.extend(c.encode_utf8(&mut [0; 4]).bytes());
                self.characters.skip();
            } else {
                break;
            }
            found = true;
        }
        if !found {
            return Err(mark.error("did not find expected tag URI"));
        }
        String::from_utf8(bytes).map_err(|_| mark.error("found an incorrect UTF-8 octet"))
    }

    fn uri_octet(&mut self, mark: Mark) -> Result<u8, YamlError> {
        let digit = |ahead| self.characters.peek(ahead).to_digit(16);
        let octet = digit(1).zip(digit(2)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        (0..3).for_each(|_| self.characters.skip());
        octet.ok_or_else(|| mark.error("did not find URI escaped octet"))
    }

    pub(super) fn directive(&mut self) -> Result<(), YamlError> {
        self.close_blocks(-1);
        self.drop_key()?;
        self.key_allowed = false;
        let mark = self.characters.mark;
        self.characters.skip();
        let name = self.word();
        if name.is_empty() || !is_space(self.characters.peek(0)) {
            return Err(mark.error("could not find expected directive name"));
        }
        let kind = match name.as_str() {
            "YAML" => self.version(mark)?,
            "TAG" => self.tag_prefix(mark)?,
            _ => return Err(mark.error("found unknown directive name")),
        };
        self.characters.skip_blanks();
        self.characters.skip_comment();
        if is_break(self.characters.peek(0)) {
            self.characters.skip_break();
        } else if !is_end(self.characters.peek(0)) {
            return Err(mark.error("did not find expected comment or line break"));
        }
        self.push(kind, mark);
        Ok(())
    }

    fn version(&mut self, mark: Mark) -> Result<TokenKind, YamlError> {
        self.characters.skip_blanks();
        let major = self.version_number(mark)?;
        if self.characters.peek(0) != '.' {
            return Err(mark.error("did not find expected digit or '.' character"));
        }
        self.characters.skip();
        Ok(TokenKind::Version(major, self.version_number(mark)?))
    }

    fn version_number(&mut self, mark: Mark) -> Result<u32, YamlError> {
        let mut digits = String::new();
        while self.characters.peek(0).is_ascii_digit() {
            self.characters.read_into(&mut digits);
        }
        let number = digits.parse().ok().filter(|_| digits.len() <= MAX_VERSION_DIGITS);
        number.ok_or_else(|| mark.error("did not find expected version number"))
    }

    fn tag_prefix(&mut self, mark: Mark) -> Result<TokenKind, YamlError> {
        self.characters.skip_blanks();
        let handle = self.tag_handle(mark)?;
        let is_handle = handle == "!" || handle.len() > 1 && handle.ends_with('!');
        if !is_handle || !is_blank(self.characters.peek(0)) {
            return Err(mark.error("did not find expected handle of a tag"));
        }
        self.characters.skip_blanks();
        let prefix = self.tag_uri("", mark)?;
        if !is_space(self.characters.peek(0)) {
            return Err(mark.error("did not find expected whitespace or line break"));
        }
        Ok(TokenKind::TagPrefix(handle, prefix))
    }
}
