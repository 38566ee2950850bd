//! `io.jwt.*`: JSON Web Tokens in the compact form (RFC 7515, RFC 7519): decoding, verifying and signing.
//!
//! What the functions take and answer is OPA's policy reference
//! (<https://www.openpolicyagent.org/docs/policy-reference/builtins/tokens>). A signature that does not verify is
//! an answer, `false`; a token or a key that cannot be read makes the call undefined. `io.jwt.verify_*` trusts
//! its name and not the algorithm that a token claims. Nothing is remembered between calls, so a token is never
//! taken for verified because it once was.

mod algorithm;
mod constraints;
mod json;
mod sign;
mod token;
mod web_key;

use super::{Builtin, BuiltinError, State, crypto::digest::Hash};
use crate::engine::opa::value::Value;

use algorithm::{Algorithm, Strictness};
use token::Token;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "io.jwt.decode", arity: 1, call: decode },
    Builtin { name: "io.jwt.decode_verify", arity: 2, call: constraints::decode_verify },
    Builtin { name: "io.jwt.encode_sign", arity: 3, call: sign::encode_sign },
    Builtin { name: "io.jwt.encode_sign_raw", arity: 3, call: sign::encode_sign_raw },
    verifier("io.jwt.verify_eddsa", |_, args| verify(args, Algorithm::EdDsa)),
    verifier("io.jwt.verify_es256", |_, args| verify(args, Algorithm::Es(Hash::Sha256))),
    verifier("io.jwt.verify_es384", |_, args| verify(args, Algorithm::Es(Hash::Sha384))),
    verifier("io.jwt.verify_es512", |_, args| verify(args, Algorithm::Es(Hash::Sha512))),
    verifier("io.jwt.verify_hs256", |_, args| verify_secret(args, Hash::Sha256)),
    verifier("io.jwt.verify_hs384", |_, args| verify_secret(args, Hash::Sha384)),
    verifier("io.jwt.verify_hs512", |_, args| verify_secret(args, Hash::Sha512)),
    verifier("io.jwt.verify_ps256", |_, args| verify(args, Algorithm::Ps(Hash::Sha256))),
    verifier("io.jwt.verify_ps384", |_, args| verify(args, Algorithm::Ps(Hash::Sha384))),
    verifier("io.jwt.verify_ps512", |_, args| verify(args, Algorithm::Ps(Hash::Sha512))),
    verifier("io.jwt.verify_rs256", |_, args| verify(args, Algorithm::Rs(Hash::Sha256))),
    verifier("io.jwt.verify_rs384", |_, args| verify(args, Algorithm::Rs(Hash::Sha384))),
    verifier("io.jwt.verify_rs512", |_, args| verify(args, Algorithm::Rs(Hash::Sha512))),
];

const fn verifier(
    name: &'static str,
    call: fn(&mut State, &[Value]) -> Result<Value, BuiltinError>,
) -> Builtin {
    Builtin { name, arity: 2, call }
}

/// Header, payload and signature of a token, none of them verified; of the innermost one where a token is the
/// payload of another.
fn decode(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text)] = args else { return Err(unreadable()) };
    let mut text = text.clone();
    loop {
        let token = Token::parse(&text).ok_or_else(unreadable)?;
        let header = token.header().ok_or_else(unreadable)?;
        let payload = token.payload().ok_or_else(unreadable)?;
        match header.get("cty") {
            Some(Value::String(kind)) if kind == "JWT" => {
                let inner = String::from_utf8(payload).map_err(|_| unreadable())?;
                inner.trim_matches(['"', '\'']).clone_into(&mut text);
                continue;
            }
            Some(Value::String(_)) | None => {}
            Some(_) => return Err(unreadable()),
        }
        let signature = token.signature().ok_or_else(unreadable)?;
        if text.len() + signature.len() * 2 > state.max_output_bytes {
            return Err(BuiltinError::Limit("io.jwt.decode: the token is too long".to_owned()));
        }
        let payload = json::parse_object(&payload).ok_or_else(unreadable)?;
        return Ok(Value::Array(vec![header, payload, super::crypto::digest::hex(&signature).into()]));
    }
}

fn verify(args: &[Value], algorithm: Algorithm) -> Result<Value, BuiltinError> {
    let [Value::String(text), Value::String(keys)] = args else { return Err(unreadable()) };
    is_verified(text, keys, algorithm).map(Value::from).ok_or_else(unreadable)
}

/// Whether one of the keys signed the token; the one that the token names, if there is one of that name.
fn is_verified(text: &str, keys: &str, algorithm: Algorithm) -> Option<bool> {
    let token = Token::parse(text)?;
    let keys = web_key::verification_keys(keys)?;
    let signature = token.signature()?;
    let header = token::Header::parse(&token.header()?)?;
    let message = token.signed_parts();
    let fits = |key: &web_key::VerificationKey| {
        algorithm.verify(&key.key, &message, &signature, Strictness::AsNamedByBuiltin)
    };
    if !header.kid.is_empty()
        && let Some(named) = keys.iter().find(|key| key.kid == header.kid)
    {
        return Some(fits(named));
    }
    Some(keys.iter().any(|key| (key.alg.is_empty() || key.alg == header.alg) && fits(key)))
}

fn verify_secret(args: &[Value], hash: Hash) -> Result<Value, BuiltinError> {
    let [Value::String(text), Value::String(secret)] = args else { return Err(unreadable()) };
    let token = Token::parse(text).ok_or_else(unreadable)?;
    let signature = token.signature().ok_or_else(unreadable)?;
    Ok(hash.verify_mac(secret.as_bytes(), &token.signed_parts().concat(), &signature).into())
}

fn unreadable() -> BuiltinError {
    BuiltinError::undefined("the token or the key cannot be read")
}

#[cfg(test)]
mod tests;
