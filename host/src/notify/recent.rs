//! A map that keeps what was put into it last, and never grows over its bound.

use std::{collections::HashMap, hash::Hash};

/// Two generations: when the younger one is full, it becomes the elder one, and what was there is gone.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    bound: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

// === impl Recent ===

impl<K: Eq + Hash, V> Recent<K, V> {
    /// At most `entries` entries, and at least half as many of the last ones.
    pub(super) fn new(entries: usize) -> Self {
        Self { bound: entries / 2, young: HashMap::new(), old: HashMap::new() }
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.young.get_mut(key).or_else(|| self.old.get_mut(key))
    }

    /// Puts a value in, which then is the youngest.
    pub(super) fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.bound && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_kept_and_the_bound_holds() {
        let mut recent = Recent::new(8);
        for number in 0..1000_u32 {
            recent.put(number, number * 2);
            assert!(recent.young.len() + recent.old.len() <= 8);
            let mut kept = number.saturating_sub(3)..=number;
            assert!(kept.all(|kept| recent.get_mut(&kept) == Some(&mut (kept * 2))), "{number}");
        }
        assert_eq!(recent.get_mut(&0), None);
        recent.put(999, 1);
        assert_eq!(recent.get_mut(&999), Some(&mut 1), "the youngest value counts");
    }
}
