//! Public and private keys as certificates, PEM files and tokens carry them: `SubjectPublicKeyInfo` (RFC 5280),
//! PKCS #1 and #8 (RFC 8017, RFC 5958) and SEC 1 (RFC 5915), with the checks of Go's `crypto/x509`.

mod private;

use num_bigint::BigUint;

use super::{
    der::{Der, Oid},
    ecdsa::{self, Curve},
    rsa,
};

pub(crate) use private::PrivateKey;

const RSA: &[u64] = &[1, 2, 840, 113_549, 1, 1, 1];
const EC: &[u64] = &[1, 2, 840, 10_045, 2, 1];
const ED25519: &[u64] = &[1, 3, 101, 112];
const X25519: &[u64] = &[1, 3, 101, 110];
const DSA: &[u64] = &[1, 2, 840, 10_040, 4, 1];
const NULL: &[u8] = &[5, 0];

/// The length of the keys of Curve25519, public and private.
pub(crate) const KEY_25519_LENGTH: usize = 32;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    Rsa(rsa::PublicKey),
    Ec(ecdsa::PublicKey),
    Ed25519(Vec<u8>),
    X25519(Vec<u8>),
    Dsa { p: BigUint, q: BigUint, g: BigUint, y: BigUint },
}

/// `SubjectPublicKeyInfo`, taken apart.
pub(crate) struct PublicKeyInfo {
    pub(crate) algorithm: Oid,
    /// None for an algorithm that Go does not know.
    pub(crate) key: Option<PublicKey>,
}

/// An algorithm and its parameters with tag and length, which are empty if there are none.
pub(crate) struct Algorithm<'d> {
    pub(crate) oid: Oid,
    pub(crate) parameters: &'d [u8],
}

// === impl PublicKey ===

impl PublicKey {
    /// From the bytes of a PEM block `PUBLIC KEY`.
    pub(crate) fn parse_pkix(der: &[u8]) -> Option<Self> {
        let mut outer = Der::new(der);
        let mut inner = outer.sequence()?;
        // Nothing may follow the structure; what follows within it is ignored, as in Go.
        PublicKeyInfo::parse(&mut inner).filter(|_| outer.is_empty())?.key
    }
}

// === impl PublicKeyInfo ===

impl PublicKeyInfo {
    /// From the inside of the sequence.
    pub(crate) fn parse(info: &mut Der<'_>) -> Option<Self> {
        let algorithm = Algorithm::parse(info.sequence()?)?;
        let (bits, unused) = info.bit_string()?;
        let bytes = right_aligned(bits, unused);
        let parameters = algorithm.parameters;
        let key = match algorithm.oid.numbers() {
            RSA if parameters == NULL => Some(PublicKey::Rsa(parse_rsa(&bytes)?)),
            RSA => return None,
            EC => {
                let curve = Curve::by_oid(&Der::new(parameters).oid()?)?;
                Some(PublicKey::Ec(ecdsa::PublicKey::parse(curve, &bytes)?))
            }
            ED25519 => Some(PublicKey::Ed25519(parse_25519(parameters, bytes)?)),
            X25519 => Some(PublicKey::X25519(parse_25519(parameters, bytes)?)),
            DSA => Some(parse_dsa(parameters, &bytes)?),
            _ => None,
        };
        Some(Self { algorithm: algorithm.oid, key })
    }
}

// === impl Algorithm ===

impl<'d> Algorithm<'d> {
    /// From the inside of the sequence.
    pub(crate) fn parse(mut der: Der<'d>) -> Option<Self> {
        let oid = der.oid()?;
        let parameters = if der.is_empty() { &[] } else { der.any()?.full };
        Some(Self { oid, parameters })
    }
}

fn parse_rsa(der: &[u8]) -> Option<rsa::PublicKey> {
    let mut numbers = Der::new(der).sequence()?;
    let n = numbers.number()?;
    let e = numbers.small_integer().filter(|&e| e > 0)?;
    Some(rsa::PublicKey { n, e })
}

fn parse_25519(parameters: &[u8], key: Vec<u8>) -> Option<Vec<u8>> {
    (parameters.is_empty() && key.len() == KEY_25519_LENGTH).then_some(key)
}

fn parse_dsa(parameters: &[u8], key: &[u8]) -> Option<PublicKey> {
    let y = Der::new(key).number()?;
    let mut numbers = Der::new(parameters).sequence()?;
    Some(PublicKey::Dsa { p: numbers.number()?, q: numbers.number()?, g: numbers.number()?, y })
}

/// The bits with those that do not count moved out at the end.
pub(crate) fn right_aligned(bytes: &[u8], unused: u8) -> Vec<u8> {
    if unused == 0 {
        return bytes.to_vec();
    }
    let before = std::iter::once(0).chain(bytes.iter().copied());
    before.zip(bytes).map(|(high, low)| (high << (8 - unused)) | (low >> unused)).collect()
}
