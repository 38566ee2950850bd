//! X.509 certificates (RFC 5280), read as strictly and as leniently as Go's `x509.ParseCertificate`
//! (<https://pkg.go.dev/crypto/x509#ParseCertificate>): which certificates a policy can look at must not depend on
//! the evaluator.
//!
//! Integers of more than 16,384 bits are refused, and keys on curves that `ecdsa` does not know.

mod constraints;
mod extensions;
mod json;
mod mailbox;
mod name;
mod policies;
mod signature;
mod uri;

use num_bigint::BigUint;

use super::{
    base64,
    der::{Der, Element, MAX_INTEGER_BYTES, Oid, SEQUENCE, Time, constructed, context},
    key::{PublicKey, PublicKeyInfo, right_aligned},
    pem,
};

pub(crate) use constraints::{NameConstraints, Subtrees, is_domain};
pub(crate) use extensions::{Extension, Extensions, SubjectNames};
pub(crate) use json::{
    addresses, bytes, key_algorithm_number, null_if_empty, number, object, oid_value, strings,
};
pub(crate) use mailbox::Mailbox;
pub(crate) use name::Name;
pub(crate) use signature::{SignatureAlgorithm, verify_ed25519};
pub(crate) use uri::Uri;

/// A certificate, whose fields are those of Go's `x509.Certificate`.
pub(crate) struct Certificate<'d> {
    pub(crate) raw: &'d [u8],
    pub(crate) tbs: &'d [u8],
    pub(crate) public_key_info: &'d [u8],
    pub(crate) raw_subject: &'d [u8],
    pub(crate) raw_issuer: &'d [u8],
    pub(crate) signature: Vec<u8>,
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) key_algorithm: Oid,
    pub(crate) key: Option<PublicKey>,
    /// Counted from one.
    pub(crate) version: i64,
    pub(crate) serial: BigUint,
    pub(crate) issuer: Name,
    pub(crate) subject: Name,
    pub(crate) not_before: Time,
    pub(crate) not_after: Time,
    pub(crate) extensions: Extensions<'d>,
}

/// The DER of the certificates in a text: PEM, Base64 of PEM, or Base64 of DER.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    if text.starts_with("-----BEGIN") {
        return decode_pem(text.as_bytes());
    }
    let bytes = base64::decode(text.as_bytes())?;
    if bytes.starts_with(b"-----BEGIN") { decode_pem(&bytes) } else { Some(bytes) }
}

fn decode_pem(text: &[u8]) -> Option<Vec<u8>> {
    let mut der = Vec::new();
    let mut rest = text;
    while let Some(block) = pem::first_block(rest) {
        if block.kind != b"CERTIFICATE" {
            return None;
        }
        der.extend_from_slice(&block.bytes);
        rest = block.rest;
    }
    Some(der)
}

// === impl Certificate ===

impl<'d> Certificate<'d> {
    /// One certificate and nothing else.
    pub(crate) fn parse(der: &'d [u8]) -> Option<Self> {
        let mut outer = Der::new(der);
        Self::next(&mut outer).filter(|_| outer.is_empty())
    }

    /// Any number of certificates, one after another.
    pub(crate) fn parse_all(der: &'d [u8]) -> Option<Vec<Self>> {
        let mut outer = Der::new(der);
        let mut certificates = Vec::new();
        while !outer.is_empty() {
            certificates.push(Self::next(&mut outer)?);
        }
        Some(certificates)
    }

    fn next(outer: &mut Der<'d>) -> Option<Self> {
        let Element { full: raw, body, .. } = outer.element(SEQUENCE)?;
        let mut input = Der::new(body);
        let Element { full: tbs, body, .. } = input.element(SEQUENCE)?;
        let mut fields = Der::new(body);
        let version = parse_version(&mut fields)?;
        let serial = fields.integer().filter(|bytes| bytes.len() <= MAX_INTEGER_BYTES)?;
        if serial.first().is_some_and(|&byte| byte >= 0x80) {
            return None;
        }
        let inner = fields.read(SEQUENCE)?;
        if input.read(SEQUENCE)? != inner {
            return None;
        }
        let algorithm = SignatureAlgorithm::parse(Der::new(inner))?;
        let raw_issuer = fields.element(SEQUENCE)?;
        let issuer = Name::parse(Der::new(raw_issuer.body))?;
        let mut validity = fields.sequence()?;
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        let raw_subject = fields.element(SEQUENCE)?;
        let subject = Name::parse(Der::new(raw_subject.body))?;
        let info = fields.element(SEQUENCE)?;
        let key = PublicKeyInfo::parse(&mut Der::new(info.body))?;
        let extensions = parse_extensions(&mut fields, version)?;
        let (signature, unused) = input.bit_string()?;
        Some(Self {
            raw,
            tbs,
            public_key_info: info.full,
            raw_subject: raw_subject.full,
            raw_issuer: raw_issuer.full,
            signature: right_aligned(signature, unused),
            algorithm,
            key_algorithm: key.algorithm,
            key: key.key,
            version,
            serial: BigUint::from_bytes_be(serial),
            issuer,
            subject,
            not_before,
            not_after,
            extensions,
        })
    }
}

fn parse_version(fields: &mut Der<'_>) -> Option<i64> {
    let version = match fields.optional(constructed(0))? {
        Some(inner) => {
            let mut inner = Der::new(inner);
            inner.small_integer().filter(|_| inner.is_empty())?
        }
        None => 0,
    };
    (0..=2).contains(&version).then_some(version + 1)
}

fn parse_extensions<'d>(fields: &mut Der<'d>, version: i64) -> Option<Extensions<'d>> {
    if version == 1 {
        return Some(Extensions::default());
    }
    fields.optional(context(1))?;
    fields.optional(context(2))?;
    if version == 2 {
        return Some(Extensions::default());
    }
    match fields.optional(constructed(3))? {
        Some(inner) => Extensions::parse(Der::new(inner).sequence()?),
        None => Some(Extensions::default()),
    }
}
