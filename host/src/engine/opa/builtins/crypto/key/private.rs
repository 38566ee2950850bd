//! Private keys of PEM blocks: `RSA PRIVATE KEY` (PKCS #1), `PRIVATE KEY` (PKCS #8) and `EC PRIVATE KEY` (SEC 1),
//! as Go's `crypto/x509` parses them. RSA keys of more than two primes are not read.

use ring::signature::{Ed25519KeyPair, KeyPair as _};

use super::{Algorithm, EC, ED25519, KEY_25519_LENGTH, PublicKey, RSA, X25519};
use crate::engine::opa::builtins::crypto::{
    der::{Der, INTEGER, OCTET_STRING, constructed},
    ecdsa::{self, Curve},
    rsa,
};

/// A private key.
pub(crate) enum PrivateKey {
    Rsa(Box<rsa::PrivateKey>),
    Ec(ecdsa::PrivateKey),
    Ed25519 {
        seed: Vec<u8>,
        public: Vec<u8>,
    },
    /// It is recognised, and that is all.
    X25519,
}

// === impl PrivateKey ===

impl PrivateKey {
    pub(crate) fn parse_pkcs1(der: &[u8]) -> Option<Self> {
        let mut outer = Der::new(der);
        let mut numbers = outer.sequence().filter(|_| outer.is_empty())?;
        // Version 1 has more than two primes.
        numbers.small_integer().filter(|&version| version <= 0)?;
        let (n, e) = (numbers.number()?, numbers.small_integer()?);
        let (d, primes) = (numbers.number()?, [numbers.number()?, numbers.number()?]);
        let mut remainders = Vec::new();
        while numbers.next_is(INTEGER) && remainders.len() < 3 {
            remainders.push(numbers.number()?);
        }
        let key = rsa::PrivateKey::new(rsa::PublicKey { n, e }, d, primes, remainders.try_into().ok())?;
        Some(Self::Rsa(Box::new(key)))
    }

    pub(crate) fn parse_pkcs8(der: &[u8]) -> Option<Self> {
        let mut info = Der::new(der).sequence()?;
        info.small_integer()?;
        let algorithm = Algorithm::parse(info.sequence()?)?;
        let key = info.read(OCTET_STRING)?;
        match algorithm.oid.numbers() {
            RSA => Self::parse_pkcs1(key),
            EC => match Der::new(algorithm.parameters).oid() {
                Some(oid) => parse_sec1(key, Some(Curve::by_oid(&oid)?)),
                None => parse_sec1(key, None),
            },
            ED25519 => Self::from_seed(&parse_25519(algorithm.parameters, key)?),
            X25519 => parse_25519(algorithm.parameters, key).map(|_| Self::X25519),
            _ => None,
        }
    }

    pub(crate) fn parse_sec1(der: &[u8]) -> Option<Self> {
        parse_sec1(der, None)
    }

    /// The Ed25519 key of a seed.
    pub(crate) fn from_seed(seed: &[u8]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        Some(Self::Ed25519 { seed: seed.to_vec(), public: pair.public_key().as_ref().to_vec() })
    }

    pub(crate) fn sign_ed25519(seed: &[u8], message: &[u8]) -> Option<Vec<u8>> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        Some(pair.sign(message).as_ref().to_vec())
    }

    /// Whether this is the private half of that key, by the numbers that Go's `tls.X509KeyPair` compares.
    pub(crate) fn is_key_of(&self, key: &PublicKey) -> bool {
        match (self, key) {
            (Self::Rsa(own), PublicKey::Rsa(key)) => own.public.n == key.n,
            (Self::Ec(own), PublicKey::Ec(key)) => own.public().is_some_and(|public| public == *key),
            (Self::Ed25519 { public, .. }, PublicKey::Ed25519(key)) => public == key,
            _ => false,
        }
    }
}

fn parse_sec1(der: &[u8], curve: Option<Curve>) -> Option<PrivateKey> {
    let mut info = Der::new(der).sequence()?;
    info.small_integer().filter(|&version| version == 1)?;
    let d = info.read(OCTET_STRING)?;
    let own_curve = match info.optional(constructed(0))? {
        Some(inner) => Some(Der::new(inner).oid()?),
        None => None,
    };
    if let Some(public) = info.optional(constructed(1))? {
        Der::new(public).bit_string()?;
    }
    let curve = match (curve, own_curve) {
        (Some(curve), _) => curve,
        (None, own) => Curve::by_oid(&own?)?,
    };
    ecdsa::PrivateKey::parse(curve, d).map(PrivateKey::Ec)
}

fn parse_25519(parameters: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    let seed = Der::new(key).read(OCTET_STRING)?;
    (parameters.is_empty() && seed.len() == KEY_25519_LENGTH).then(|| seed.to_vec())
}
