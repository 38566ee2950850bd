//! A certificate that can be shown: a chain and its private key, which go together.

use std::{sync::Arc, time::SystemTime};

use rustls::{
    RootCertStore,
    client::{verify_server_cert_signed_by_trust_anchor, verify_server_name},
    crypto::ring,
    pki_types::{PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
    sign::CertifiedKey,
};

use super::{
    CertificateError,
    pem::{Certificate, Pem, Validity},
};

/// A chain with its key.
#[derive(Clone, Debug)]
pub struct Identity {
    pub(super) key: Arc<CertifiedKey>,
    /// When its first certificate is good.
    pub validity: Validity,
}

/// The CAs by which a client knows an identity; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle(pub Vec<Certificate>);

// === impl Identity ===

impl Identity {
    /// Reads a chain, the first certificate its own, and the private key (PKCS#8, PKCS#1 or SEC1).
    ///
    /// # Errors
    /// When one of them cannot be read, the key is of a kind that is not supported, or the two do not go together.
    pub fn read(chain: &Pem, key: &Pem) -> Result<Self, CertificateError> {
        let certificates = chain.certificates()?;
        let Some(validity) = certificates.first().map(|first| first.validity) else {
            return Err(chain.error("holds no certificate"));
        };
        let private = PrivateKeyDer::from_pem_slice(&key.text.0)
            .map_err(|cause| key.error(format!("no private key could be read: {cause}")))?;
        let ders = certificates.into_iter().map(|certificate| certificate.der).collect();
        let pair = CertifiedKey::from_der(ders, private, &ring::default_provider());
        let pair = pair.map_err(|cause| CertificateError::Unpaired {
            chain: chain.place.clone(),
            key: key.place.clone(),
            reason: cause.to_string(),
        })?;
        Ok(Self { key: Arc::new(pair), validity })
    }

    /// Whether a client that trusts `bundle` would accept it now under each of the names.
    ///
    /// # Errors
    /// The first reason why not.
    pub fn verify(&self, bundle: &Bundle, names: &[String], now: SystemTime) -> Result<(), CertificateError> {
        let Some((own, chain)) = self.key.cert.split_first() else {
            return Err(CertificateError::Distrusted("there is none".to_owned()));
        };
        let distrusted = |cause: rustls::Error| CertificateError::Distrusted(cause.to_string());
        let own = ParsedCertificate::try_from(own).map_err(distrusted)?;
        let now = UnixTime::since_unix_epoch(now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default());
        let algorithms = ring::default_provider().signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&own, &bundle.roots(), chain, now, algorithms)
            .map_err(distrusted)?;
        for name in names {
            let server =
                ServerName::try_from(name.as_str()).map_err(|_| CertificateError::Name(name.clone()))?;
            verify_server_name(&own, &server).map_err(distrusted)?;
        }
        Ok(())
    }

    /// Whether it shows the same certificates.
    pub fn is_same(&self, other: &Self) -> bool {
        self.key.cert == other.key.cert
    }
}

// === impl Bundle ===

impl Bundle {
    /// Reads the CAs of a text.
    ///
    /// # Errors
    /// When there is none, or one cannot be read.
    pub fn read(pem: &Pem) -> Result<Self, CertificateError> {
        let certificates = pem.certificates()?;
        match certificates
            .iter()
            .find(|certificate| RootCertStore::empty().add(certificate.der.clone()).is_err())
        {
            Some(_) => Err(pem.error("holds a certificate that cannot be a CA")),
            None => Ok(Self(certificates)),
        }
    }

    /// When the last of those ends by which alone a client would accept the identity.
    pub(super) fn end_for(&self, identity: &Identity) -> Option<SystemTime> {
        let knows =
            |ca: &&Certificate| identity.verify(&Self(vec![(*ca).clone()]), &[], SystemTime::now()).is_ok();
        self.0.iter().filter(knows).map(|ca| ca.validity.until).max()
    }

    /// All of them as one text, the form of `caBundle` before its base64.
    pub fn pem(&self) -> String {
        self.0.iter().map(Certificate::pem).collect()
    }

    pub(super) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(self.0.iter().map(|certificate| certificate.der.clone()));
        roots
    }
}
