//! Compiled functions, shared while one process loads its policies.
//!
//! Every module of OPA's carries the same C runtime, and each module is compiled twice (before and after its
//! snapshot), so most functions have been compiled already when they come by.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Enough for a hundred modules that share nothing but the runtime; beyond it functions are compiled anew.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A bounded map from a function's content key to its compiled form.
#[derive(Debug, Default)]
pub(super) struct Functions(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    entries: HashMap<Vec<u8>, Vec<u8>>,
    bytes: usize,
}

// === impl Functions ===

impl wasmtime::CacheStore for Functions {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.entries.get(key).map(|compiled| Cow::Owned(compiled.clone()))
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.bytes + key.len() + value.len() > MAX_BYTES {
            return false;
        }
        held.bytes += key.len() + value.len();
        held.entries.insert(key.to_vec(), value);
        true
    }
}
