//! Which parts of a document are wanted.

use std::collections::BTreeMap;

/// Parts of a document: paths of keys, each with all that is below it. A value on the way that is no object belongs to
/// the part as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    whole: bool,
    fields: BTreeMap<String, Paths>,
}

// === impl Paths ===

impl Paths {
    /// Everything.
    pub fn whole() -> Self {
        Self { whole: true, fields: BTreeMap::new() }
    }

    /// Nothing; what is wanted can be added.
    pub fn none() -> Self {
        Self::default()
    }

    /// Wants the value at `path` too.
    pub fn add<K: AsRef<str>>(&mut self, path: &[K]) {
        match path.split_first() {
            _ if self.whole => {}
            None => *self = Self::whole(),
            Some((key, rest)) => self.fields.entry(key.as_ref().to_owned()).or_default().add(rest),
        }
    }

    /// Whether everything is wanted.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// What is wanted below a key; `None` when nothing is.
    pub fn below(&self, key: &str) -> Option<&Paths> {
        if self.whole {
            return Some(self);
        }
        self.fields.get(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_all_below_it_and_nothing_beside_it() {
        let mut paths = Paths::none();
        paths.add(&["a", "b"]);
        paths.add(&["c"]);
        paths.add(&["c", "d"]);
        assert!(paths.below("a").unwrap().below("b").unwrap().below("any").unwrap().is_whole());
        assert!(paths.below("a").unwrap().below("c").is_none());
        assert!(paths.below("c").unwrap().is_whole());
        assert!(!paths.is_whole());
        paths.add::<&str>(&[]);
        assert_eq!(paths, Paths::whole());
        assert!(paths.below("z").is_some_and(Paths::is_whole));
    }
}
