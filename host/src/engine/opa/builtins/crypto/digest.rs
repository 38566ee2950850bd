//! Hashes and MACs of strings, as lower-case hexadecimal.
//!
//! The algorithms are those of RFC 1321 (MD5), FIPS 180-4 (SHA) and RFC 2104 (HMAC); a string is hashed as its
//! UTF-8. MD5 and SHA-1 are here because policies compare against values that others computed, and nothing else
//! of this program relies on them.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::engine::opa::{
    builtins::{BuiltinError, State},
    value::Value,
};

/// The hash of a signature scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

// === impl Hash ===

impl Hash {
    pub(crate) fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha256 => fold(Sha256::new(), parts),
            Self::Sha384 => fold(Sha384::new(), parts),
            Self::Sha512 => fold(Sha512::new(), parts),
        }
    }

    /// Whether `mac` is the MAC of the message, compared in constant time.
    pub(crate) fn verify_mac(self, key: &[u8], message: &[u8], mac: &[u8]) -> bool {
        macro_rules! verify {
            ($hash:ty) => {
                Hmac::<$hash>::new_from_slice(key)
                    .is_ok_and(|hmac| hmac.chain_update(message).verify_slice(mac).is_ok())
            };
        }
        match self {
            Self::Sha256 => verify!(Sha256),
            Self::Sha384 => verify!(Sha384),
            Self::Sha512 => verify!(Sha512),
        }
    }

    pub(crate) fn mac(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => mac::<Hmac<Sha256>>(key, message),
            Self::Sha384 => mac::<Hmac<Sha384>>(key, message),
            Self::Sha512 => mac::<Hmac<Sha512>>(key, message),
        }
    }
}

pub(super) fn md5(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    hash::<Md5>(args)
}

pub(super) fn sha1(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    hash::<Sha1>(args)
}

pub(super) fn sha256(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    hash::<Sha256>(args)
}

pub(super) fn hmac_md5(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    keyed::<Hmac<Md5>>(args)
}

pub(super) fn hmac_sha1(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    keyed::<Hmac<Sha1>>(args)
}

pub(super) fn hmac_sha256(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    keyed::<Hmac<Sha256>>(args)
}

pub(super) fn hmac_sha512(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    keyed::<Hmac<Sha512>>(args)
}

pub(super) fn hmac_equal(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(left), Value::String(right)] = args else { return Err(not_strings()) };
    let differences = left.bytes().zip(right.bytes()).fold(0, |seen, (l, r)| seen | (l ^ r));
    Ok((left.len() == right.len() && differences == 0).into())
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn fold<H: sha2::Digest>(hash: H, parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().fold(hash, |hash, part| hash.chain_update(part)).finalize().to_vec()
}

fn hash<H: sha2::Digest>(args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text)] = args else { return Err(not_strings()) };
    Ok(hex(&H::digest(text)).into())
}

fn keyed<M: hmac::Mac + hmac::KeyInit>(args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(message), Value::String(key)] = args else { return Err(not_strings()) };
    Ok(hex(&mac::<M>(key.as_bytes(), message.as_bytes())).into())
}

fn mac<M: hmac::Mac + hmac::KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length, so the default is never needed.
    M::new_from_slice(key)
        .map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

fn not_strings() -> BuiltinError {
    BuiltinError::undefined("expected strings")
}
