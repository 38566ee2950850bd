//! RSA as JSON tokens and certificates use it (RFC 8017): checking signatures, checking private keys and
//! signing.
//!
//! A signature is checked with plain big integers, because everything about it is public and because Go accepts
//! moduli and salts that `ring` does not. Signing handles a secret and is left to `ring`, which limits it to
//! moduli of 2,048 to 4,096 bits. Moduli below 1,024 bits are refused as in Go.

mod private;

use num_bigint::BigUint;

use super::digest::Hash;

pub(crate) use private::{PrivateKey, Remainders};

/// Go refuses smaller moduli.
const MIN_BITS: u64 = 1_024;
/// Twice what anyone uses, and the limit of Go's TLS; checking a signature with a modulus that large takes about a
/// millisecond, and a set of keys may have a thousand.
const MAX_BITS: u64 = 8_192;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    pub(crate) n: BigUint,
    pub(crate) e: i64,
}

/// How a hash becomes a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    Pkcs1,
    /// With a salt of any length.
    Pss,
    /// With a salt as long as the hash.
    PssSaltOfHash,
}

// === impl PublicKey ===

impl PublicKey {
    /// Whether the parts of the message, one after another, have that signature.
    pub(crate) fn verify(&self, padding: Padding, hash: Hash, message: &[&[u8]], signature: &[u8]) -> bool {
        let bits = self.n.bits();
        if !self.is_usable() || usize::try_from(bits.div_ceil(8)) != Ok(signature.len()) {
            return false;
        }
        let number = BigUint::from_bytes_be(signature);
        if number >= self.n {
            return false;
        }
        let encoded = number.modpow(&BigUint::from(self.e.unsigned_abs()), &self.n).to_bytes_be();
        let digest = hash.of(message);
        match padding {
            Padding::Pkcs1 => is_pkcs1(&encoded, hash, &digest, signature.len()),
            Padding::Pss => pss_salt(&encoded, hash, &digest, bits).is_some(),
            Padding::PssSaltOfHash => pss_salt(&encoded, hash, &digest, bits) == Some(digest.len()),
        }
    }

    /// What Go demands of a key before it uses it.
    pub(crate) fn is_usable(&self) -> bool {
        (MIN_BITS..=MAX_BITS).contains(&self.n.bits()) && self.has_sound_numbers()
    }

    fn has_sound_numbers(&self) -> bool {
        self.n.bit(0) && self.e % 2 == 1 && (2..1 << 31).contains(&self.e) && self.n.bits() <= MAX_BITS
    }
}

/// EMSA-PKCS1-v1_5; `encoded` is without leading zeros.
fn is_pkcs1(encoded: &[u8], hash: Hash, digest: &[u8], length: usize) -> bool {
    let info = [digest_info(hash), digest].concat();
    let Some(fill) = length.checked_sub(info.len() + 3).filter(|&fill| fill >= 8) else { return false };
    // The first byte of the padding is zero, and so the number does not have it.
    let parts: [&[u8]; 4] = [&[1], &vec![0xff; fill], &[0], &info];
    encoded == parts.concat()
}

/// The beginning of the DER of `DigestInfo` (RFC 8017, section 9.2, note 1).
fn digest_info(hash: Hash) -> &'static [u8] {
    match hash {
        Hash::Sha256 => b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        Hash::Sha384 => b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
        Hash::Sha512 => b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
    }
}

/// EMSA-PSS: the length of the salt, if the encoding is consistent (RFC 8017, section 9.1.2).
fn pss_salt(encoded: &[u8], hash: Hash, digest: &[u8], modulus_bits: u64) -> Option<usize> {
    let bits = modulus_bits - 1;
    let length = usize::try_from(bits.div_ceil(8)).ok()?;
    let leading_zeros = length.checked_sub(encoded.len())?;
    let full = [vec![0; leading_zeros].as_slice(), encoded].concat();
    let (body, trailer) = full.split_at_checked(length.checked_sub(1)?)?;
    let (masked, seed) = body.split_at_checked(body.len().checked_sub(digest.len())?)?;
    // The bits of the first byte that the modulus does not have.
    let mask = 0xff_u8 >> ((8 - bits % 8) % 8);
    if trailer != [0xbc] || masked.first()? & !mask != 0 {
        return None;
    }
    let mut block = unmask(masked, seed, hash);
    *block.first_mut()? &= mask;
    let zeros = block.iter().position(|&byte| byte != 0)?;
    let salt = block.get(zeros..)?.strip_prefix(&[1])?;
    (hash.of(&[&[0; 8], digest, salt]) == seed).then_some(salt.len())
}

/// The bytes exclusive-or those that MGF1 makes of the seed.
fn unmask(masked: &[u8], seed: &[u8], hash: Hash) -> Vec<u8> {
    let mask = (0_u32..).flat_map(|counter| hash.of(&[seed, &counter.to_be_bytes()]));
    masked.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect()
}
