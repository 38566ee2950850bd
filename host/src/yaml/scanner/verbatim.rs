//! Block scalars: literal ones (`|`) and folded ones (`>`).

use super::{Scanner, YamlError, to_column};
use crate::yaml::{
    characters::{Mark, is_blank, is_break, is_end},
    token::TokenKind,
};

/// What becomes of the last line breaks.
#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

// === impl Scanner ===

impl Scanner {
    pub(super) fn block_scalar(&mut self) -> Result<(), YamlError> {
        self.drop_key()?;
        self.key_allowed = true;
        let mark = self.characters.mark;
        let is_literal = self.characters.peek(0) == '|';
        self.characters.skip();
        let (chomping, increment) = self.block_header(mark)?;
        let mut breaks = String::new();
        let mut indent = increment.map(|increment| self.indent.max(0) + increment);
        self.block_breaks(&mut indent, &mut breaks, mark)?;
        let indent = indent.unwrap_or(1);
        let (mut text, mut leading_break) = (String::new(), String::new());
        let mut was_blank = false;
        while self.column() == indent && !is_end(self.characters.peek(0)) {
            let starts_blank = is_blank(self.characters.peek(0));
            if !is_literal && leading_break == "\n" && !was_blank && !starts_blank {
                // Two lines of text fold into one, unless blank lines stand between them.
                if breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(&leading_break);
            }
            leading_break.clear();
            text.push_str(&breaks);
            breaks.clear();
            was_blank = starts_blank;
            while !is_break(self.characters.peek(0)) && !is_end(self.characters.peek(0)) {
                self.characters.read_into(&mut text);
            }
            self.characters.read_break_into(&mut leading_break);
            self.block_breaks(&mut Some(indent), &mut breaks, mark)?;
        }
        if chomping != Chomping::Strip {
            text.push_str(&leading_break);
        }
        if chomping == Chomping::Keep {
            text.push_str(&breaks);
        }
        self.push(TokenKind::Scalar(text, false), mark);
        Ok(())
    }

    /// The indicators of chomping and indentation, in either order, up to the end of the line.
    fn block_header(&mut self, mark: Mark) -> Result<(Chomping, Option<i64>), YamlError> {
        let mut chomping = self.chomping();
        let mut increment = None;
        if let Some(digit) = self.characters.peek(0).to_digit(10) {
            if digit == 0 {
                return Err(mark.error("found an indentation indicator equal to 0"));
            }
            increment = Some(i64::from(digit));
            self.characters.skip();
            chomping = chomping.or_else(|| self.chomping());
        }
        self.characters.skip_blanks();
        self.characters.skip_comment();
        let end = self.characters.peek(0);
        if is_break(end) {
            self.characters.skip_break();
        } else if !is_end(end) {
            return Err(mark.error("did not find expected comment or line break"));
        }
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    fn chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.characters.peek(0) {
            '+' => Chomping::Keep,
            '-' => Chomping::Strip,
            _ => return None,
        };
        self.characters.skip();
        Some(chomping)
    }

    /// Reads blank lines and the indentation of the next; finds the indentation out where it is not known.
    fn block_breaks(
        &mut self,
        indent: &mut Option<i64>,
        breaks: &mut String,
        mark: Mark,
    ) -> Result<(), YamlError> {
        let mut widest = 0;
        loop {
            let is_inside = |column: i64| indent.is_none_or(|indent| column < indent);
            while self.characters.peek(0) == ' ' && is_inside(to_column(self.characters.mark)) {
                self.characters.skip();
            }
            widest = widest.max(self.column());
            if self.characters.peek(0) == '\t' && is_inside(self.column()) {
                return Err(mark.error("found a tab character where an indentation space is expected"));
            }
            if !is_break(self.characters.peek(0)) {
                break;
            }
            self.characters.read_break_into(breaks);
        }
        if indent.is_none() {
            *indent = Some(widest.max(self.indent + 1).max(1));
        }
        Ok(())
    }
}
