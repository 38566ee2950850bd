//! The three parts of a token, and the fields of its header that verification looks at (RFC 7515, section 4).

use std::collections::BTreeSet;

use super::json;
use crate::engine::opa::{builtins::crypto::base64, value::Value};

/// A token, split but not decoded.
pub(super) struct Token<'t> {
    header: &'t str,
    payload: &'t str,
    signature: &'t str,
}

/// A header.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) kid: String,
    pub(super) cty: String,
    /// Whether a field that must be understood is not.
    has_unknown_critical: bool,
}

// === impl Token ===

impl<'t> Token<'t> {
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let mut parts = text.split('.');
        let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then_some(Self { header, payload, signature })
    }

    /// The header's object; one that is encrypted is not supported.
    pub(super) fn header(&self) -> Option<Value> {
        let header = json::parse_object(&base64::decode_part(self.header)?)?;
        header.get("enc").is_none().then_some(header)
    }

    pub(super) fn payload(&self) -> Option<Vec<u8>> {
        base64::decode_part(self.payload)
    }

    pub(super) fn signature(&self) -> Option<Vec<u8>> {
        base64::decode_part(self.signature)
    }

    /// What the signature is of, in parts.
    pub(super) fn signed_parts(&self) -> [&'t [u8]; 3] {
        [self.header.as_bytes(), b".", self.payload.as_bytes()]
    }
}

// === impl Header ===

impl Header {
    pub(super) fn parse(object: &Value) -> Option<Self> {
        let Value::Object(fields) = object else { return None };
        let mut header = Self::default();
        let (mut critical, mut unknown) = (BTreeSet::new(), Vec::new());
        for (name, value) in fields {
            let text = || value.as_str().map(str::to_owned);
            match name.as_str()? {
                "alg" => header.alg = text()?,
                "kid" => header.kid = text()?,
                "cty" => header.cty = text()?,
                "typ" => drop(text()?),
                "crit" => critical = critical_names(value)?,
                name => unknown.push(name),
            }
        }
        header.has_unknown_critical = unknown.iter().any(|name| critical.contains(name));
        Some(header)
    }

    pub(super) fn is_valid(&self) -> bool {
        !self.alg.is_empty() && !self.has_unknown_critical
    }
}

/// The names up to the first value that is none; there must be one.
fn critical_names(value: &Value) -> Option<BTreeSet<&str>> {
    let Value::Array(items) = value else { return None };
    let names: BTreeSet<&str> = items.iter().map_while(Value::as_str).collect();
    (!names.is_empty()).then_some(names)
}
