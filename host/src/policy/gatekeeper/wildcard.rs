//! The globs of `namespaces`, `excludedNamespaces` and `name`: `*` at the start, at the end, or both
//! (<https://open-policy-agent.github.io/gatekeeper/website/docs/howto#the-match-field>).

use super::{error::GatekeeperError, field::Field};

/// A name that may be open at its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wildcard {
    name: String,
    open_start: bool,
    open_end: bool,
}

impl Wildcard {
    pub(super) fn parse(field: &Field<'_>) -> Result<Self, GatekeeperError> {
        let text = field.text()?.ok_or_else(|| field.must_be("a string"))?;
        let name = text.strip_prefix('*').unwrap_or(text);
        let name = name.strip_suffix('*').unwrap_or(name);
        let is_plain = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | ':');
        if !name.chars().all(is_plain) {
            return Err(field.must_be("of a-z, 0-9, - and :, with a * only at the start or the end"));
        }
        Ok(Self { name: name.to_owned(), open_start: text.starts_with('*'), open_end: text.ends_with('*') })
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        match (self.open_start, self.open_end) {
            (true, true) => name.contains(&self.name),
            (true, false) => name.ends_with(&self.name),
            (false, true) => name.starts_with(&self.name),
            (false, false) => name == self.name,
        }
    }

    /// Whether a name that will begin with this text matches whatever it ends with.
    pub(super) fn matches_generated(&self, generate_name: &str) -> bool {
        self.open_end && self.matches(generate_name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wildcard(text: &str) -> Result<Wildcard, GatekeeperError> {
        let document = json!({ "name": text });
        Wildcard::parse(&Field::document(&document)?.get("name")?)
    }

    #[test]
    fn a_star_opens_its_end() {
        for (glob, name, expected) in [
            ("kube-system", "kube-system", true),
            ("kube-system", "gatekeeper-system", false),
            ("kube-*", "kube-system", true),
            ("kube-*", "gatekeeper-system", false),
            ("*-system", "kube-system", true),
            ("*-system", "kube-public", false),
            ("kube-", "kube-system", false),
            ("*-kube-*", "test-kube-test", true),
            ("*-kube-*", "my-kub-controller", false),
            ("-kube-", "test-kube-test", false),
            ("*", "anything", true),
            ("**", "", true),
            ("", "a", false),
        ] {
            assert_eq!(wildcard(glob).unwrap().matches(name), expected, "{glob} {name}");
        }
    }

    #[test]
    fn a_generated_name_is_known_by_its_start_only() {
        for (glob, generate_name, expected) in [
            ("foo*", "foo-bar-", true),
            ("foo*", "fob-bar-", false),
            ("foo", "foo", false),
            ("*foo", "foo", false),
            ("*-bar*", "fob-bar", true),
        ] {
            assert_eq!(wildcard(glob).unwrap().matches_generated(generate_name), expected, "{glob}");
        }
    }

    #[test]
    fn a_star_in_the_middle_is_refused() {
        for glob in ["kube-*-system", "Kube", "a.b", "a b"] {
            let error = wildcard(glob).unwrap_err().to_string();
            assert!(error.starts_with("name: must be of a-z, 0-9, - and :"), "{error}");
        }
    }
}
