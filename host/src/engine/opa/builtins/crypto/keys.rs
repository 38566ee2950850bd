//! `crypto.parse_private_keys` and `crypto.x509.parse_rsa_private_key`: private keys as Go's structures, and as a
//! JSON Web Key (RFC 7517). Despite its name the latter takes elliptic keys, too.

use num_bigint::BigUint;

use super::{
    base64,
    certificate::{bytes, number, object},
    key::PrivateKey,
    pem,
};
use crate::engine::opa::{
    builtins::{BuiltinError, State},
    value::Value,
};

pub(super) fn parse_private_keys(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text)] = args else { return Err(malformed()) };
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let keys = private_keys(text.as_bytes()).ok_or_else(malformed)?;
    keys.iter().map(value).collect::<Option<_>>().map(Value::Array).ok_or_else(malformed)
}

pub(super) fn parse_rsa_private_key(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text)] = args else { return Err(malformed()) };
    let is_pem = text.starts_with("-----BEGIN");
    let decoded = if is_pem { None } else { base64::decode(text.as_bytes()) };
    if text.is_empty() || (!is_pem && decoded.is_none()) {
        return Err(malformed());
    }
    let keys = private_keys(decoded.as_deref().unwrap_or(text.as_bytes())).ok_or_else(malformed)?;
    keys.first().map_or(Ok(Value::Null), |key| web_key(key).ok_or_else(malformed))
}

/// The keys of a PEM text, which may be in Base64; blocks of other kinds are skipped.
fn private_keys(text: &[u8]) -> Option<Vec<PrivateKey>> {
    let decoded = base64::decode(text);
    let mut rest = decoded.as_deref().unwrap_or(text);
    let mut keys = Vec::new();
    while let Some(block) = pem::first_block(rest) {
        match block.kind {
            b"RSA PRIVATE KEY" => keys.push(PrivateKey::parse_pkcs1(&block.bytes)?),
            b"PRIVATE KEY" => keys.push(PrivateKey::parse_pkcs8(&block.bytes)?),
            b"EC PRIVATE KEY" => keys.push(PrivateKey::parse_sec1(&block.bytes)?),
            _ => {}
        }
        rest = block.rest;
    }
    Some(keys)
}

/// A key as Go's structure of its kind.
pub(super) fn value(key: &PrivateKey) -> Option<Value> {
    Some(match key {
        PrivateKey::Rsa(key) => object([
            ("N", number(&key.public.n)),
            ("E", key.public.e.into()),
            ("D", number(&key.d)),
            ("Primes", Value::Array(vec![number(&key.p), number(&key.q)])),
            (
                "Precomputed",
                object([
                    ("Dp", number(&key.dp)),
                    ("Dq", number(&key.dq)),
                    ("Qinv", number(&key.qinv)),
                    ("CRTValues", Value::Array(Vec::new())),
                ]),
            ),
        ]),
        PrivateKey::Ec(key) => {
            let public = key.public()?;
            object([
                ("Curve", object([])),
                ("X", number(&BigUint::from_bytes_be(public.x()))),
                ("Y", number(&BigUint::from_bytes_be(public.y()))),
                ("D", number(&BigUint::from_bytes_be(&key.d))),
            ])
        }
        PrivateKey::Ed25519 { seed, public } => bytes(&[seed.as_slice(), public].concat()),
        PrivateKey::X25519 => object([]),
    })
}

fn web_key(key: &PrivateKey) -> Option<Value> {
    let field = |bytes: &[u8]| Value::from(base64::encode_url(bytes));
    let integer = |integer: &BigUint| field(&integer.to_bytes_be());
    match key {
        PrivateKey::Rsa(key) => Some(object([
            ("kty", "RSA".into()),
            ("n", integer(&key.public.n)),
            ("e", integer(&BigUint::from(key.public.e.unsigned_abs()))),
            ("d", integer(&key.d)),
            ("p", integer(&key.p)),
            ("q", integer(&key.q)),
            ("dp", integer(&key.dp)),
            ("dq", integer(&key.dq)),
            ("qi", integer(&key.qinv)),
        ])),
        PrivateKey::Ec(key) => {
            let public = key.public()?;
            Some(object([
                ("kty", "EC".into()),
                ("crv", key.curve.name().into()),
                ("x", field(public.x())),
                ("y", field(public.y())),
                ("d", field(&key.d)),
            ]))
        }
        PrivateKey::Ed25519 { seed, public } => Some(object([
            ("kty", "OKP".into()),
            ("crv", "Ed25519".into()),
            ("x", field(public)),
            ("d", field(seed)),
        ])),
        // The public half would have to be computed, and no library here does that.
        PrivateKey::X25519 => None,
    }
}

fn malformed() -> BuiltinError {
    BuiltinError::undefined("not a private key")
}
