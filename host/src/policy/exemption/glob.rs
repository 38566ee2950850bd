//! Names with `*` for any run of characters, as the policy engines of this field have them.

use super::read::ExemptionError;

/// As long as a name in Kubernetes may be.
const MAX_CHARS: usize = 253;

/// The wildcards of other languages, which names never have; whoever writes them means something else.
const OTHERS: [char; 6] = ['?', '[', ']', '{', '}', '!'];

/// The pieces between the stars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Vec<String>);

// === impl Glob ===

impl Glob {
    pub(super) fn parse(field: &'static str, text: &str) -> Result<Self, ExemptionError> {
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || OTHERS.contains(&c);
        if text.is_empty() || text.chars().count() > MAX_CHARS || text.contains(is_odd) {
            return Err(ExemptionError::Name { field, text: text.chars().take(40).collect() });
        }
        Ok(Self(text.split('*').map(str::to_owned).collect()))
    }

    pub(super) fn matches(&self, name: &str) -> bool {
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
            assert_eq!(Glob::parse("names", glob).unwrap().matches(name), expected, "{glob} {name}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = "a".repeat(254);
        for text in ["", "a b", "web-?", "[ab]", "{a,b}", "a\u{7}", &long] {
            assert!(Glob::parse("names", text).is_err(), "{text:?}");
        }
    }
}
