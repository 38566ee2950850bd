//! Which parts of a document are wanted.

use std::collections::BTreeMap;

/// Parts of a document: paths of keys, each with all that is below it. A value on the way that is no object belongs to
/// the part as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    whole: bool,
    fields: BTreeMap<String, Paths>,
    /// What is wanted below every key; the fields have it too.
    every: Option<Box<Paths>>,
}

// === impl Paths ===

impl Paths {
    /// Everything.
    pub fn whole() -> Self {
        Self { whole: true, ..Self::default() }
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
            Some((key, rest)) => self.field(key.as_ref()).add(rest),
        }
    }

    /// Wants the values at `path` too, of which `None` is every key.
    pub fn add_pattern<K: AsRef<str>>(&mut self, path: &[Option<K>]) {
        match path.split_first() {
            _ if self.whole => {}
            None => *self = Self::whole(),
            Some((Some(key), rest)) => self.field(key.as_ref()).add_pattern(rest),
            Some((None, rest)) => {
                self.every.get_or_insert_default().add_pattern(rest);
                self.fields.values_mut().for_each(|field| field.add_pattern(rest));
            }
        }
    }

    fn field(&mut self, key: &str) -> &mut Self {
        let every = &self.every;
        let new = || every.as_deref().cloned().unwrap_or_default();
        self.fields.entry(key.to_owned()).or_insert_with(new)
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
        self.fields.get(key).or(self.every.as_deref())
    }

    /// What is wanted below any key or another.
    pub fn below_any(&self) -> Self {
        if self.whole {
            return Self::whole();
        }
        let mut any = self.every.as_deref().cloned().unwrap_or_default();
        self.fields.values().for_each(|field| any.merge(field));
        any
    }

    /// Whether nothing is wanted.
    pub fn is_none(&self) -> bool {
        !self.whole && self.fields.is_empty() && self.every.is_none()
    }

    /// Wants all that another wants, too.
    pub fn merge(&mut self, other: &Self) {
        if self.whole || other.whole {
            *self = Self::whole();
            return;
        }
        if let Some(every) = &other.every {
            self.every.get_or_insert_default().merge(every);
            self.fields.values_mut().for_each(|field| field.merge(every));
        }
        for (key, field) in &other.fields {
            self.field(key).merge(field);
        }
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

    #[test]
    fn a_pattern_is_for_every_key_whatever_came_first() {
        let patterns = [vec![Some("a"), Some("b")], vec![None, Some("c")], vec![Some("d"), Some("e")]];
        for order in [[0, 1, 2], [1, 0, 2], [2, 0, 1]] {
            let mut paths = Paths::none();
            order.into_iter().for_each(|at| paths.add_pattern(&patterns[at]));
            let wants = |path: [&str; 2]| paths.below(path[0]).and_then(|part| part.below(path[1])).is_some();
            assert!(wants(["a", "b"]) && wants(["a", "c"]) && wants(["d", "e"]) && wants(["z", "c"]));
            assert!(!wants(["a", "e"]) && !wants(["z", "b"]));
            let mut merged = Paths::none();
            merged.merge(&paths);
            assert_eq!(merged, paths);
        }
    }
}
