//! Private RSA keys: the checks that Go's `rsa.PrivateKey.Validate` makes, the numbers that can be computed from
//! the others, and signing.

use num_bigint::BigUint;
use ring::{
    rand::SystemRandom,
    rsa::{KeyPair, KeyPairComponents, PublicKeyComponents},
    signature::{
        RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
        RsaEncoding,
    },
};

use super::{MAX_BITS, Padding, PublicKey};
use crate::engine::opa::builtins::crypto::digest::Hash;

/// A private key whose numbers fit each other.
#[derive(Clone, Debug)]
pub(crate) struct PrivateKey {
    pub(crate) public: PublicKey,
    pub(crate) d: BigUint,
    pub(crate) p: BigUint,
    pub(crate) q: BigUint,
    pub(crate) dp: BigUint,
    pub(crate) dq: BigUint,
    pub(crate) qinv: BigUint,
}

/// The numbers for the Chinese remainder theorem: `dp`, `dq` and `qinv`.
pub(crate) type Remainders = [BigUint; 3];

// === impl PrivateKey ===

impl PrivateKey {
    /// A checked key; the remainders are computed unless all are given.
    pub(crate) fn new(
        public: PublicKey,
        d: BigUint,
        [p, q]: [BigUint; 2],
        remainders: Option<Remainders>,
    ) -> Option<Self> {
        let one = BigUint::from(1_u32);
        let most = [&d, &p, &q].into_iter().chain(remainders.iter().flatten()).map(BigUint::bits).max()?;
        if most > MAX_BITS || p <= BigUint::from(2_u32) || q <= BigUint::from(2_u32) {
            return None;
        }
        let [dp, dq, qinv] = match remainders {
            Some(remainders) => remainders,
            None => [&d % (&p - &one), &d % (&q - &one), (&q % &p).modinv(&p)?],
        };
        let key = Self { public, d, p, q, dp, dq, qinv };
        key.is_consistent().then_some(key)
    }

    fn is_consistent(&self) -> bool {
        let Self { public, d, p, q, dp, dq, qinv } = self;
        let one = BigUint::from(1_u32);
        let e = BigUint::from(public.e.unsigned_abs());
        let (p_less, q_less) = (p - &one, q - &one);
        let distance = if p > q { p - q } else { q - p };
        let bits = public.n.bits();
        public.has_sound_numbers()
            && *p < public.n
            && *q < public.n
            && *d < public.n
            && (p * q) % &public.n == BigUint::ZERO
            && *dp < p_less
            && *dq < q_less
            && *qinv < *p
            && (dp * &e) % &p_less == one
            && (dq * &e) % &q_less == one
            && (q * qinv) % p == one
            && d % &p_less == *dp
            && d % &q_less == *dq
            && distance.bits() > (bits / 2).saturating_sub(100)
            && d.bits() > bits / 2
    }

    /// The signature of a message.
    pub(crate) fn sign(&self, padding: Padding, hash: Hash, message: &[u8]) -> Option<Vec<u8>> {
        let (n, e) = (self.public.n.to_bytes_be(), self.public.e.to_be_bytes());
        let leading_zeros = e.iter().take_while(|&&byte| byte == 0).count();
        let components = KeyPairComponents {
            public_key: PublicKeyComponents { n: n.as_slice(), e: e.get(leading_zeros..)? },
            d: &*self.d.to_bytes_be(),
            p: &*self.p.to_bytes_be(),
            q: &*self.q.to_bytes_be(),
            dP: &*self.dp.to_bytes_be(),
            dQ: &*self.dq.to_bytes_be(),
            qInv: &*self.qinv.to_bytes_be(),
        };
        let pair = KeyPair::from_components(&components).ok()?;
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(encoding(padding, hash), &SystemRandom::new(), message, &mut signature).ok()?;
        Some(signature)
    }
}

fn encoding(padding: Padding, hash: Hash) -> &'static dyn RsaEncoding {
    match (padding, hash) {
        (Padding::Pkcs1, Hash::Sha256) => &RSA_PKCS1_SHA256,
        (Padding::Pkcs1, Hash::Sha384) => &RSA_PKCS1_SHA384,
        (Padding::Pkcs1, Hash::Sha512) => &RSA_PKCS1_SHA512,
        (_, Hash::Sha256) => &RSA_PSS_SHA256,
        (_, Hash::Sha384) => &RSA_PSS_SHA384,
        (_, Hash::Sha512) => &RSA_PSS_SHA512,
    }
}
