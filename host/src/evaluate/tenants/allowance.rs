//! How much of the webhook's time one namespace's policies may take: a share of one processor, whatever they do.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A tenth of a processor. Policies that take 50 microseconds judge two thousand requests each second in that time.
const SHARE: u32 = 10;

/// What may be owed before nobody is asked any more: four requests that take all that one may take.
const CREDIT: Duration = Duration::from_secs(1);

/// The account of one namespace. Threads may use it at the same time, so that it can be overdrawn by what each of them
/// takes for one request; that is owed.
#[derive(Debug)]
pub struct Allowance(Mutex<Account>);

#[derive(Debug)]
struct Account {
    owed: Duration,
    as_of: Instant,
}

// === impl Allowance ===

impl Allowance {
    /// Nothing is owed.
    pub fn new(now: Instant) -> Self {
        Self(Mutex::new(Account { owed: Duration::ZERO, as_of: now }))
    }

    /// Whether there is time left.
    pub(super) fn has_some(&self, now: Instant) -> bool {
        self.settle(now, Duration::ZERO) < CREDIT
    }

    /// Takes what was `used` from `now` on.
    pub(super) fn spend(&self, now: Instant, used: Duration) {
        self.settle(now, used);
    }

    /// What is owed after that.
    fn settle(&self, now: Instant, used: Duration) -> Duration {
        let mut account = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let earned = now.saturating_duration_since(account.as_of) / SHARE;
        account.owed = account.owed.saturating_sub(earned).saturating_add(used);
        account.as_of = account.as_of.max(now);
        account.owed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_takes_much_waits_for_it() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let allowance = Allowance::new(start);
        for _ in 0..4 {
            assert!(allowance.has_some(start));
            allowance.spend(start, Duration::from_millis(250));
        }
        assert!(!allowance.has_some(start));
        assert!(allowance.has_some(at(10)), "a millisecond has been earned");
        allowance.spend(at(10), Duration::from_millis(250));
        assert!(!allowance.has_some(at(2000)));
        assert!(allowance.has_some(at(2600)));
        assert!(!Allowance::new(start).settle(at(60_000), Duration::from_millis(1)).is_zero());
    }
}
