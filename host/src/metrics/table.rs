//! What is counted by a name that comes from outside, up to so many names.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// Counters by name.
pub(super) struct Table<T> {
    most: usize,
    entries: RwLock<HashMap<String, Arc<T>>>,
}

// === impl Table ===

impl<T> Table<T> {
    /// Nothing yet, and never more than so many names.
    pub(super) fn new(most: usize) -> Self {
        Self { most, entries: RwLock::default() }
    }

    pub(super) fn find(&self, name: &str) -> Option<Arc<T>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// What is known by that name, made if there is room; `None` if there is none.
    pub(super) fn find_or(&self, name: &str, make: impl FnOnce() -> T) -> Option<Arc<T>> {
        self.find(name).or_else(|| {
            let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
            // Another thread may have made it since.
            if !entries.contains_key(name) && entries.len() >= self.most {
                return None;
            }
            Some(Arc::clone(entries.entry(name.to_owned()).or_insert_with(|| Arc::new(make()))))
        })
    }
}
