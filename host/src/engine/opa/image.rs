//! The input document as OPA's modules have it in memory, written by the host once a request and copied into each
//! sandbox that asks for it. docs/adr/0008-input-image.md has the reasons and the figures.
//!
//! Everything is little-endian and lies at [`BASE`], so that its addresses are the same in every sandbox. The layout
//! is that of OPA's runtime (`wasm/src/value.h` in OPA's repository); `proof` holds each module to it when it is
//! loaded. One struct each:
//!
//! ```text
//! null      01
//! boolean   02 v
//! number    04.. at 0: 03, at 1: repr, 8 bytes aligned union at 8
//!             repr 1, an integer:  i64 at 8
//!             repr 2, its text:    address at 8, length at 12, 0 at 16
//! string    at 0: 04, at 1: 0, length at 4, address of the text at 8
//! array     at 0: 05, address of the elements at 4, length at 8, capacity at 12
//!             element:             address of its index, a number; address of the value
//! object    at 0: 06, address of the buckets at 4, their number at 8, length at 12
//!             bucket:              address of the first entry, or 0
//!             entry:               address of the key, of the value, of the next entry, or 0
//! ```
//!
//! The order of an object's entries is what a policy sees when it iterates, so buckets are filled as the runtime
//! fills them: by FNV-1a of the key, in the order of the keys within a bucket, and twice as many as soon as 70 % would
//! be in use.

mod parse;
mod proof;
mod view;
mod write;

use view::View;
use write::{Entry, Writer};

pub use parse::NotJson;
pub(super) use proof::{PROBE, holds};

/// Where images begin: behind what modules have in memory after their set-up, unless they come with much data.
pub(super) const BASE: u32 = 1024 * 1024;

/// What comes behind an image: an object of parts of it and of more.
#[derive(Clone, Debug)]
pub struct Extension {
    bytes: Vec<u8>,
    start: u32,
    root: u32,
}

/// A document, ready to be copied into sandboxes.
#[derive(Clone, Debug)]
pub struct Image {
    bytes: Vec<u8>,
    root: u32,
    depth: usize,
}

// === impl Image ===

impl Image {
    /// Reads JSON text, strictly: what is no JSON to RFC 8259 is an error, and of a key that is there twice the last
    /// value counts.
    ///
    /// # Errors
    /// Says what is wrong, and at which byte.
    pub fn of(json: &[u8]) -> Result<Self, NotJson> {
        parse::image(json)
    }

    /// The bytes that belong at [`BASE`].
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The address of the document.
    pub(super) fn root(&self) -> u32 {
        self.root
    }

    /// The first address behind it.
    pub(super) fn end(&self) -> Option<u32> {
        end(BASE, &self.bytes)
    }

    /// An object of one of the document's own values, under the name `part`, and of a further document.
    ///
    /// # Errors
    /// When the document has no `field`, or the further one is no JSON.
    pub fn extend(
        &self,
        (part, field): (&str, &str),
        (name, json): (&str, &[u8]),
    ) -> Result<Extension, NotJson> {
        let start = self.end().ok_or_else(NotJson::too_long)?;
        let view = View { memory: &self.bytes, base: BASE };
        let value = view.field(self.root, field.as_bytes()).ok_or_else(NotJson::no_field)?;
        let mut writer = Writer::new(start, json.len() * 6 + 256);
        let (further, _) = parse::document(json, &mut writer)?;
        let entry = |writer: &mut Writer, name: &str, value| {
            let text = writer.text(name.as_bytes());
            let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
            Entry::new(writer.key(text, length), value)
        };
        let entries = [entry(&mut writer, part, value), entry(&mut writer, name, further)];
        let root = writer.object(&entries);
        Ok(Extension { start, root, bytes: writer.finish() })
    }

    /// How deep the document is nested; a scalar has no depth.
    pub fn depth(&self) -> usize {
        self.depth
    }
}

/// The first address behind what begins at `start`, aligned as the runtime's allocator wants it.
fn end(start: u32, bytes: &[u8]) -> Option<u32> {
    u32::try_from(bytes.len()).ok()?.checked_add(start)?.checked_next_multiple_of(16)
}

// === impl Extension ===

impl Extension {
    pub(super) fn start(&self) -> u32 {
        self.start
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn root(&self) -> u32 {
        self.root
    }

    pub(super) fn end(&self) -> Option<u32> {
        end(self.start, &self.bytes)
    }
}

#[cfg(test)]
mod tests;
