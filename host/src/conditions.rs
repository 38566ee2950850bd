//! What does not go as it should while requests are judged all the same: a permission that is missing, a Secret that
//! cannot be written. Whoever has the trouble says so, and says when it is over; operators are shown what is so now.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use crate::shorten;

/// A missing permission is named in a few hundred bytes.
const MAX_REASON_BYTES: usize = 1024;

/// All conditions of a process; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Conditions(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// How many there have been.
    count: u64,
    conditions: BTreeMap<u64, (&'static str, Option<Trouble>)>,
}

/// Something that is wrong now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What it is about, such as `leader-election`; docs/operations.md lists them.
    pub about: &'static str,
    /// Why, as the API server or the system has said it.
    pub reason: String,
    /// Since when.
    pub since: SystemTime,
}

/// One thing that may go wrong. It is well until it is said otherwise, and again when it is dropped.
#[derive(Debug)]
pub struct Condition {
    about: &'static str,
    number: u64,
    all: Conditions,
}

// === impl Conditions ===

impl Conditions {
    /// A thing that is well so far.
    pub fn about(&self, about: &'static str) -> Condition {
        let mut known = self.lock();
        known.count += 1;
        let number = known.count;
        known.conditions.insert(number, (about, None));
        Condition { about, number, all: self.clone() }
    }

    /// How many things of that name are wrong now, 0 for those that are well.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for (about, trouble) in self.lock().conditions.values() {
            *counts.entry(*about).or_default() += usize::from(trouble.is_some());
        }
        counts
    }

    /// All that is wrong now, by what it is about, the oldest first of each.
    pub fn troubles(&self) -> Vec<Trouble> {
        let mut troubles: Vec<Trouble> =
            self.lock().conditions.values().filter_map(|(_, trouble)| trouble.clone()).collect();
        troubles.sort_by_key(|trouble| (trouble.about, trouble.since));
        troubles
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Condition ===

impl Condition {
    /// It goes wrong. Answers whether that is news, which is to be logged: it was well, or wrong for another reason.
    pub fn fails(&self, reason: &str) -> bool {
        let reason = shorten::to_bytes(reason, MAX_REASON_BYTES);
        let mut known = self.all.lock();
        let (_, trouble) = known.conditions.entry(self.number).or_insert((self.about, None));
        let (about, since) = (self.about, SystemTime::now());
        let trouble = trouble.get_or_insert_with(|| Trouble { about, reason: String::new(), since });
        let is_news = trouble.reason != reason;
        trouble.reason = reason;
        is_news
    }

    /// It goes well again, or it did all the time.
    pub fn is_well(&self) {
        if let Some((_, trouble)) = self.all.lock().conditions.get_mut(&self.number) {
            *trouble = None;
        }
    }
}

impl Drop for Condition {
    fn drop(&mut self) {
        self.all.lock().conditions.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_news_once_and_shown_until_it_is_over() {
        let conditions = Conditions::default();
        let (lease, list) = (conditions.about("lease"), conditions.about("list"));
        assert!(conditions.troubles().is_empty());
        assert_eq!(conditions.counts(), [("lease", 0), ("list", 0)].into());
        assert!(list.fails("forbidden") && !list.fails("forbidden") && lease.fails("away"));
        let told = |troubles: Vec<Trouble>| -> Vec<(&str, String)> {
            troubles.into_iter().map(|trouble| (trouble.about, trouble.reason)).collect()
        };
        let both = [("lease", "away".to_owned()), ("list", "forbidden".to_owned())];
        assert_eq!(told(conditions.troubles()), both);
        assert_eq!(conditions.counts(), [("lease", 1), ("list", 1)].into());
        lease.is_well();
        lease.is_well();
        let since = conditions.troubles()[0].since;
        assert!(list.fails("away") && lease.fails("away"), "another reason, and the same after it was well");
        assert_eq!(conditions.troubles()[1].since, since, "it was never well between the two");
        drop(lease);
        assert_eq!(told(conditions.troubles()), [("list", "away".to_owned())]);
        assert_eq!(conditions.counts(), [("list", 1)].into());
    }

    #[test]
    fn two_of_one_name_are_two_and_reasons_are_bounded() {
        let conditions = Conditions::default();
        let (one, other) = (conditions.about("read-objects"), conditions.about("read-objects"));
        assert!(one.fails(&"x".repeat(10_000)) && other.fails("short"));
        let troubles = conditions.troubles();
        assert_eq!(troubles.len(), 2);
        assert_eq!(troubles[0].reason.len(), MAX_REASON_BYTES);
        one.is_well();
        assert_eq!(conditions.troubles()[0].reason, "short");
    }
}
