//! What the two Secrets say: that with the serving certificate, and that with the CA.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::{
    CertificateError,
    identity::{Bundle, Identity},
    pem::{Pem, Secret},
};

/// The chain and the key of the serving certificate, as MagTape has always called them.
pub(super) const CHAIN: &str = "cert.pem";
pub(super) const KEY: &str = "key.pem";

/// All CAs that are trusted, in the Secret of the CA.
pub(super) const BUNDLE: &str = "rootca.pem";

/// The private key of the CA that signs.
pub(super) const AUTHORITY_KEY: &str = "rootca-key.pem";

/// The same in a Secret of cert-manager, or of the type `kubernetes.io/tls`.
const MANAGED_CHAIN: &str = "tls.crt";
const MANAGED_KEY: &str = "tls.key";
const MANAGED_BUNDLE: &str = "ca.crt";

/// Who has this brings the certificate along.
const BRING_YOUR_OWN: &str = "magtape-byoc";

/// Who keeps the certificate new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The replica that leads.
    Ours,
    /// Somebody else; nothing is written.
    Theirs,
}

/// What is in the Secrets; nobody has read the texts.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Who keeps it.
    pub whose: Whose,
    chain: Pem,
    key: Pem,
    bundle: Pem,
    authority_key: Pem,
}

// === impl Seen ===

impl Seen {
    /// What the Secrets `name` and `name`-ca have, each an object or not there.
    pub fn new(name: &str, serving: Option<&Value>, authority: Option<&Value>) -> Self {
        let ca = authority_name(name);
        let serves = |key: &str| value(name, serving, key);
        let signs = |key: &str| value(&ca, authority, key);
        let managed = serves(MANAGED_CHAIN);
        let is_managed = !is_blank(&managed);
        let (chain, key) =
            if is_managed { (managed, serves(MANAGED_KEY)) } else { (serves(CHAIN), serves(KEY)) };
        let own_bundle = serves(MANAGED_BUNDLE);
        let bundle = if is_managed && !is_blank(&own_bundle) { own_bundle } else { signs(BUNDLE) };
        let annotations = serving.and_then(|serving| serving.pointer("/metadata/annotations"));
        let is_brought = annotations.is_some_and(|annotations| annotations.get(BRING_YOUR_OWN).is_some());
        let whose = if is_managed || is_brought { Whose::Theirs } else { Whose::Ours };
        Self { whose, chain, key, bundle, authority_key: signs(AUTHORITY_KEY) }
    }

    /// The serving certificate.
    ///
    /// # Errors
    /// When it is not there or cannot be used.
    pub fn identity(&self) -> Result<Identity, CertificateError> {
        Identity::read(present(&self.chain)?, present(&self.key)?)
    }

    /// The CAs that are trusted.
    ///
    /// # Errors
    /// When there are none, or one cannot be read.
    pub fn bundle(&self) -> Result<Bundle, CertificateError> {
        Bundle::read(present(&self.bundle)?)
    }

    /// The key of the CA that signs.
    ///
    /// # Errors
    /// When it is not there.
    pub fn authority_key(&self) -> Result<&Pem, CertificateError> {
        present(&self.authority_key)
    }
}

/// The Secret of the CA beside the one with that name.
pub(super) fn authority_name(name: &str) -> String {
    format!("{name}-ca")
}

fn is_blank(pem: &Pem) -> bool {
    pem.text.0.trim_ascii().is_empty()
}

fn present(pem: &Pem) -> Result<&Pem, CertificateError> {
    if is_blank(pem) { Err(pem.error("is not there")) } else { Ok(pem) }
}

/// The value of a key; blank if it is not there or no base64.
fn value(name: &str, secret: Option<&Value>, key: &str) -> Pem {
    let encoded = secret.and_then(|secret| secret.get("data")?.get(key)?.as_str());
    let text = encoded.and_then(|encoded| BASE64_STANDARD.decode(encoded).ok()).unwrap_or_default();
    Pem { place: format!("{key} of the Secret {name}"), text: Secret(text) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secret(data: &[(&str, &str)], annotations: &Value) -> Value {
        let data: serde_json::Map<_, _> =
            data.iter().map(|(key, text)| ((*key).to_owned(), BASE64_STANDARD.encode(text).into())).collect();
        json!({"metadata": {"annotations": annotations}, "data": data})
    }

    #[test]
    fn what_is_in_a_secret_says_who_keeps_it_and_where_it_is() {
        let none = json!({});
        let brought = json!({"magtape-byoc": ""});
        let ca = secret(&[("rootca.pem", "ca"), ("rootca-key.pem", "ca key")], &none);
        for (data, annotations, whose, chain, bundle) in [
            (&[("cert.pem", "a"), ("key.pem", "b")][..], &none, Whose::Ours, "a", "ca"),
            (&[("cert.pem", "a"), ("key.pem", "b")], &brought, Whose::Theirs, "a", "ca"),
            (&[("tls.crt", "c"), ("tls.key", "d")], &none, Whose::Theirs, "c", "ca"),
            (&[("tls.crt", "c"), ("ca.crt", "e"), ("cert.pem", "a")], &none, Whose::Theirs, "c", "e"),
            (&[("tls.crt", "c"), ("ca.crt", " \n")], &none, Whose::Theirs, "c", "ca"),
            (&[("tls.crt", ""), ("tls.key", "")], &none, Whose::Ours, "", "ca"),
            (&[("cert.pem", "a"), ("ca.crt", "e")], &none, Whose::Ours, "a", "ca"),
        ] {
            let seen = Seen::new("s", Some(&secret(data, annotations)), Some(&ca));
            assert_eq!(seen.whose, whose, "{data:?}");
            assert_eq!((&*seen.chain.text.0, &*seen.bundle.text.0), (chain.as_bytes(), bundle.as_bytes()));
        }
    }

    #[test]
    fn what_is_no_base64_or_not_there_is_named_and_never_shown() {
        let odd = json!({"data": {"cert.pem": "%%%", "key.pem": 5}});
        for secret in [None, Some(&odd), Some(&json!([]))] {
            let error = Seen::new("s", secret, secret).identity().unwrap_err();
            assert_eq!(error.to_string(), "cert.pem of the Secret s: is not there");
        }
        let seen =
            Seen::new("s", Some(&secret(&[("cert.pem", "a"), ("key.pem", "hidden")], &json!({}))), None);
        assert!(!format!("{seen:?}").contains("hidden"));
        assert_eq!(seen.bundle().unwrap_err().to_string(), "rootca.pem of the Secret s-ca: is not there");
    }
}
