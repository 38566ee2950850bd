//! JSON text (RFC 8259) that is checked once and kept as it came, with a table of where each of its values is. Pure.
//!
//! What only looks at a few fields of a large document, or copies parts of it, then reads neither twice nor builds a
//! tree. [`Paths`] say which parts.

mod paths;
mod scan;
mod strings;

use std::{borrow::Cow, ops::Range};

pub use paths::Paths;
pub use scan::NotJson;

/// A checked document.
#[derive(Clone, Debug)]
pub struct Document {
    text: String,
    /// Every value and every key, in the order of the text.
    nodes: Vec<Node>,
    depth: usize,
    pairs: bool,
}

/// One value or key of a document.
#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    /// Of a string without its quotes.
    start: u32,
    end: u32,
    /// The number of the node behind it and all that is in it.
    next: u32,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number, of any size and precision.
    Number,
    /// A string that stands in the text as it is.
    String,
    /// A string with escapes.
    Escaped,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A value in a document. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Value<'d> {
    document: &'d Document,
    number: u32,
    node: Node,
}

// === impl Document ===

impl Document {
    /// Checks JSON text: its syntax, its escapes, that it is UTF-8, and that it is nested at most 128 levels deep.
    ///
    /// # Errors
    /// Says what is wrong, and at which byte.
    pub fn parse(text: impl Into<Vec<u8>>) -> Result<Self, NotJson> {
        scan::scan(text.into())
    }

    /// `null`
    pub fn null() -> Self {
        Self { text: "null".to_owned(), nodes: vec![Node::NULL], depth: 0, pairs: false }
    }

    /// The text as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How deep it is nested; a scalar has no depth.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Whether a character is written as two escapes, a surrogate pair.
    pub fn has_surrogate_pairs(&self) -> bool {
        self.pairs
    }

    /// The whole document as a value.
    pub fn root(&self) -> Value<'_> {
        self.value(0).unwrap_or(Value { document: self, number: 0, node: Node::NULL })
    }

    /// The value or key with that number, which [`Value::number`] told.
    pub fn node(&self, number: u32) -> Option<Value<'_>> {
        self.value(number)
    }

    fn value(&self, number: u32) -> Option<Value<'_>> {
        let node = *self.nodes.get(number as usize)?;
        Some(Value { document: self, number, node })
    }
}

// === impl Node ===

impl Node {
    const NULL: Self = Self { kind: Kind::Null, start: 0, end: 4, next: 1 };
}

// === impl Value ===

impl<'d> Value<'d> {
    /// What it is.
    pub fn kind(self) -> Kind {
        self.node.kind
    }

    /// Its number in the document, counted in the order of the text.
    pub fn number(self) -> u32 {
        self.number
    }

    /// Where it is in the text; a string without its quotes.
    pub fn span(self) -> Range<usize> {
        self.node.start as usize..self.node.end as usize
    }

    /// Its text; a string's without quotes, and with escapes as they came.
    pub fn raw(self) -> &'d str {
        self.document.text.get(self.span()).unwrap_or_default()
    }

    /// What a string says; `None` for other values.
    pub fn string(self) -> Option<Cow<'d, str>> {
        match self.node.kind {
            Kind::String => Some(Cow::Borrowed(self.raw())),
            Kind::Escaped => Some(Cow::Owned(strings::unescaped(self.raw()))),
            _ => None,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.node.kind == Kind::Null
    }

    /// The keys and values of an object, in the order of the text; nothing for other values.
    pub fn members(self) -> impl Iterator<Item = (Value<'d>, Value<'d>)> {
        let mut keys = self.inside(Kind::Object);
        std::iter::from_fn(move || Some((keys.next()?, keys.next()?)))
    }

    /// The elements of an array; nothing for other values.
    pub fn elements(self) -> impl Iterator<Item = Value<'d>> {
        self.inside(Kind::Array)
    }

    /// The value behind a key of an object, the last one if the key is there twice.
    pub fn get(self, key: &str) -> Option<Value<'d>> {
        self.members().filter(|(name, _)| name.is(key)).last().map(|(_, value)| value)
    }

    /// Where a JSON pointer (RFC 6901) leads.
    pub fn pointer(self, pointer: &str) -> Option<Value<'d>> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, Value::step)
    }

    fn step(self, token: &str) -> Option<Value<'d>> {
        match self.node.kind {
            Kind::Array => self.elements().nth(index(token)?),
            _ if token.contains('~') => self.get(&token.replace("~1", "/").replace("~0", "~")),
            _ => self.get(token),
        }
    }

    /// Whether it is this string.
    pub fn is(self, text: &str) -> bool {
        match self.node.kind {
            Kind::String => self.raw() == text,
            Kind::Escaped => strings::unescaped(self.raw()) == text,
            _ => false,
        }
    }

    fn inside(self, kind: Kind) -> impl Iterator<Item = Value<'d>> {
        let end = if self.node.kind == kind { self.node.next } else { 0 };
        let mut number = self.number + 1;
        std::iter::from_fn(move || {
            let value = (number < end).then(|| self.document.value(number)).flatten()?;
            number = value.node.next;
            Some(value)
        })
    }
}

/// The index of an array that a step of a pointer names: digits without leading zeros.
fn index(token: &str) -> Option<usize> {
    let plain = token.bytes().all(|byte| byte.is_ascii_digit()) && (token == "0" || !token.starts_with('0'));
    plain.then(|| token.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
