//! The input document as OPA's modules have it in memory, written by the host once a request and copied into each
//! sandbox that asks for it. docs/adr/0008-input-image.md has the reasons and the figures.
//!
//! Everything is little-endian and begins at a [`Base`], so that its addresses are the same in many sandboxes. The layout
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
//! set       as an object, at 0: 07
//!             entry:               address of the element, of the next entry, or 0
//! ```
//!
//! The order of an object's entries is what a policy sees when it iterates, so buckets are filled as the runtime
//! fills them: by FNV-1a of the key, in the order of the keys within a bucket, and twice as many as soon as 70 % would
//! be in use.

mod build;
mod data;
mod proof;
mod read;
mod view;
mod write;

use crate::json::{Document, Paths};
use view::View;
use write::{Entry, Writer};

pub(super) use data::Data;
pub use data::Tree;
pub(super) use proof::is_layout_of;
pub(super) use read::{result, value};

/// Where an image begins: at the first of a few places that is behind all that a module has in memory after its set-up.
/// Modules with the same place share one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base(u32);

/// How many bytes a byte of text becomes, about.
const GROWTH: usize = 6;

/// What the parts that policies want mostly take.
const PRUNED_BYTES: usize = 16 * 1024;

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
    base: Base,
    bytes: Vec<u8>,
    root: u32,
}

// === impl Base ===

impl Base {
    /// All that there are. OPA's own runtime ends at 128 KiB, and few policies come with much data or read much of the
    /// cluster.
    pub const ALL: [Self; 5] =
        [Self(256 << 10), Self(1 << 20), Self(4 << 20), Self(16 << 20), Self(64 << 20)];

    /// The first one behind a heap that ends there.
    pub(super) fn behind(heap_end: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|base| heap_end <= base.0)
    }

    pub(super) fn address(self) -> u32 {
        self.0
    }
}

// === impl Image ===

impl Image {
    /// Writes a document; of a key that is there twice the last value counts.
    pub fn of(document: &Document, base: Base) -> Self {
        Self::pruned(document, &Paths::whole(), base)
    }

    /// Writes the wanted parts of a document, which is all that a module may be given that reads nothing else.
    pub fn pruned(document: &Document, wanted: &Paths, base: Base) -> Self {
        let room = if wanted.is_whole() { document.text().len() * GROWTH } else { PRUNED_BYTES };
        let mut writer = Writer::new(base.0, room);
        let root = build::document(document, wanted, &mut writer);
        Self { base, root, bytes: writer.finish() }
    }

    /// Where it begins.
    pub(super) fn base(&self) -> Base {
        self.base
    }

    /// The bytes that belong at its base.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The address of the document.
    pub(super) fn root(&self) -> u32 {
        self.root
    }

    /// The first address behind it.
    pub(super) fn end(&self) -> Option<u32> {
        end(self.base.0, &self.bytes)
    }

    /// An object of one of the document's own values, under the name `part`, and of a further document. `None` when
    /// the document has no such `field`, or does not fit into a sandbox.
    pub fn extend(
        &self,
        (part, field): (&str, &str),
        (name, further): (&str, &Document),
    ) -> Option<Extension> {
        let start = self.end()?;
        let view = View { memory: &self.bytes, base: self.base.0 };
        let value = view.field(self.root, field.as_bytes())?;
        let mut writer = Writer::new(start, further.text().len() * GROWTH + 256);
        let further = build::document(further, &Paths::whole(), &mut writer);
        let entries = [(part, value), (name, further)]
            .map(|(name, value)| Entry::new(writer.key(name.as_bytes()), value));
        let root = writer.object(&entries);
        Some(Extension { start, root, bytes: writer.finish() })
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
