//! The objects of the cluster that are followed: how many, how large, and how old what is known of them is.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use prometheus::Result;

use super::{Family, Kind, Metrics, Sample};

/// What is known of objects that are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// For how long the API server has not been heard; zero while all is well.
    pub stale: Duration,
    /// How many there are, and the bytes of what is kept of them; nothing where only policies and settings are read.
    pub size: Option<(usize, usize)>,
}

/// What is followed, and for what.
type Key = (&'static str, String);

type Read = Arc<dyn Fn() -> Copied + Send + Sync>;

/// Tells of the objects that are followed. Clones are the same.
#[derive(Clone, Default)]
pub struct Copies(Arc<Mutex<BTreeMap<Key, Read>>>);

// === impl Copies ===

impl Copies {
    /// Objects of a kind, such as `v1/pods`, are followed from now on for that purpose.
    pub fn follow(
        &self,
        purpose: &'static str,
        kind: impl Into<String>,
        read: impl Fn() -> Copied + Send + Sync + 'static,
    ) {
        self.lock().insert((purpose, kind.into()), Arc::new(read));
    }

    /// For that purpose no other kinds are followed any more.
    pub fn keep(&self, purpose: &'static str, is_kept: impl Fn(&str) -> bool) {
        self.lock().retain(|(of, kind), _| *of != purpose || is_kept(kind));
    }

    /// What is known of each kind, whatever it is followed for.
    fn by_kind(&self) -> BTreeMap<String, Copied> {
        let all: Vec<_> =
            self.lock().iter().map(|((_, kind), read)| (kind.clone(), Arc::clone(read))).collect();
        let mut known = BTreeMap::<String, Copied>::new();
        for (kind, read) in all {
            let (one, of_kind) = (read(), known.entry(kind).or_default());
            of_kind.stale = of_kind.stale.max(one.stale);
            of_kind.size = of_kind.size.or(one.size);
        }
        known
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Read>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn register(&self, metrics: &Metrics) -> Result<()> {
        let family = |name, help| Family { name, help, kind: Kind::Gauge, labels: &["kind"] };
        let read = |value: fn(&Copied) -> Option<f64>| {
            let copies = self.clone();
            move || {
                let sample = |(kind, copied): (&String, &Copied)| Some(Sample::new([kind], value(copied)?));
                copies.by_kind().iter().filter_map(sample).collect()
            }
        };
        let staleness = family(
            "magtape_replication_staleness_seconds",
            "Seconds since the API server was last heard of objects that are followed; 0 while all is well.",
        );
        metrics.read(staleness, read(|copied| Some(copied.stale.as_secs_f64())))?;
        let objects =
            family("magtape_replicated_objects", "Objects of the cluster that are kept for policies.");
        metrics.read(objects, read(|copied| Some(count(copied.size?.0))))?;
        let bytes = family("magtape_replicated_bytes", "Bytes of JSON that are kept of them.");
        metrics.read(bytes, read(|copied| Some(count(copied.size?.1))))
    }
}

/// A count as a series has it; above 2^53 it is no longer exact.
fn count(value: usize) -> f64 {
    value as f64
}
