//! ConfigMaps of bundles, labelled as kube-mgmt labels policies.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::PackageError;

/// Kubernetes' `MaxSecretSize`, which holds for ConfigMaps too: the sum of all values.
const MAX_BYTES: usize = 1024 * 1024;

/// The longest name, and the longest part of one.
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

/// A ConfigMap that holds policies.
#[derive(Clone, Copy, Debug)]
pub struct ConfigMap<'c> {
    name: &'c str,
    namespace: &'c str,
}

// === impl ConfigMap ===

impl<'c> ConfigMap<'c> {
    /// One of that name in that namespace.
    ///
    /// # Errors
    /// When Kubernetes would not take the names.
    pub fn new(name: &'c str, namespace: &'c str) -> Result<Self, PackageError> {
        let label = |text: &str| text.len() <= MAX_LABEL && is_part(text);
        if name.len() > MAX_NAME || !name.split('.').all(is_part) {
            return Err(PackageError::Name(name.to_owned()));
        }
        if !label(namespace) {
            return Err(PackageError::Namespace(namespace.to_owned()));
        }
        Ok(Self { name, namespace })
    }

    /// The object as YAML, with these files, each by its key.
    ///
    /// # Errors
    /// When a key is none, or when they are more than Kubernetes takes.
    pub fn yaml(&self, files: &[(String, Vec<u8>)]) -> Result<String, PackageError> {
        if let Some((key, _)) = files.iter().find(|(key, _)| !is_key(key)) {
            return Err(PackageError::Key(key.clone()));
        }
        let bytes = files.iter().map(|(key, content)| key.len() + content.len()).sum();
        if bytes > MAX_BYTES {
            return Err(PackageError::TooLarge { bytes, limit: MAX_BYTES });
        }
        Ok(self.head() + &files.iter().map(entry).collect::<String>())
    }

    /// Names are quoted: some, such as `1e3`, would be read as something else than text.
    fn head(&self) -> String {
        let Self { name, namespace } = self;
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \"{name}\"\n  namespace: \"{namespace}\"\n  \
             labels:\n    app.kubernetes.io/managed-by: magtape\n    openpolicyagent.org/policy: wasm\nbinaryData:\n"
        )
    }
}

fn entry((key, content): &(String, Vec<u8>)) -> String {
    format!("  \"{key}\": {}\n", BASE64_STANDARD.encode(content))
}

fn is_key(key: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=MAX_NAME).contains(&key.len()) && key.chars().all(known) && key != "." && !key.starts_with("..")
}

/// Part of a DNS name (RFC 1123), whatever its length.
fn is_part(text: &str) -> bool {
    let inner = |c: char| matches!(c, 'a'..='z' | '0'..='9');
    text.starts_with(inner) && text.ends_with(inner) && text.chars().all(|c| inner(c) || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_kubernetes() {
        for (name, object, namespace) in [
            ("my-policies", true, true),
            ("a.b-1", true, false),
            ("0", true, true),
            ("-a", false, false),
            ("a..b", false, false),
            ("A", false, false),
            ("", false, false),
            (&"a".repeat(64), true, false),
            (&"a".repeat(254), false, false),
        ] {
            assert_eq!(ConfigMap::new(name, "n").is_ok(), object, "{name}");
            assert_eq!(ConfigMap::new("n", name).is_ok(), namespace, "{name}");
        }
    }

    #[test]
    fn the_object_is_what_kubectl_applies() {
        let yaml =
            ConfigMap::new("1e3", "n").unwrap().yaml(&[("a.tar.gz".to_owned(), b"abc".to_vec())]).unwrap();
        assert_eq!(
            yaml,
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \"1e3\"\n  namespace: \"n\"\n  labels:\n    \
             app.kubernetes.io/managed-by: magtape\n    openpolicyagent.org/policy: wasm\nbinaryData:\n  \
             \"a.tar.gz\": YWJj\n"
        );
    }

    #[test]
    fn what_kubernetes_would_refuse_is_an_error() {
        let map = ConfigMap::new("a", "n").unwrap();
        let yaml = |key: &str, bytes: usize| map.yaml(&[(key.to_owned(), vec![0; bytes])]);
        assert!(yaml("k", MAX_BYTES - 1).is_ok());
        assert_eq!(
            yaml("k", MAX_BYTES),
            Err(PackageError::TooLarge { bytes: MAX_BYTES + 1, limit: MAX_BYTES })
        );
        for key in ["", "a b", "ü", "..", "..a", "a/b"] {
            assert_eq!(yaml(key, 1), Err(PackageError::Key(key.to_owned())));
        }
        let text = yaml("k", MAX_BYTES).unwrap_err().to_string();
        assert!(text.contains("1048577 bytes, 1 more than the 1048576"), "{text}");
    }
}
