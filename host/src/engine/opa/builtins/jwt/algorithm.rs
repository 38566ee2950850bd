//! The algorithms of JSON Web Signatures (RFC 7518, section 3; RFC 8037) that OPA knows, and what a key of which
//! kind means to them.
//!
//! An ECDSA key of any curve goes with any hash, as in OPA.

use super::web_key::Key;
use crate::engine::opa::builtins::crypto::{
    certificate::verify_ed25519, digest::Hash, key::PublicKey, rsa::Padding,
};

/// An algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Hs(Hash),
    Rs(Hash),
    Ps(Hash),
    Es(Hash),
    EdDsa,
}

/// OPA verifies in two ways that differ in what they let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    /// `io.jwt.verify_*`: public keys only, salts of any length, ECDSA numbers of any length.
    AsNamedByBuiltin,
    /// `io.jwt.decode_verify`: the public half of a private key, too, and exact lengths.
    AsNamedByToken,
}

// === impl Algorithm ===

impl Algorithm {
    pub(super) fn by_name(name: &str) -> Option<Self> {
        if name == "EdDSA" {
            return Some(Self::EdDsa);
        }
        let (family, size) = name.split_at_checked(2)?;
        let hash = match size {
            "256" => Hash::Sha256,
            "384" => Hash::Sha384,
            "512" => Hash::Sha512,
            _ => return None,
        };
        match family {
            "HS" => Some(Self::Hs(hash)),
            "RS" => Some(Self::Rs(hash)),
            "PS" => Some(Self::Ps(hash)),
            "ES" => Some(Self::Es(hash)),
            _ => None,
        }
    }

    pub(super) fn verify(
        self,
        key: &Key,
        message: &[&[u8]],
        signature: &[u8],
        strictness: Strictness,
    ) -> bool {
        let is_strict = strictness == Strictness::AsNamedByToken;
        let public = match key {
            Key::Public(public) => Some(public),
            private if is_strict => private.public(),
            _ => None,
        };
        match (self, public) {
            (Self::Hs(hash), _) => match key {
                Key::Secret(secret) if is_strict && !secret.is_empty() => {
                    hash.verify_mac(secret, &message.concat(), signature)
                }
                _ => false,
            },
            (Self::Rs(hash), Some(PublicKey::Rsa(key))) => {
                key.verify(Padding::Pkcs1, hash, message, signature)
            }
            (Self::Ps(hash), Some(PublicKey::Rsa(key))) => {
                let padding = if is_strict { Padding::PssSaltOfHash } else { Padding::Pss };
                key.verify(padding, hash, message, signature)
            }
            (Self::Es(hash), Some(PublicKey::Ec(key))) => {
                let fits = !is_strict || signature.len() == 2 * key.curve.size();
                let halves = signature.split_at_checked(signature.len() / 2);
                fits && halves.is_some_and(|(r, s)| key.verify(&hash.of(message), r, s))
            }
            (Self::EdDsa, Some(PublicKey::Ed25519(key))) => verify_ed25519(key, &message.concat(), signature),
            _ => false,
        }
    }
}
