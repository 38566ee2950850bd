//! What a policy reads of the cluster, written beside the data that its module was loaded with.
//!
//! It lies at the module's own base, in every sandbox until the cluster changes, and images of requests come behind it.
//! What is in the module's memory already is not written again: the new objects refer to it.

use std::collections::BTreeMap;

use super::{
    Base, View, build, end,
    write::{Address, Entry, Writer},
};
use crate::json::{Document, Paths};

/// Objects by their keys, and at some depth documents of which parts are wanted.
#[derive(Clone, Debug)]
pub enum Tree<'t> {
    /// What is below each key.
    Object(BTreeMap<&'t str, Tree<'t>>),
    /// The wanted parts of a document.
    Part(&'t Document, &'t Paths),
}

/// A data document with what the cluster has, ready to be copied into the sandboxes of one module.
#[derive(Debug)]
pub(in super::super) struct Data {
    start: u32,
    bytes: Vec<u8>,
    root: u32,
    behind: Base,
}

// === impl Tree ===

impl Default for Tree<'_> {
    fn default() -> Self {
        Self::Object(BTreeMap::new())
    }
}

impl<'t> Tree<'t> {
    /// Makes an object be there, which may stay empty.
    pub fn open(&mut self, path: &[&'t str]) {
        if let (Some((key, rest)), Self::Object(members)) = (path.split_first(), self) {
            members.entry(key).or_default().open(rest);
        }
    }

    /// Puts the parts of a document there that are wanted of it, where `wanted` is of the whole tree.
    pub fn insert(&mut self, path: &[&'t str], document: &'t Document, wanted: &'t Paths) {
        let Some((key, rest)) = path.split_first() else {
            *self = Self::Part(document, wanted);
            return;
        };
        if let (Some(wanted), Self::Object(members)) = (wanted.below(key), self) {
            members.entry(key).or_default().insert(rest, document, wanted);
        }
    }
}

// === impl Data ===

impl Data {
    /// Writes `tree` over the data document that is at `root` in a module's memory; `None` when there is no room.
    pub(in super::super) fn of(tree: &Tree<'_>, base: Base, memory: &[u8], root: u32) -> Option<Self> {
        let mut layer = Layer { writer: Writer::new(base.0, 0), known: View { memory, base: 0 } };
        let root = layer.over(tree, Some(root))?;
        let bytes = layer.writer.finish();
        let behind = Base::behind(end(base.0, &bytes)?)?;
        Some(Self { start: base.0, bytes, root, behind })
    }

    /// Where it begins.
    pub(in super::super) fn start(&self) -> u32 {
        self.start
    }

    /// The bytes that belong there.
    pub(in super::super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The address of the document.
    pub(in super::super) fn root(&self) -> u32 {
        self.root
    }

    /// Where images of requests begin.
    pub(in super::super) fn behind(&self) -> Base {
        self.behind
    }
}

/// What is written, and what it is written over.
struct Layer<'m> {
    writer: Writer,
    known: View<'m>,
}

// === impl Layer ===

impl Layer<'_> {
    /// Writes a tree over the value that is known at an address. Objects are merged; elsewhere the tree has its way.
    fn over(&mut self, tree: &Tree<'_>, known: Option<Address>) -> Option<Address> {
        let members = match tree {
            Tree::Part(document, wanted) => return Some(build::document(document, wanted, &mut self.writer)),
            Tree::Object(members) => members,
        };
        let mut entries = match known {
            Some(object) => self.known_entries(object)?,
            None => Vec::new(),
        };
        entries.reserve(members.len());
        for (name, member) in members {
            let below = known.and_then(|object| self.known.field(object, name.as_bytes()));
            let value = self.over(member, below)?;
            // Of equal keys the last one counts.
            entries.push(Entry::new(self.writer.key(name.as_bytes()), value));
        }
        Some(self.writer.object(&entries))
    }

    /// The entries of an object in the module's memory. Their values stay where they are.
    fn known_entries(&mut self, object: Address) -> Option<Vec<Entry>> {
        let entries = self.known.entries(object)?;
        let entry = |(name, value): (&[u8], Address)| Entry::new(self.writer.key(name), value);
        Some(entries.into_iter().map(entry).collect())
    }
}
