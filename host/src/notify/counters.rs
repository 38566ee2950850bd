//! What became of notifications, in numbers. Whoever shows them reads a [`Snapshot`].

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What became of all notifications so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Each sink by its name.
    pub sinks: Vec<SinkCounts>,
    /// Not told because the same was told a moment before.
    pub suppressed_repeated: u64,
    /// Not told because a controller of the cluster made the object of another one.
    pub suppressed_owned: u64,
}

/// What became of the notifications of one sink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SinkCounts {
    /// The sink's name: one of a few, which the configuration says.
    pub sink: String,
    /// Delivered.
    pub sent: u64,
    /// Given up: refused, or tried too often.
    pub failed: u64,
    /// Tries that failed and were followed by another.
    pub retried: u64,
    /// Given up without another try: the queue was full, or the program ended.
    pub dropped: u64,
    /// In the queue now.
    pub queued: u64,
    /// When one was delivered last, since 1970; `None` if none was.
    pub last_success: Option<Duration>,
}

/// The counters of one sink.
#[derive(Debug, Default)]
pub(super) struct Counters {
    sent: AtomicU64,
    failed: AtomicU64,
    retried: AtomicU64,
    dropped: AtomicU64,
    /// Being tried now.
    under_way: AtomicUsize,
    /// Milliseconds since 1970; 0 for never.
    last_success: AtomicU64,
}

/// What was not told to anyone.
#[derive(Debug, Default)]
pub(super) struct Suppressed {
    repeated: AtomicU64,
    owned: AtomicU64,
}

// === impl Counters ===

impl Counters {
    /// A try begins.
    pub(super) fn begun(&self) {
        self.under_way.fetch_add(1, Ordering::Relaxed);
    }

    /// A try has ended.
    pub(super) fn ended(&self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    pub(super) fn sent(&self) {
        increment(&self.sent);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.last_success.store(u64::try_from(now.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn failed(&self) {
        increment(&self.failed);
    }

    pub(super) fn retried(&self) {
        increment(&self.retried);
    }

    pub(super) fn dropped(&self, count: usize) {
        self.dropped.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(super) fn counts(&self, sink: &str, queued: usize) -> SinkCounts {
        let last_success = Some(read(&self.last_success)).filter(|millis| *millis > 0);
        SinkCounts {
            sink: sink.to_owned(),
            sent: read(&self.sent),
            failed: read(&self.failed),
            retried: read(&self.retried),
            dropped: read(&self.dropped),
            queued: queued as u64,
            last_success: last_success.map(Duration::from_millis),
        }
    }
}

// === impl Suppressed ===

impl Suppressed {
    pub(super) fn repeated(&self) {
        increment(&self.repeated);
    }

    pub(super) fn owned(&self) {
        increment(&self.owned);
    }

    pub(super) fn snapshot(&self, sinks: Vec<SinkCounts>) -> Snapshot {
        let (repeated, owned) = (read(&self.repeated), read(&self.owned));
        Snapshot { sinks, suppressed_repeated: repeated, suppressed_owned: owned }
    }
}

fn increment(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
