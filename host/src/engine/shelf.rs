//! Sandboxes that are as new and wait for the next evaluation.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use super::MAX_KEPT;

/// Those of one policy.
pub(super) struct Shelf<S> {
    sandboxes: Mutex<Vec<S>>,
    room: Arc<Room>,
}

/// How many sandboxes an engine keeps for all policies. Each holds a place that evaluations could have.
#[derive(Debug, Default)]
pub(super) struct Room(AtomicUsize);

// === impl Shelf ===

impl<S> Shelf<S> {
    /// None yet.
    pub(super) fn new(room: &Arc<Room>) -> Self {
        Self { sandboxes: Mutex::default(), room: Arc::clone(room) }
    }

    /// One that is as new.
    pub(super) fn take(&self) -> Option<S> {
        let sandbox = self.sandboxes.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        self.room.give_back(1);
        Some(sandbox)
    }

    /// Keeps one that is as new, if there is room.
    pub(super) fn put(&self, sandbox: S) {
        if self.room.take() {
            self.sandboxes.lock().unwrap_or_else(PoisonError::into_inner).push(sandbox);
        }
    }
}

impl<S> Drop for Shelf<S> {
    fn drop(&mut self) {
        self.room.give_back(self.sandboxes.get_mut().unwrap_or_else(PoisonError::into_inner).len());
    }
}

// === impl Room ===

impl Room {
    fn take(&self) -> bool {
        let more = |kept| (kept < MAX_KEPT as usize).then_some(kept + 1);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    fn give_back(&self, sandboxes: usize) {
        self.0.fetch_sub(sandboxes, Ordering::Relaxed);
    }
}
