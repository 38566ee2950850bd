//! What is in force, which is swapped as a whole while requests are judged.

use std::sync::{Arc, PoisonError, RwLock};

use super::Policies;

/// What requests are judged by from now on. Whoever judges keeps what it began with.
#[derive(Default)]
pub struct Current<T = Policies>(RwLock<Arc<T>>);

// === impl Current ===

impl<T> Current<T> {
    /// Begins with that.
    pub fn new(first: T) -> Self {
        Self(RwLock::new(Arc::new(first)))
    }

    /// What is in force now.
    pub fn get(&self) -> Arc<T> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts something else in force. What was before goes when nobody judges by it any more.
    pub fn set(&self, next: T) {
        self.set_shared(Arc::new(next));
    }

    /// The same with what others have as well.
    pub fn set_shared(&self, next: Arc<T>) {
        let before = {
            let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, next)
        };
        // Outside of the lock: it may take a moment.
        drop(before);
    }
}
