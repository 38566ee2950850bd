//! The most memory that a policy's sandboxes had.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The most bytes so far; 0 before the first.
#[derive(Default)]
pub(super) struct HighWater(AtomicUsize);

// === impl HighWater ===

impl HighWater {
    /// The most bytes that were noted.
    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Takes note of what a sandbox had.
    pub(super) fn note(&self, bytes: usize) {
        // Mostly it is no news, and to read is cheaper than to write.
        if bytes > self.bytes() {
            self.0.fetch_max(bytes, Ordering::Relaxed);
        }
    }
}
