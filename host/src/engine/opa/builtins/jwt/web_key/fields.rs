//! The fields of a JSON Web Key, with their types.

use crate::engine::opa::{
    builtins::crypto::{base64, certificate::Certificate},
    value::Value,
};

/// A key's fields; each that has a meaning for any key has the right type.
pub(super) struct Fields<'v> {
    object: &'v Value,
}

/// As many certificates as the library takes.
const MAX_CHAIN: usize = 10;

/// Algorithms that are known beside those that sign tokens.
const OTHER_ALGORITHMS: &[&str] = &[
    "ES256K",
    "Ed25519",
    "none",
    "A128GCMKW",
    "A128KW",
    "A192GCMKW",
    "A192KW",
    "A256GCMKW",
    "A256KW",
    "ECDH-ES",
    "ECDH-ES+A128KW",
    "ECDH-ES+A192KW",
    "ECDH-ES+A256KW",
    "PBES2-HS256+A128KW",
    "PBES2-HS384+A192KW",
    "PBES2-HS512+A256KW",
    "RSA-OAEP",
    "RSA-OAEP-256",
    "RSA-OAEP-384",
    "RSA-OAEP-512",
    "RSA1_5",
    "dir",
    "A128CBC-HS256",
    "A128GCM",
    "A192CBC-HS384",
    "A192GCM",
    "A256CBC-HS512",
    "A256GCM",
];

// === impl Fields ===

impl<'v> Fields<'v> {
    /// The fields of an object.
    pub(super) fn new(object: &'v Value) -> Option<Self> {
        let fields = Self { object };
        matches!(object, Value::Object(_)).then_some(())?;
        for name in ["kid", "use", "x5t", "x5t#S256", "x5u"] {
            fields.text(name)?;
        }
        let is_known =
            |alg: &str| super::Algorithm::by_name(alg).is_some() || OTHER_ALGORITHMS.contains(&alg);
        fields.text("alg")?.is_none_or(is_known).then_some(())?;
        fields.are_operations().then_some(())?;
        fields.is_chain().then_some(())?;
        Some(fields)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some()
    }

    /// A string, which `null` stands for, too; the outer `None` means that it is none.
    pub(super) fn text(&self, name: &str) -> Option<Option<&'v str>> {
        match self.object.get(name) {
            None => Some(None),
            Some(Value::Null) => Some(Some("")),
            Some(value) => value.as_str().map(Some),
        }
    }

    /// A string in Base64; the outer `None` means that it is none.
    pub(super) fn bytes(&self, name: &str) -> Option<Option<Vec<u8>>> {
        match self.text(name)? {
            Some(text) => base64::decode_guessing(text).map(Some),
            None => Some(None),
        }
    }

    fn are_operations(&self) -> bool {
        match self.object.get("key_ops") {
            None | Some(Value::Null) => true,
            Some(Value::Array(items)) => {
                items.iter().all(|item| matches!(item, Value::String(_) | Value::Null))
            }
            Some(_) => false,
        }
    }

    fn is_chain(&self) -> bool {
        let is_certificate = |item: &Value| {
            let text = item.as_str().unwrap_or_default();
            let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
            base64::decode(&digits).is_some_and(|der| Certificate::parse(&der).is_some())
        };
        match self.object.get("x5c") {
            None => true,
            Some(Value::Array(items)) => items.len() <= MAX_CHAIN && items.iter().all(is_certificate),
            Some(_) => false,
        }
    }
}
