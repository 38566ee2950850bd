//! `io.jwt.encode_sign` and `io.jwt.encode_sign_raw`: signing a payload with a JSON Web Key.
//!
//! The key decides nothing but whether it can do what the header's `alg` says; ECDSA signatures are those of
//! RFC 6979, so the same call has the same answer, and RSA keys have 2,048 to 4,096 bits.

use super::{algorithm::Algorithm, json, web_key, web_key::Key};
use crate::engine::opa::{
    builtins::{
        BuiltinError, State,
        crypto::{base64::encode_url, key::PrivateKey, rsa::Padding},
    },
    value::Value,
};

pub(super) fn encode_sign(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [headers, payload, key] = args else { return Err(unsigned()) };
    sign(state, &json::write(headers), &json::write(payload), &json::write(key))
}

pub(super) fn encode_sign_raw(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(headers), Value::String(payload), Value::String(key)] = args else {
        return Err(unsigned());
    };
    sign(state, headers, payload, key)
}

fn sign(state: &State, headers: &str, payload: &str, key: &str) -> Result<Value, BuiltinError> {
    // Base64 takes a third more.
    if headers.len().saturating_add(payload.len()) / 3 * 4 > state.max_output_bytes {
        return Err(BuiltinError::Limit("io.jwt.encode_sign: the token would be too long".to_owned()));
    }
    token(headers, payload, key).map(Value::from).ok_or_else(unsigned)
}

fn token(headers: &str, payload: &str, key: &str) -> Option<String> {
    let keys = web_key::parse(key)?;
    let key = &keys.first()?.key;
    let fields = json::parse(headers)?;
    let algorithm = Algorithm::by_name(fields.get("alg")?.as_str()?)?;
    let kind = fields.get("typ").and_then(Value::as_str);
    if kind.is_none_or(|kind| kind == "JWT") && !json::is_json(payload) {
        return None;
    }
    let message = format!("{}.{}", encode_url(headers.as_bytes()), encode_url(payload.as_bytes()));
    let signature = signature(key, algorithm, message.as_bytes())?;
    Some(format!("{message}.{}", encode_url(&signature)))
}

fn signature(key: &Key, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
    match (algorithm, key) {
        (Algorithm::Hs(hash), Key::Secret(secret)) => Some(hash.mac(secret, message)),
        (Algorithm::Rs(hash), Key::Rsa(numbers)) => numbers.checked()?.sign(Padding::Pkcs1, hash, message),
        (Algorithm::Ps(hash), Key::Rsa(numbers)) => {
            numbers.checked()?.sign(Padding::PssSaltOfHash, hash, message)
        }
        (Algorithm::Es(hash), Key::Ec { private, .. }) => private.as_ref()?.sign(&hash.of(&[message])),
        (Algorithm::EdDsa, Key::Ed25519 { seed, .. }) => PrivateKey::sign_ed25519(seed, message),
        _ => None,
    }
}

fn unsigned() -> BuiltinError {
    BuiltinError::undefined("the token cannot be signed")
}
