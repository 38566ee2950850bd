//! Writes a document, or the parts of it that are wanted, as an image.

use super::write::{Address, Entry, Key, Writer};
use crate::json::{Document, Kind, Paths, Value};

/// Writes the wanted parts of a document; answers their address.
pub(super) fn document(document: &Document, wanted: &Paths, writer: &mut Writer) -> Address {
    let mut builder = Builder { writer, values: Vec::new(), entries: Vec::new() };
    builder.part(document.root(), wanted)
}

struct Builder<'w> {
    writer: &'w mut Writer,
    /// Elements of the arrays that are open, the innermost last.
    values: Vec<Address>,
    /// Entries of the objects that are open, the innermost last.
    entries: Vec<Entry>,
}

// === impl Builder ===

impl Builder<'_> {
    /// What is wanted of a value. Other kinds than objects are written whole, so that a policy which expects an object
    /// there finds what there is instead.
    fn part(&mut self, value: Value<'_>, wanted: &Paths) -> Address {
        if wanted.is_whole() || value.kind() != Kind::Object {
            return self.whole(value);
        }
        let first = self.entries.len();
        for (name, value) in value.members() {
            if let Some(wanted) = name.string().and_then(|name| wanted.below(&name)) {
                let key = self.key(name);
                let value = self.part(value, wanted);
                self.entries.push(Entry::new(key, value));
            }
        }
        self.object(first)
    }

    fn whole(&mut self, value: Value<'_>) -> Address {
        match value.kind() {
            Kind::Null => self.writer.null(),
            Kind::Boolean(truth) => self.writer.boolean(truth),
            Kind::Number => self.writer.number(value.raw().as_bytes()),
            Kind::String => self.writer.string(value.raw().as_bytes()),
            Kind::Escaped => self.writer.string(value.string().unwrap_or_default().as_bytes()),
            Kind::Array => self.array(value),
            Kind::Object => {
                let first = self.entries.len();
                for (name, value) in value.members() {
                    let key = self.key(name);
                    let value = self.whole(value);
                    self.entries.push(Entry::new(key, value));
                }
                self.object(first)
            }
        }
    }

    fn array(&mut self, value: Value<'_>) -> Address {
        let first = self.values.len();
        for element in value.elements() {
            let element = self.whole(element);
            self.values.push(element);
        }
        let address = self.writer.array(self.values.get(first..).unwrap_or_default());
        self.values.truncate(first);
        address
    }

    /// The object of the entries from `first`.
    fn object(&mut self, first: usize) -> Address {
        let address = self.writer.object(self.entries.get(first..).unwrap_or_default());
        self.entries.truncate(first);
        address
    }

    fn key(&mut self, string: Value<'_>) -> Key {
        match string.kind() {
            Kind::Escaped => self.writer.key(string.string().unwrap_or_default().as_bytes()),
            _ => self.writer.key(string.raw().as_bytes()),
        }
    }
}
