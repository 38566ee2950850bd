//! Scalars in single and double quotes.

use super::{Scanner, YamlError, plain::Gap};
use crate::yaml::{
    characters::{Mark, is_blank, is_break, is_end, is_space},
    token::TokenKind,
};

// === impl Scanner ===

impl Scanner {
    pub(super) fn quoted_scalar(&mut self) -> Result<(), YamlError> {
        self.save_key()?;
        self.key_allowed = false;
        let mark = self.characters.mark;
        let quote = self.characters.peek(0);
        self.characters.skip();
        let mut text = String::new();
        loop {
            if self.characters.is_document_marker('-') || self.characters.is_document_marker('.') {
                return Err(mark.error("found unexpected document indicator"));
            }
            if is_end(self.characters.peek(0)) {
                return Err(mark.error("found unexpected end of stream"));
            }
            let mut gap = Gap::after_escaped_break(self.quoted_words(quote, mark, &mut text)?);
            if self.characters.peek(0) == quote {
                break;
            }
            while is_blank(self.characters.peek(0)) || is_break(self.characters.peek(0)) {
                gap.read(self);
            }
            gap.fold_into(&mut text);
        }
        self.characters.skip();
        self.push(TokenKind::Scalar(text, false), mark);
        Ok(())
    }

    /// Reads up to a space or the closing quote; tells whether it stopped at an escaped line break.
    fn quoted_words(&mut self, quote: char, mark: Mark, text: &mut String) -> Result<bool, YamlError> {
        while !is_space(self.characters.peek(0)) {
            match (quote, self.characters.peek(0), self.characters.peek(1)) {
                ('\'', '\'', '\'') => {
                    text.push('\'');
                    self.characters.skip();
                    self.characters.skip();
                }
                (quote, c, _) if c == quote => break,
                ('"', '\\', next) if is_break(next) => {
                    self.characters.skip();
                    self.characters.skip_break();
                    return Ok(true);
                }
                ('"', '\\', _) => text.push(self.escape(mark)?),
                _ => self.characters.read_into(text),
            }
        }
        Ok(false)
    }

    fn escape(&mut self, mark: Mark) -> Result<char, YamlError> {
        let (simple, digits) = match self.characters.peek(1) {
            '0' => ('\0', 0),
            'a' => ('\u{7}', 0),
            'b' => ('\u{8}', 0),
            't' | '\t' => ('\t', 0),
            'n' => ('\n', 0),
            'v' => ('\u{b}', 0),
            'f' => ('\u{c}', 0),
            'r' => ('\r', 0),
            'e' => ('\u{1b}', 0),
            c @ (' ' | '"' | '\'' | '\\') => (c, 0),
            'N' => ('\u{85}', 0),
            '_' => ('\u{a0}', 0),
            'L' => ('\u{2028}', 0),
            'P' => ('\u{2029}', 0),
            'x' => ('\0', 2),
            'u' => ('\0', 4),
            'U' => ('\0', 8),
            _ => return Err(mark.error("found unknown escape character")),
        };
        self.characters.skip();
        self.characters.skip();
        if digits == 0 {
            return Ok(simple);
        }
        let mut code = 0u32;
        for _ in 0..digits {
            let digit = self.characters.peek(0).to_digit(16);
            let digit = digit.ok_or_else(|| mark.error("did not find expected hexdecimal number"))?;
            code = code.wrapping_shl(4) | digit;
            self.characters.skip();
        }
        char::from_u32(code).ok_or_else(|| mark.error("found invalid Unicode character escape code"))
    }
}
