//! Says the same of an object once within a while.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use super::{notification, recent::Recent};
use crate::decision::Decision;

/// Decisions that are remembered. What is forgotten is told once more.
const REMEMBERED: usize = 8192;

/// What was told.
pub(super) struct Repeats {
    window: Duration,
    /// With keys of its own, so that nobody outside knows two decisions with one hash.
    hasher: RandomState,
    told: Recent<u64, Repeated>,
}

struct Repeated {
    since: Instant,
    /// How often it was not told since then.
    count: u64,
}

// === impl Repeats ===

impl Repeats {
    pub(super) fn new(window: Duration) -> Self {
        Self { window, hasher: RandomState::new(), told: Recent::new(REMEMBERED) }
    }

    /// Whether this is to be told, and then how often the same was not told before; `None` if it is not to be told.
    pub(super) fn admit(&mut self, decision: &Decision<'_>) -> Option<u64> {
        let request = decision.request;
        let name = notification::name(request);
        let object = (&request.kind.group, &request.kind.kind, &request.namespace, name);
        let said = (decision.verdict.allowed, &decision.verdict.message);
        self.admit_at(self.hasher.hash_one((object, said)), Instant::now())
    }

    fn admit_at(&mut self, key: u64, now: Instant) -> Option<u64> {
        let Some(repeated) = self.told.get_mut(&key) else {
            self.told.put(key, Repeated { since: now, count: 0 });
            return Some(0);
        };
        if now.saturating_duration_since(repeated.since) < self.window {
            repeated.count += 1;
            return None;
        }
        let count = repeated.count;
        self.told.put(key, Repeated { since: now, count: 0 });
        Some(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_told_once_within_the_window_and_counted_after_it() {
        let mut repeats = Repeats::new(Duration::from_secs(60));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(repeats.admit_at(1, at(0)), Some(0));
        assert_eq!(repeats.admit_at(2, at(1)), Some(0), "something else");
        assert_eq!([repeats.admit_at(1, at(1)), repeats.admit_at(1, at(59))], [None, None]);
        assert_eq!(repeats.admit_at(1, at(60)), Some(2));
        assert_eq!(repeats.admit_at(1, at(61)), None);
        assert_eq!(repeats.admit_at(1, at(600)), Some(1));
        assert_eq!(repeats.admit_at(1, at(700)), Some(0));
    }

    #[test]
    fn without_a_window_everything_is_told() {
        let mut repeats = Repeats::new(Duration::ZERO);
        assert!((0..3).all(|_| repeats.admit_at(1, Instant::now()) == Some(0)));
    }
}
