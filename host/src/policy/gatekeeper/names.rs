//! What Kubernetes takes for a name
//! (<https://kubernetes.io/docs/concepts/overview/working-with-objects/names>) and for a label
//! (<https://kubernetes.io/docs/concepts/overview/working-with-objects/labels>).

/// The longest part of a name, and the longest name.
const MAX_LABEL: usize = 63;
const MAX_NAME: usize = 253;

/// A DNS subdomain, RFC 1123: what most objects are called.
pub(super) fn is_subdomain(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.split('.').all(|part| is_enclosed(part, |c| matches!(c, 'a'..='z' | '0'..='9'), "-"))
}

/// A DNS label, RFC 1035: what kinds are in lower case.
pub(super) fn is_dns_label(name: &str) -> bool {
    name.len() <= MAX_LABEL
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && is_enclosed(name, |c| matches!(c, 'a'..='z' | '0'..='9'), "-")
}

/// A label's key: a name, and a subdomain before it if there is a `/`.
pub(super) fn is_label_key(key: &str) -> bool {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    prefix.is_none_or(is_subdomain) && !name.is_empty() && is_label_value(name)
}

/// A label's value, which may be empty.
pub(super) fn is_label_value(value: &str) -> bool {
    value.is_empty() || (value.len() <= MAX_LABEL && is_enclosed(value, |c| c.is_ascii_alphanumeric(), "-_."))
}

/// Made of `inner` and of such punctuation, but not at the ends.
fn is_enclosed(text: &str, inner: impl Fn(char) -> bool, punctuation: &str) -> bool {
    let bounded = text.starts_with(&inner) && text.ends_with(&inner);
    bounded && text.chars().all(|c| inner(c) || punctuation.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_kubernetes() {
        for (name, subdomain, label) in [
            ("a", true, true),
            ("a-b.c0", true, false),
            ("0a", true, false),
            ("a-", false, false),
            (".a", false, false),
            ("A", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_subdomain(name), is_dns_label(name)), (subdomain, label), "{name}");
        }
        assert!(
            !is_dns_label(&"a".repeat(64))
                && is_subdomain(&"a".repeat(253))
                && !is_subdomain(&"a".repeat(254))
        );
    }

    #[test]
    fn labels_are_those_of_kubernetes() {
        for (key, is_key, is_value) in [
            ("app", true, true),
            ("app.kubernetes.io/name", true, false),
            ("A_b.c-D", true, true),
            ("", false, true),
            ("/a", false, false),
            ("a/", false, false),
            ("a/b/c", false, false),
            ("-a", false, false),
            ("some value", false, false),
        ] {
            assert_eq!((is_label_key(key), is_label_value(key)), (is_key, is_value), "{key}");
        }
    }
}
