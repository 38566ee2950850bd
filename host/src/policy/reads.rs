//! Which parts of its input a policy can read.
//!
//! The paths come from the Rego compiler (host/rego-compiler/reads.go). What is not below one of them may be
//! left out of the input: the policy answers the same. A module whose source nobody saw has no `Reads` at all,
//! which means the whole input just as the empty path does.

use std::fmt;

/// Places below `input`; everything at and below each of them may be read, and nothing else.
///
/// The paths are sorted and none lies below another, so that equal sets are equal values.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reads {
    paths: Vec<Vec<String>>,
}

/// As the policy would write it: `request.kind.kind, request.object.metadata.labels["app.kubernetes.io/name"]`.
impl fmt::Display for Reads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.paths.iter().map(|path| reference(path)).collect::<Vec<_>>() {
            _ if self.is_whole() => f.write_str("the whole review"),
            references if references.is_empty() => f.write_str("nothing of the review"),
            references => f.write_str(&references.join(", ")),
        }
    }
}

fn reference(path: &[String]) -> String {
    let mut text = String::new();
    path.iter().for_each(|key| push_key(&mut text, key));
    text
}

/// Adds a key to a reference.
pub(super) fn push_key(text: &mut String, key: &str) {
    match (is_name(key), text.is_empty()) {
        (true, true) => text.push_str(key),
        (true, false) => text.extend([".", key]),
        (false, _) => text.push_str(&format!("[{key:?}]")),
    }
}

fn is_name(key: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    key.chars().all(plain) && key.starts_with(|first: char| !first.is_ascii_digit())
}

// === impl Reads ===

impl Reads {
    /// What is read when all of `paths` are: a path is plain object keys, the empty one the whole input.
    pub fn new(paths: impl IntoIterator<Item = Vec<String>>) -> Self {
        let mut sorted: Vec<Vec<String>> = paths.into_iter().collect();
        sorted.sort_unstable();
        let mut kept: Vec<Vec<String>> = Vec::with_capacity(sorted.len());
        // A path sorts before all that lie below it, and those follow it without a gap.
        for path in sorted {
            if !kept.last().is_some_and(|last| path.starts_with(last)) {
                kept.push(path);
            }
        }
        Self { paths: kept }
    }

    /// All of the input.
    pub fn whole() -> Self {
        Self::new([Vec::new()])
    }

    /// The paths, sorted, none below another.
    pub fn paths(&self) -> &[Vec<String>] {
        &self.paths
    }

    /// Whether nothing of the input may be left out.
    pub fn is_whole(&self) -> bool {
        self.paths.first().is_some_and(Vec::is_empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a.b, c` as paths; the empty text is the whole input.
    fn reads(text: &str) -> Reads {
        let path = |path: &str| path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect();
        Reads::new(text.split(", ").map(path))
    }

    #[test]
    fn a_path_below_another_goes_without_saying() {
        assert_eq!(reads("b, a.b.c, a.b, a, a-b, a.c"), reads("a, a-b, b"));
        assert_eq!(reads("a.b.c, a.bc, a.b").paths(), [vec!["a", "b"], vec!["a", "bc"]]);
        assert_eq!(reads("a.b, a.b").paths().len(), 1);
    }

    #[test]
    fn the_empty_path_is_the_whole_input() {
        assert!(reads("a, , b.c").is_whole());
        assert_eq!(reads("a, , b.c"), Reads::whole());
        assert!(!reads("a").is_whole());
    }

    #[test]
    fn no_path_is_nothing_at_all() {
        let nothing = Reads::new([]);
        assert!(!nothing.is_whole());
        assert_eq!(nothing, Reads::default());
    }
}
