//! The webhook's own CA, and what it signs.

use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData,
};

use super::{
    CertificateError,
    identity::Bundle,
    pem::{Certificate, Pem, Validity},
};

/// Clocks of a cluster differ, and a certificate is to be good at once on all of them.
const BACKDATED: Duration = Duration::from_secs(5 * 60);

/// An API server learns of a new bundle by a watch, in milliseconds as a rule; each of them does for itself.
const SPREAD: Duration = Duration::from_secs(60);

/// How long what is made is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// A serving certificate's life.
    pub serving: Duration,
}

/// A CA that can sign.
pub struct Authority {
    /// Its certificate.
    pub certificate: Certificate,
    key: KeyPair,
}

/// A chain and its key as PEM, just signed.
pub struct Signed {
    /// The certificate.
    pub chain: String,
    /// Its private key.
    pub key: String,
}

// === impl Lifetimes ===

impl Lifetimes {
    /// A CA's life. The last certificate that it signs, at two thirds of it, ends before the CA does.
    pub fn authority(self) -> Duration {
        self.serving.saturating_mul(4)
    }

    /// How long every API server has had a bundle before a certificate is shown that needs it.
    pub fn spread(self) -> Duration {
        SPREAD.min(self.serving / 10)
    }

    /// How long before it was made a certificate begins to be good.
    pub fn backdated(self) -> Duration {
        BACKDATED.min(self.serving / 20)
    }

    /// From now, a little back, for that long.
    fn validity(self, life: Duration, now: SystemTime) -> Validity {
        let from = now.checked_sub(self.backdated()).unwrap_or(now);
        Validity { from, until: from.checked_add(life).unwrap_or(now) }
    }
}

// === impl Authority ===

impl Authority {
    /// A new CA.
    ///
    /// # Errors
    /// When the system has no randomness for a key.
    pub fn make(lifetimes: Lifetimes, now: SystemTime) -> Result<Self, CertificateError> {
        // Each has a name of its own, so that a verifier takes the right one of two in a bundle.
        let made = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
        let mut params = named(&format!("magtape CA {made}"));
        set(&mut params, lifetimes.validity(lifetimes.authority(), now));
        let key = KeyPair::generate()?;
        let der = params.self_signed(&key)?.der().clone();
        let certificate = Certificate::read(der).ok_or(rcgen::Error::CouldNotParseCertificate)?;
        Ok(Self { certificate, key })
    }

    /// The CA of `bundle` that `key` belongs to.
    ///
    /// # Errors
    /// When the key cannot be read, or belongs to none of them that was made here.
    pub fn read(bundle: &Bundle, key: &Pem) -> Result<Self, CertificateError> {
        let text = std::str::from_utf8(&key.text.0).unwrap_or_default();
        let pair = KeyPair::from_pem(text).map_err(|cause| key.error(cause.to_string()))?;
        let public = pair.subject_public_key_info();
        let is_own = |certificate: &&Certificate| {
            certificate.public_key == public && certificate.common_name.is_some()
        };
        match bundle.0.iter().find(is_own) {
            Some(certificate) => Ok(Self { certificate: certificate.clone(), key: pair }),
            None => Err(key.error("belongs to no CA of the bundle")),
        }
    }

    /// Its private key, PEM.
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// Signs a serving certificate for these names, with a new key. It ends with the CA at the latest.
    ///
    /// # Errors
    /// When a name is none, or no key can be made.
    pub fn sign(
        &self,
        names: &[String],
        lifetimes: Lifetimes,
        now: SystemTime,
    ) -> Result<Signed, CertificateError> {
        let mut validity = lifetimes.validity(lifetimes.serving, now);
        validity.until = validity.until.min(self.certificate.validity.until);
        let mut params = CertificateParams::new(names.to_vec())?;
        set(&mut params, validity);
        params.distinguished_name.push(DnType::CommonName, "magtape");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let issuer = named(self.certificate.common_name.as_deref().unwrap_or_default());
        let issuer = Issuer::new(issuer, &self.key);
        let chain = params.signed_by(&key, &issuer)?.pem();
        Ok(Signed { chain, key: key.serialize_pem() })
    }
}

/// A CA of that name, which signs no other CAs.
fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn set(params: &mut CertificateParams, validity: Validity) {
    let at = |moment: SystemTime| {
        rcgen::date_time_ymd(1970, 1, 1) + moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    };
    (params.not_before, params.not_after) = (at(validity.from), at(validity.until));
}
