//! `crypto.*`: hashes, MACs, and X.509 certificates, requests and private keys as objects.
//!
//! What the functions take and answer is OPA's policy reference
//! (<https://www.openpolicyagent.org/docs/policy-reference/builtins/crypto>); the objects are the JSON of Go's
//! `crypto/x509` structures, so the parts here follow that package and say where they stop. `io.jwt.*` takes its
//! keys and signatures from here. No key material is kept after a call, and nothing is read from the machine.

pub(crate) mod base64;
pub(crate) mod certificate;
mod chain;
pub(crate) mod digest;
pub(crate) mod ecdsa;
pub(crate) mod key;
mod keys;
pub(crate) mod pem;
mod request;
pub(crate) mod rsa;
pub(crate) mod text;
mod x509;

use super::Builtin;
use crate::der;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "crypto.hmac.equal", arity: 2, call: digest::hmac_equal },
    Builtin { name: "crypto.hmac.md5", arity: 2, call: digest::hmac_md5 },
    Builtin { name: "crypto.hmac.sha1", arity: 2, call: digest::hmac_sha1 },
    Builtin { name: "crypto.hmac.sha256", arity: 2, call: digest::hmac_sha256 },
    Builtin { name: "crypto.hmac.sha512", arity: 2, call: digest::hmac_sha512 },
    Builtin { name: "crypto.md5", arity: 1, call: digest::md5 },
    Builtin { name: "crypto.parse_private_keys", arity: 1, call: keys::parse_private_keys },
    Builtin { name: "crypto.sha1", arity: 1, call: digest::sha1 },
    Builtin { name: "crypto.sha256", arity: 1, call: digest::sha256 },
    Builtin {
        name: "crypto.x509.parse_and_verify_certificates",
        arity: 1,
        call: x509::parse_and_verify_certificates,
    },
    Builtin {
        name: "crypto.x509.parse_and_verify_certificates_with_options",
        arity: 2,
        call: x509::parse_and_verify_with_options,
    },
    Builtin {
        name: "crypto.x509.parse_certificate_request",
        arity: 1,
        call: x509::parse_certificate_request,
    },
    Builtin { name: "crypto.x509.parse_certificates", arity: 1, call: x509::parse_certificates },
    Builtin { name: "crypto.x509.parse_keypair", arity: 2, call: x509::parse_keypair },
    Builtin { name: "crypto.x509.parse_rsa_private_key", arity: 1, call: keys::parse_rsa_private_key },
];

#[cfg(test)]
mod tests;
