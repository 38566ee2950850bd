//! Scalars without quotes: they end at `: `, ` #`, less indentation, and in flow at its indicators.

use super::{Scanner, YamlError, to_column};
use crate::yaml::{
    characters::{is_blank, is_break, is_space},
    token::TokenKind,
};

/// Blanks and breaks that belong to a scalar only if more of it follows.
#[derive(Default)]
pub(super) struct Gap {
    blanks: String,
    first_break: String,
    more_breaks: String,
    /// Whether a break has been seen, after which blanks are indentation.
    broken: bool,
}

// === impl Gap ===

impl Gap {
    /// Reads a blank or a break.
    pub(super) fn read(&mut self, scanner: &mut Scanner) {
        let characters = &mut scanner.characters;
        if is_blank(characters.peek(0)) {
            if self.broken { characters.skip() } else { characters.read_into(&mut self.blanks) }
        } else if self.broken {
            characters.read_break_into(&mut self.more_breaks);
        } else {
            self.blanks.clear();
            characters.read_break_into(&mut self.first_break);
            self.broken = true;
        }
    }

    /// A gap behind an escaped break, which itself leaves nothing.
    pub(super) fn after_escaped_break(broken: bool) -> Self {
        Self { broken, ..Self::default() }
    }

    /// Folds into the scalar: one break becomes a blank, several lose the first.
    pub(super) fn fold_into(&mut self, text: &mut String) {
        if !self.broken {
            text.push_str(&self.blanks);
        } else if self.first_break != "\n" {
            text.push_str(&self.first_break);
            text.push_str(&self.more_breaks);
        } else if self.more_breaks.is_empty() {
            text.push(' ');
        } else {
            text.push_str(&self.more_breaks);
        }
        *self = Self::default();
    }
}

// === impl Scanner ===

impl Scanner {
    pub(super) fn plain_scalar(&mut self) -> Result<(), YamlError> {
        self.save_key()?;
        self.key_allowed = false;
        let mark = self.characters.mark;
        let mut text = String::new();
        let mut gap = Gap::default();
        loop {
            let c = self.characters.peek(0);
            let is_marker =
                self.characters.is_document_marker('-') || self.characters.is_document_marker('.');
            if is_marker || c == '#' {
                break;
            }
            while !is_space(self.characters.peek(0)) && !self.ends_plain() {
                gap.fold_into(&mut text);
                self.characters.read_into(&mut text);
            }
            if !is_blank(self.characters.peek(0)) && !is_break(self.characters.peek(0)) {
                break;
            }
            self.plain_gap(&mut gap)?;
            if !self.in_flow() && self.column() <= self.indent {
                break;
            }
        }
        if gap.broken {
            self.key_allowed = true;
        }
        self.push(TokenKind::Scalar(text, true), mark);
        Ok(())
    }

    fn ends_plain(&self) -> bool {
        match self.characters.peek(0) {
            ':' => is_space(self.characters.peek(1)),
            ',' | '?' | '[' | ']' | '{' | '}' => self.in_flow(),
            _ => false,
        }
    }

    fn plain_gap(&mut self, gap: &mut Gap) -> Result<(), YamlError> {
        loop {
            let c = self.characters.peek(0);
            if !is_blank(c) && !is_break(c) {
                return Ok(());
            }
            if gap.broken && c == '\t' && to_column(self.characters.mark) <= self.indent {
                return Err(self.characters.mark.error("found a tab character that violates indentation"));
            }
            gap.read(self);
        }
    }
}
