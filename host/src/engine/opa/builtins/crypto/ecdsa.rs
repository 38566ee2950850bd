//! ECDSA over the curves P-256, P-384 and P-521 (FIPS 186-5), for any hash with any curve as in Go.
//!
//! P-224, which Go knows as well, is not here: no token algorithm uses it.

use super::der::Oid;

/// A curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    pub(crate) curve: Curve,
    /// Four, and the two coordinates at full length.
    point: Vec<u8>,
}

/// A private key.
#[derive(Clone)]
pub(crate) struct PrivateKey {
    pub(crate) curve: Curve,
    pub(crate) d: Vec<u8>,
}

/// Runs the expression with the crate of the curve as `$c`.
macro_rules! on_curve {
    ($curve:expr, $c:ident => $body:expr) => {
        match $curve {
            Curve::P256 => {
                use p256 as $c;
                $body
            }
            Curve::P384 => {
                use p384 as $c;
                $body
            }
            Curve::P521 => {
                use p521 as $c;
                $body
            }
        }
    };
}

// === impl Curve ===

impl Curve {
    pub(crate) fn by_oid(oid: &Oid) -> Option<Self> {
        match oid.numbers() {
            [1, 2, 840, 10045, 3, 1, 7] => Some(Self::P256),
            [1, 3, 132, 0, 34] => Some(Self::P384),
            [1, 3, 132, 0, 35] => Some(Self::P521),
            _ => None,
        }
    }

    /// By the name that JSON Web Keys use.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        [Self::P256, Self::P384, Self::P521].into_iter().find(|curve| curve.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The length of a coordinate and of a private key.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

// === impl PublicKey ===

impl PublicKey {
    /// From an uncompressed point, which must lie on the curve.
    pub(crate) fn parse(curve: Curve, point: &[u8]) -> Option<Self> {
        let is_sound = point.len() == 1 + 2 * curve.size()
            && point.first() == Some(&4)
            && on_curve!(curve, c => c::ecdsa::VerifyingKey::from_sec1_bytes(point).is_ok());
        is_sound.then(|| Self { curve, point: point.to_vec() })
    }

    pub(crate) fn x(&self) -> &[u8] {
        self.point.get(1..=self.curve.size()).unwrap_or_default()
    }

    pub(crate) fn y(&self) -> &[u8] {
        self.point.get(1 + self.curve.size()..).unwrap_or_default()
    }

    /// Whether the numbers `r` and `s` are a signature of what has that digest.
    pub(crate) fn verify(&self, digest: &[u8], r: &[u8], s: &[u8]) -> bool {
        let size = self.curve.size();
        let (Some(r), Some(s)) = (padded(r, size), padded(s, size)) else { return false };
        let (Some(digest), scalars) = (padded_digest(digest, size), [r, s].concat()) else { return false };
        on_curve!(self.curve, c => {
            use c::ecdsa::signature::hazmat::PrehashVerifier as _;
            let signature = c::ecdsa::Signature::from_slice(&scalars);
            let key = c::ecdsa::VerifyingKey::from_sec1_bytes(&self.point);
            match (key, signature) {
                (Ok(key), Ok(signature)) => key.verify_prehash(&digest, &signature).is_ok(),
                _ => false,
            }
        })
    }
}

// === impl PrivateKey ===

impl PrivateKey {
    /// From the number, which must be below the order of the curve and not zero.
    pub(crate) fn parse(curve: Curve, d: &[u8]) -> Option<Self> {
        let d = padded(d, curve.size())?;
        let is_sound = on_curve!(curve, c => c::ecdsa::SigningKey::from_slice(&d).is_ok());
        is_sound.then_some(Self { curve, d })
    }

    pub(crate) fn public(&self) -> Option<PublicKey> {
        let point = on_curve!(self.curve, c => {
            let key = c::ecdsa::SigningKey::from_slice(&self.d).ok()?;
            key.verifying_key().to_sec1_point(false).as_bytes().to_vec()
        });
        Some(PublicKey { curve: self.curve, point })
    }

    /// The numbers `r` and `s` at full length. They are computed as RFC 6979 says, so that an evaluation can be
    /// repeated; Go takes random ones.
    pub(crate) fn sign(&self, digest: &[u8]) -> Option<Vec<u8>> {
        let digest = padded_digest(digest, self.curve.size())?;
        on_curve!(self.curve, c => {
            use c::ecdsa::signature::hazmat::PrehashSigner as _;
            let key = c::ecdsa::SigningKey::from_slice(&self.d).ok()?;
            let signature: c::ecdsa::Signature = key.sign_prehash(&digest).ok()?;
            Some(signature.to_bytes().to_vec())
        })
    }
}

/// The number in `size` bytes.
fn padded(number: &[u8], size: usize) -> Option<Vec<u8>> {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    let digits = number.get(zeros..)?;
    let mut bytes = vec![0; size.checked_sub(digits.len())?];
    bytes.extend_from_slice(digits);
    Some(bytes)
}

/// A digest is a number, too, and one that is longer than the order of the curve is cut at its end.
fn padded_digest(digest: &[u8], size: usize) -> Option<Vec<u8>> {
    padded(digest.get(..size).unwrap_or(digest), size)
}
