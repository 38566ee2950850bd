//! From characters to tokens, as libyaml does it, on which both go-yaml versions are built.
//!
//! The hard part of YAML is that a key shows itself only by the colon behind it. Where one may begin, its place
//! among the tokens is remembered; when the colon comes in time, the tokens for the key, and for the mapping
//! that it begins, are put in there.

mod names;
mod plain;
mod quoted;
mod verbatim;

use std::collections::VecDeque;

use super::{
    YamlError,
    characters::{Characters, Mark, is_break, is_end, is_space},
    token::{Token, TokenKind},
};

/// A key without `?` is on one line and no longer than this (YAML 1.1, section 9.2.1).
const MAX_KEY_CHARACTERS: usize = 1024;

pub(super) struct Scanner {
    pub(super) characters: Characters,
    tokens: VecDeque<Token>,
    /// How many tokens have been taken.
    taken: usize,
    /// The columns of the open block collections; outside of all it is -1.
    indent: i64,
    outer_indents: Vec<i64>,
    /// One for every open flow collection, and one for the rest.
    keys: Vec<Option<PossibleKey>>,
    key_allowed: bool,
    ended: bool,
}

/// A place where a key may have begun.
#[derive(Clone, Copy)]
struct PossibleKey {
    /// Nothing but a key may be there.
    required: bool,
    /// The number of the token that it begins with.
    token: usize,
    mark: Mark,
}

// === impl Scanner ===

impl Scanner {
    pub(super) fn new(text: &str) -> Result<Self, YamlError> {
        Ok(Self {
            characters: Characters::new(text)?,
            tokens: VecDeque::new(),
            taken: 0,
            indent: -1,
            outer_indents: Vec::new(),
            keys: vec![None],
            key_allowed: true,
            ended: false,
        })
    }

    /// The next token, which stays.
    pub(super) fn peek(&mut self) -> Result<&TokenKind, YamlError> {
        self.fetch()?;
        Ok(self.tokens.front().map_or(&TokenKind::StreamEnd, |token| &token.kind))
    }

    /// Where the next token is.
    pub(super) fn mark(&self) -> Mark {
        self.tokens.front().map_or(self.characters.mark, |token| token.mark)
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Result<TokenKind, YamlError> {
        self.fetch()?;
        self.taken += 1;
        Ok(self.tokens.pop_front().map_or(TokenKind::StreamEnd, |token| token.kind))
    }

    /// Scans on until the first token is sure not to become a key.
    fn fetch(&mut self) -> Result<(), YamlError> {
        while !self.ended {
            if !self.tokens.is_empty() {
                let taken = self.taken;
                let level = self.keys.iter().position(|key| key.is_some_and(|key| key.token == taken));
                match level {
                    Some(level) if self.valid_key(level)?.is_some() => {}
                    _ => return Ok(()),
                }
            }
            self.next_token()?;
        }
        Ok(())
    }

    fn next_token(&mut self) -> Result<(), YamlError> {
        self.skip_to_token();
        self.close_blocks(self.column());
        let c = self.characters.peek(0);
        let next = self.characters.peek(1);
        let in_flow = self.in_flow();
        match c {
            c if is_end(c) => self.end_stream(),
            '%' if self.characters.mark.column == 0 => self.directive(),
            '-' if self.characters.is_document_marker('-') => self.document_marker(TokenKind::DocumentStart),
            '.' if self.characters.is_document_marker('.') => self.document_marker(TokenKind::DocumentEnd),
            '[' => self.open_flow(TokenKind::FlowSequenceStart),
            '{' => self.open_flow(TokenKind::FlowMappingStart),
            ']' => self.close_flow(TokenKind::FlowSequenceEnd),
            '}' => self.close_flow(TokenKind::FlowMappingEnd),
            ',' => self.indicator(TokenKind::FlowEntry, true),
            '-' if is_space(next) => self.block_entry(),
            '?' if in_flow || is_space(next) => self.explicit_key(),
            ':' if in_flow || is_space(next) => self.value(),
            '*' | '&' => self.anchor_or_alias(),
            '!' => self.tag(),
            '|' | '>' if !in_flow => self.block_scalar(),
            '\'' | '"' => self.quoted_scalar(),
            '-' if !is_space(next) => self.plain_scalar(),
            '?' | ':' if !in_flow => self.plain_scalar(),
            '-' | '?' | ':' | '#' | '|' | '>' | '%' | '@' | '`' | '\t' => {
                Err(self.characters.mark.error("found character that cannot start any token"))
            }
            _ => self.plain_scalar(),
        }
    }

    fn skip_to_token(&mut self) {
        loop {
            let tabs_are_blank = self.in_flow() || !self.key_allowed;
            while self.characters.peek(0) == ' ' || tabs_are_blank && self.characters.peek(0) == '\t' {
                self.characters.skip();
            }
            self.characters.skip_comment();
            if !is_break(self.characters.peek(0)) {
                return;
            }
            self.characters.skip_break();
            if !self.in_flow() {
                self.key_allowed = true;
            }
        }
    }

    fn in_flow(&self) -> bool {
        self.keys.len() > 1
    }

    fn column(&self) -> i64 {
        to_column(self.characters.mark)
    }

    fn push(&mut self, kind: TokenKind, mark: Mark) {
        self.tokens.push_back(Token { kind, mark });
    }

    /// Puts a token before the one of that number.
    fn insert(&mut self, number: usize, kind: TokenKind, mark: Mark) {
        let place = number.saturating_sub(self.taken).min(self.tokens.len());
        self.tokens.insert(place, Token { kind, mark });
    }

    /// Opens a block collection in a column further to the right, before the token of that number.
    fn open_block(&mut self, column: i64, number: usize, kind: TokenKind, mark: Mark) {
        if !self.in_flow() && self.indent < column {
            self.outer_indents.push(self.indent);
            self.indent = column;
            self.insert(number, kind, mark);
        }
    }

    /// Ends the block collections to the right of a column.
    fn close_blocks(&mut self, column: i64) {
        if self.in_flow() {
            return;
        }
        while self.indent > column {
            self.push(TokenKind::BlockEnd, self.characters.mark);
            self.indent = self.outer_indents.pop().unwrap_or(-1);
        }
    }

    fn end_number(&self) -> usize {
        self.taken + self.tokens.len()
    }

    /// Remembers that a key may begin here.
    fn save_key(&mut self) -> Result<(), YamlError> {
        if self.key_allowed {
            let key = PossibleKey {
                required: !self.in_flow() && self.indent == self.column(),
                token: self.end_number(),
                mark: self.characters.mark,
            };
            self.drop_key()?;
            if let Some(place) = self.keys.last_mut() {
                *place = Some(key);
            }
        }
        Ok(())
    }

    /// Forgets the key that may have begun at this level.
    fn drop_key(&mut self) -> Result<(), YamlError> {
        match self.keys.last_mut().and_then(Option::take) {
            Some(key) if key.required => Err(key.mark.error("could not find expected ':'")),
            _ => Ok(()),
        }
    }

    /// The key that may have begun at a level, while it still may be one.
    fn valid_key(&mut self, level: usize) -> Result<Option<PossibleKey>, YamlError> {
        let Some(place) = self.keys.get_mut(level) else { return Ok(None) };
        let Some(key) = *place else { return Ok(None) };
        let now = self.characters.mark;
        if key.mark.line == now.line && now.index <= key.mark.index + MAX_KEY_CHARACTERS {
            return Ok(Some(key));
        }
        *place = None;
        if key.required { Err(key.mark.error("could not find expected ':'")) } else { Ok(None) }
    }

    fn end_stream(&mut self) -> Result<(), YamlError> {
        self.close_blocks(-1);
        self.drop_key()?;
        self.key_allowed = false;
        self.push(TokenKind::StreamEnd, self.characters.mark);
        self.ended = true;
        Ok(())
    }

    fn document_marker(&mut self, kind: TokenKind) -> Result<(), YamlError> {
        self.close_blocks(-1);
        self.drop_key()?;
        self.key_allowed = false;
        self.push(kind, self.characters.mark);
        (0..3).for_each(|_| self.characters.skip());
        Ok(())
    }

    fn open_flow(&mut self, kind: TokenKind) -> Result<(), YamlError> {
        self.save_key()?;
        self.keys.push(None);
        if self.keys.len() > super::tree::MAX_DEPTH {
            return Err(self.characters.mark.error("nested too deeply"));
        }
        self.key_allowed = true;
        self.push(kind, self.characters.mark);
        self.characters.skip();
        Ok(())
    }

    fn close_flow(&mut self, kind: TokenKind) -> Result<(), YamlError> {
        self.drop_key()?;
        if self.in_flow() {
            self.keys.pop();
        }
        self.key_allowed = false;
        self.push(kind, self.characters.mark);
        self.characters.skip();
        Ok(())
    }

    /// An indicator of one character, behind which a key may begin or not.
    fn indicator(&mut self, kind: TokenKind, key_allowed: bool) -> Result<(), YamlError> {
        self.drop_key()?;
        self.key_allowed = key_allowed;
        self.push(kind, self.characters.mark);
        self.characters.skip();
        Ok(())
    }

    fn block_entry(&mut self) -> Result<(), YamlError> {
        let mark = self.characters.mark;
        if !self.in_flow() {
            if !self.key_allowed {
                return Err(mark.error("block sequence entries are not allowed in this context"));
            }
            self.open_block(self.column(), self.end_number(), TokenKind::BlockSequenceStart, mark);
        }
        self.indicator(TokenKind::BlockEntry, true)
    }

    fn explicit_key(&mut self) -> Result<(), YamlError> {
        let mark = self.characters.mark;
        if !self.in_flow() {
            if !self.key_allowed {
                return Err(mark.error("mapping keys are not allowed in this context"));
            }
            self.open_block(self.column(), self.end_number(), TokenKind::BlockMappingStart, mark);
        }
        self.indicator(TokenKind::Key, !self.in_flow())
    }

    fn value(&mut self) -> Result<(), YamlError> {
        let mark = self.characters.mark;
        let level = self.keys.len() - 1;
        if let Some(key) = self.valid_key(level)? {
            self.insert(key.token, TokenKind::Key, key.mark);
            self.open_block(to_column(key.mark), key.token, TokenKind::BlockMappingStart, key.mark);
            if let Some(place) = self.keys.last_mut() {
                *place = None;
            }
            self.key_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.key_allowed {
                    return Err(mark.error("mapping values are not allowed in this context"));
                }
                self.open_block(self.column(), self.end_number(), TokenKind::BlockMappingStart, mark);
            }
            self.key_allowed = !self.in_flow();
        }
        self.push(TokenKind::Value, mark);
        self.characters.skip();
        Ok(())
    }
}

fn to_column(mark: Mark) -> i64 {
    i64::try_from(mark.column).unwrap_or(i64::MAX)
}
