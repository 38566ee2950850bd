//! The algorithms that sign certificates, numbered as Go's `x509.SignatureAlgorithm`, and checking a signature.
//!
//! MD5 and SHA-1 are recognised and never trusted. RSA-PSS counts only with the usual parameters.

use ring::signature::{ED25519, UnparsedPublicKey};

use crate::engine::opa::builtins::crypto::{
    der::{Der, constructed},
    digest::Hash,
    key::{Algorithm, PublicKey},
    rsa::Padding,
};

/// An algorithm, by Go's number; 0 is one that Go does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignatureAlgorithm(pub(crate) i64);

const UNKNOWN: SignatureAlgorithm = SignatureAlgorithm(0);
const PURE_ED25519: SignatureAlgorithm = SignatureAlgorithm(16);

// === impl SignatureAlgorithm ===

impl SignatureAlgorithm {
    /// From the inside of an algorithm identifier; one that is malformed makes the certificate malformed, too.
    pub(crate) fn parse(der: Der<'_>) -> Option<Self> {
        let Algorithm { oid, parameters } = Algorithm::parse(der)?;
        Some(Self(match oid.numbers() {
            [1, 2, 840, 113_549, 1, 1, 4] => 2,
            [1, 2, 840, 113_549, 1, 1, 5] | [1, 3, 14, 3, 2, 29] => 3,
            [1, 2, 840, 113_549, 1, 1, 11] => 4,
            [1, 2, 840, 113_549, 1, 1, 12] => 5,
            [1, 2, 840, 113_549, 1, 1, 13] => 6,
            [1, 2, 840, 10_040, 4, 3] => 7,
            [2, 16, 840, 1, 101, 3, 4, 3, 2] => 8,
            [1, 2, 840, 10_045, 4, 1] => 9,
            [1, 2, 840, 10_045, 4, 3, 2] => 10,
            [1, 2, 840, 10_045, 4, 3, 3] => 11,
            [1, 2, 840, 10_045, 4, 3, 4] => 12,
            [1, 2, 840, 113_549, 1, 1, 10] => return Some(pss(parameters).unwrap_or(UNKNOWN)),
            [1, 3, 101, 112] if parameters.is_empty() => return Some(PURE_ED25519),
            _ => return Some(UNKNOWN),
        }))
    }

    /// Whether the key signed the message with that algorithm.
    pub(crate) fn verify(self, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        let hash = match self.0 {
            4 | 10 | 13 => Hash::Sha256,
            5 | 11 | 14 => Hash::Sha384,
            6 | 12 | 15 => Hash::Sha512,
            _ => {
                return match key {
                    PublicKey::Ed25519(key) if self == PURE_ED25519 => {
                        verify_ed25519(key, message, signature)
                    }
                    _ => false,
                };
            }
        };
        match (self.0, key) {
            (4..=6, PublicKey::Rsa(key)) => key.verify(Padding::Pkcs1, hash, &[message], signature),
            (13..=15, PublicKey::Rsa(key)) => key.verify(Padding::PssSaltOfHash, hash, &[message], signature),
            (10..=12, PublicKey::Ec(key)) => {
                let numbers = numbers(signature);
                numbers.is_some_and(|[r, s]| key.verify(&hash.of(&[message]), r, s))
            }
            _ => false,
        }
    }
}

/// Whether an Ed25519 key signed the message.
pub(crate) fn verify_ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok()
}

/// The two numbers of an ECDSA signature in DER.
fn numbers(der: &[u8]) -> Option<[&[u8]; 2]> {
    let mut outer = Der::new(der);
    let mut inner = outer.sequence().filter(|_| outer.is_empty())?;
    let numbers = [inner.positive()?, inner.positive()?];
    inner.is_empty().then_some(numbers)
}

/// Parameters of RSA-PSS (RFC 4055): one hash for everything, and a salt as long as it.
fn pss(parameters: &[u8]) -> Option<SignatureAlgorithm> {
    let mut fields = Der::new(parameters).sequence()?;
    let hash = algorithm_in(&mut fields, 0)?;
    let mask = algorithm_in(&mut fields, 1)?;
    let salt = Der::new(fields.read(constructed(2))?).small_integer()?;
    if let Some(trailer) = fields.optional(constructed(3))? {
        Der::new(trailer).small_integer().filter(|&trailer| trailer == 1)?;
    }
    let mask_hash = Algorithm::parse(Der::new(mask.parameters).sequence()?)?;
    let is_plain = |algorithm: &Algorithm<'_>| matches!(algorithm.parameters, [] | [5, 0]);
    let fits = is_plain(&hash)
        && is_plain(&mask_hash)
        && mask.oid.is(&[1, 2, 840, 113_549, 1, 1, 8])
        && mask_hash.oid == hash.oid;
    match (hash.oid.numbers(), salt) {
        ([2, 16, 840, 1, 101, 3, 4, 2, 1], 32) if fits => Some(SignatureAlgorithm(13)),
        ([2, 16, 840, 1, 101, 3, 4, 2, 2], 48) if fits => Some(SignatureAlgorithm(14)),
        ([2, 16, 840, 1, 101, 3, 4, 2, 3], 64) if fits => Some(SignatureAlgorithm(15)),
        _ => None,
    }
}

fn algorithm_in<'d>(fields: &mut Der<'d>, number: u8) -> Option<Algorithm<'d>> {
    Algorithm::parse(Der::new(fields.read(constructed(number))?).sequence()?)
}
