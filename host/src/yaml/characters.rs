//! The characters of a YAML text, with the position that YAML's rules go by.
//!
//! Line breaks are libyaml's: besides the usual ones U+0085, U+2028 and U+2029, of which the last two stay what
//! they are where a text keeps its breaks. A text ends in a NUL that never occurs in it.

use super::YamlError;

/// A position; all numbers begin with zero.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    pub(super) index: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

pub(super) struct Characters {
    characters: Vec<char>,
    pub(super) mark: Mark,
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

pub(super) fn is_end(c: char) -> bool {
    c == '\0'
}

/// A blank, a break, or the end.
pub(super) fn is_space(c: char) -> bool {
    is_blank(c) || is_break(c) || is_end(c)
}

/// What names of anchors and handles of tags consist of.
pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

// === impl Mark ===

impl Mark {
    pub(super) fn error(self, message: &str) -> YamlError {
        YamlError::at(self.line + 1, self.column + 1, message)
    }
}

// === impl Characters ===

impl Characters {
    /// Takes a text, if all of its characters may occur in YAML.
    pub(super) fn new(text: &str) -> Result<Self, YamlError> {
        let characters: Vec<char> = text.strip_prefix('\u{feff}').unwrap_or(text).chars().collect();
        let mut all = Self { characters, mark: Mark::default() };
        if let Some(bad) = all.characters.iter().position(|c| !is_allowed(*c)) {
            while all.mark.index < bad {
                if is_break(all.peek(0)) { all.skip_break() } else { all.skip() }
            }
            return Err(all.mark.error("control characters are not allowed"));
        }
        Ok(all)
    }

    /// The character that many places ahead.
    pub(super) fn peek(&self, ahead: usize) -> char {
        self.characters.get(self.mark.index + ahead).copied().unwrap_or('\0')
    }

    pub(super) fn skip(&mut self) {
        self.mark.index += 1;
        self.mark.column += 1;
    }

    pub(super) fn read_into(&mut self, out: &mut String) {
        out.push(self.peek(0));
        self.skip();
    }

    pub(super) fn skip_break(&mut self) {
        let is_pair = self.peek(0) == '\r' && self.peek(1) == '\n';
        self.mark.index += if is_pair { 2 } else { 1 };
        self.mark.line += 1;
        self.mark.column = 0;
    }

    /// Reads a line break, if there is one here.
    pub(super) fn read_break_into(&mut self, out: &mut String) {
        match self.peek(0) {
            c @ ('\u{2028}' | '\u{2029}') => out.push(c),
            c if is_break(c) => out.push('\n'),
            _ => return,
        }
        self.skip_break();
    }

    pub(super) fn skip_blanks(&mut self) {
        while is_blank(self.peek(0)) {
            self.skip();
        }
    }

    pub(super) fn skip_comment(&mut self) {
        if self.peek(0) == '#' {
            while !is_break(self.peek(0)) && !is_end(self.peek(0)) {
                self.skip();
            }
        }
    }

    /// Whether a line begins here with three of the character and a space behind them.
    pub(super) fn is_document_marker(&self, c: char) -> bool {
        self.mark.column == 0 && (0..3).all(|ahead| self.peek(ahead) == c) && is_space(self.peek(3))
    }
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}
