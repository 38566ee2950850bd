//! The policies in force, which are swapped as a whole while requests are judged.

use std::sync::{Arc, PoisonError, RwLock};

use super::Policies;

/// What requests are judged by from now on. Whoever judges keeps the set it began with.
#[derive(Default)]
pub struct Current(RwLock<Arc<Policies>>);

// === impl Current ===

impl Current {
    /// Begins with that set.
    pub fn new(policies: Policies) -> Self {
        Self(RwLock::new(Arc::new(policies)))
    }

    /// The set that is in force now.
    pub fn get(&self) -> Arc<Policies> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another set in force. The one before goes when nobody judges by it any more.
    pub fn set(&self, policies: impl Into<Arc<Policies>>) {
        let policies = policies.into();
        let before = {
            let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, policies)
        };
        // Outside of the lock: it may take a moment.
        drop(before);
    }
}
