//! Keys of tokens: JSON Web Keys and sets of them (RFC 7517, RFC 7518 section 6, RFC 8037), certificates and public
//! keys in PEM.
//!
//! One bad key spoils a whole set, and fields that do not matter must still have the right type, as in the
//! library behind OPA (<https://pkg.go.dev/github.com/lestrrat-go/jwx/v3/jwk>). Of `x5c` only the form is checked.

mod fields;

use num_bigint::BigUint;
use serde_json::value::RawValue;

use super::{algorithm::Algorithm, json};
use crate::engine::opa::{
    builtins::crypto::{
        certificate::Certificate,
        ecdsa::{self, Curve},
        key::{KEY_25519_LENGTH, PrivateKey, PublicKey},
        pem, rsa,
    },
    value::Value,
};

use fields::Fields;

/// As many keys as the library takes in one set.
const MAX_KEYS: usize = 1_000;

/// What a key is.
pub(super) enum Key {
    Public(PublicKey),
    Rsa(RsaNumbers),
    Ec {
        public: PublicKey,
        private: Option<ecdsa::PrivateKey>,
    },
    Ed25519 {
        public: PublicKey,
        seed: Vec<u8>,
    },
    /// A private X25519 key, which neither signs nor verifies.
    X25519,
    Secret(Vec<u8>),
}

/// A private RSA key whose numbers are not checked.
pub(super) struct RsaNumbers {
    public: PublicKey,
    d: BigUint,
    p: BigUint,
    q: BigUint,
    remainders: Option<rsa::Remainders>,
}

/// A key with what a token may say about it; empty where nothing is said.
pub(super) struct VerificationKey {
    pub(super) alg: String,
    pub(super) kid: String,
    pub(super) key: Key,
}

/// The keys of a PEM block or of a JSON Web Key or set. Keys for algorithms that tokens do not use are left out.
pub(super) fn verification_keys(text: &str) -> Option<Vec<VerificationKey>> {
    if let Some(block) = pem::first_block(text.as_bytes()) {
        let key = match block.kind {
            _ if !block.rest.is_empty() => return None,
            b"CERTIFICATE" => Certificate::parse(&block.bytes)?.key,
            b"PUBLIC KEY" => Some(PublicKey::parse_pkix(&block.bytes)?),
            _ => return None,
        };
        // A certificate may have a key of a kind that is not known; it verifies nothing.
        let key = key.map_or(Key::X25519, Key::Public);
        return Some(vec![VerificationKey { alg: String::new(), kid: String::new(), key }]);
    }
    let mut keys = parse(text)?;
    keys.retain(|key| key.alg.is_empty() || Algorithm::by_name(&key.alg).is_some());
    Some(keys)
}

/// The keys of a JSON Web Key or set.
pub(super) fn parse(text: &str) -> Option<Vec<VerificationKey>> {
    let whole = json::parse(text);
    match whole.as_ref().and_then(|set| set.get("keys")) {
        Some(Value::Array(keys)) if keys.len() <= MAX_KEYS => keys.iter().map(parse_key).collect(),
        Some(_) => None,
        None => {
            // What follows a single key is ignored.
            let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
            let first = Value::parse(values.next()?.ok()?.get()).ok()?;
            Some(vec![parse_key(&first)?])
        }
    }
}

fn parse_key(value: &Value) -> Option<VerificationKey> {
    let fields = Fields::new(value)?;
    let key = match fields.text("kty")?? {
        "RSA" => parse_rsa(&fields)?,
        "EC" => parse_ec(&fields)?,
        "OKP" => parse_okp(&fields)?,
        "oct" => Key::Secret(fields.bytes("k")?.filter(|octets| !octets.is_empty())?),
        _ => return None,
    };
    let text = |name| fields.text(name).map(|text| text.unwrap_or_default().to_owned());
    Some(VerificationKey { alg: text("alg")?, kid: text("kid")?, key })
}

fn parse_rsa(fields: &Fields<'_>) -> Option<Key> {
    let number =
        |name: &str| fields.bytes(name).map(|bytes| bytes.map(|bytes| BigUint::from_bytes_be(&bytes)));
    let n = number("n")?.filter(|n| *n != BigUint::ZERO)?;
    let e = i64::try_from(number("e")??).ok().filter(|e| e % 2 == 1)?;
    let public = PublicKey::Rsa(rsa::PublicKey { n, e });
    if !fields.has("d") {
        return Some(Key::Public(public));
    }
    let d = fields.bytes("d")?.filter(|bytes| !bytes.is_empty())?;
    let (p, q) = (number("p")??, number("q")??);
    let remainders = match (number("dp")?, number("dq")?, number("qi")?) {
        (Some(dp), Some(dq), Some(qinv)) => Some([dp, dq, qinv]),
        _ => None,
    };
    Some(Key::Rsa(RsaNumbers { public, d: BigUint::from_bytes_be(&d), p, q, remainders }))
}

fn parse_ec(fields: &Fields<'_>) -> Option<Key> {
    let curve = Curve::by_name(fields.text("crv")??)?;
    let (x, y) = (fields.bytes("x")??, fields.bytes("y")??);
    let is_long_enough = |bytes: &[u8]| bytes.len() == curve.size();
    if !is_long_enough(&x) || !is_long_enough(&y) {
        return None;
    }
    let public = PublicKey::Ec(ecdsa::PublicKey::parse(curve, &[&[4], x.as_slice(), &y].concat())?);
    if !fields.has("d") {
        return Some(Key::Public(public));
    }
    let d = fields.bytes("d")?.filter(|d| is_long_enough(d))?;
    Some(Key::Ec { public, private: ecdsa::PrivateKey::parse(curve, &d) })
}

fn parse_okp(fields: &Fields<'_>) -> Option<Key> {
    let x = fields.bytes("x")?.filter(|x| x.len() == KEY_25519_LENGTH)?;
    let seed = match fields.has("d") {
        true => Some(fields.bytes("d")?.filter(|d| d.len() == KEY_25519_LENGTH)?),
        false => None,
    };
    match (fields.text("crv")??, seed) {
        ("Ed25519", None) => Some(Key::Public(PublicKey::Ed25519(x))),
        ("Ed25519", Some(seed)) => match PrivateKey::from_seed(&seed)? {
            PrivateKey::Ed25519 { seed, public } if public == x => {
                Some(Key::Ed25519 { public: PublicKey::Ed25519(public), seed })
            }
            _ => None,
        },
        ("X25519", None) => Some(Key::Public(PublicKey::X25519(x))),
        ("X25519", Some(_)) => Some(Key::X25519),
        _ => None,
    }
}

// === impl Key ===

impl Key {
    /// The public half.
    pub(super) fn public(&self) -> Option<&PublicKey> {
        match self {
            Self::Public(public) | Self::Ec { public, .. } | Self::Ed25519 { public, .. } => Some(public),
            Self::Rsa(numbers) => Some(&numbers.public),
            Self::X25519 | Self::Secret(_) => None,
        }
    }
}

// === impl RsaNumbers ===

impl RsaNumbers {
    /// The key, if its numbers fit each other.
    pub(super) fn checked(&self) -> Option<rsa::PrivateKey> {
        let PublicKey::Rsa(public) = &self.public else { return None };
        let primes = [self.p.clone(), self.q.clone()];
        rsa::PrivateKey::new(public.clone(), self.d.clone(), primes, self.remainders.clone())
    }
}
