//! The policies in force: immutable, replaced as a whole.

use std::{collections::BTreeMap, sync::Arc};

use super::Policy;

/// A policy and what runs it.
#[derive(Clone, Debug)]
pub struct Entry<P> {
    /// Its identity.
    pub policy: Policy,
    /// What runs it; this layer does not look inside.
    pub program: P,
}

/// What a request is about, as far as selection needs it.
#[derive(Clone, Copy, Debug)]
pub struct Target<'r> {
    /// The object's API group, such as `apps`.
    pub group: &'r str,
    /// The object's kind, such as `Deployment`.
    pub kind: &'r str,
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`; empty when nobody asks for anything, which fits all.
    pub operation: &'r str,
}

/// The policies in force, in order of their names.
#[derive(Clone, Debug)]
pub struct PolicySet<P> {
    entries: BTreeMap<String, Arc<Entry<P>>>,
}

// === impl PolicySet ===

impl<P> PolicySet<P> {
    /// A set without policies.
    pub fn new() -> Self {
        Self { entries: BTreeMap::new() }
    }

    /// Adds a policy, unless one of that name is there already.
    ///
    /// # Errors
    /// Where the policy that holds the name came from.
    pub fn add(&mut self, entry: Entry<P>) -> Result<(), String> {
        let name = entry.policy.metadata.name.clone();
        match self.entries.get(&name) {
            Some(holder) => Err(holder.policy.origin.clone()),
            None => {
                self.entries.insert(name, Arc::new(entry));
                Ok(())
            }
        }
    }

    /// All policies.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Entry<P>>> {
        self.entries.values()
    }

    /// The policy of that name.
    pub fn get(&self, name: &str) -> Option<&Entry<P>> {
        self.entries.get(name).map(Arc::as_ref)
    }

    /// How many policies there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The policies that look at such a request, by what they say of themselves; nothing is evaluated.
    pub fn select<'s>(&'s self, target: Target<'s>) -> impl Iterator<Item = &'s Arc<Entry<P>>> {
        let grouped = format!("{}/{}", target.group, target.kind);
        self.iter().filter(move |entry| {
            let metadata = &entry.policy.metadata;
            let targets = &metadata.targets;
            (targets.is_empty() || targets.contains(target.kind) || targets.contains(&grouped))
                && (metadata.operations.is_empty()
                    || target.operation.is_empty()
                    || metadata.operations.contains(target.operation))
        })
    }
}

impl<P> Default for PolicySet<P> {
    fn default() -> Self {
        Self::new()
    }
}
