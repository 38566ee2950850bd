//! Names with `*` for any run of characters, as the policy engines of this field have them.

/// As long as a name in Kubernetes may be.
const MAX_CHARS: usize = 253;

/// The wildcards of other languages, which names never have; whoever writes them means something else.
const OTHERS: [char; 6] = ['?', '[', ']', '{', '}', '!'];

/// Such a name, as the pieces between the stars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(Vec<String>);

// === impl Glob ===

impl Glob {
    /// Reads such a name; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || OTHERS.contains(&c);
        let is_name = !text.is_empty() && text.chars().count() <= MAX_CHARS && !text.contains(is_odd);
        is_name.then(|| Self(text.split('*').map(str::to_owned).collect()))
    }

    /// Whether the whole of `name` fits.
    pub fn matches(&self, name: &str) -> bool {
        let Some((first, rest)) = self.0.split_first() else { return false };
        let Some((last, between)) = rest.split_last() else { return name == first };
        let Some(mut left) = name.strip_prefix(first.as_str()) else { return false };
        for piece in between {
            match left.split_once(piece.as_str()) {
                Some((_, after)) => left = after,
                None => return false,
            }
        }
        left.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_run_of_characters() {
        for (glob, name, expected) in [
            ("web", "web", true),
            ("web", "web-1", false),
            ("web-*", "web-1", true),
            ("web-*", "web", false),
            ("*-system", "kube-system", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            ("ab*bc", "abc", false),
            ("*", "", true),
            ("*", "anything", true),
            ("web-*", "", false),
            ("**", "x", true),
        ] {
            assert_eq!(Glob::parse(glob).unwrap().matches(name), expected, "{glob} {name}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = "a".repeat(254);
        for text in ["", "a b", "web-?", "[ab]", "{a,b}", "a\u{7}", &long] {
            assert!(Glob::parse(text).is_none(), "{text:?}");
        }
    }
}
