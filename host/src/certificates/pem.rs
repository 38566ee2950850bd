//! Certificates as PEM text, from wherever it came, with what is read of them beside what rustls reads.

use std::time::{Duration, SystemTime};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::CertificateError;
use crate::der::{Der, SEQUENCE, SET, constructed};

/// A chain has three certificates, and a bundle of CAs a few; every one is looked at whenever one is verified.
const MAX_CERTIFICATES: usize = 64;

/// How long the lines of base64 are (RFC 7468).
const LINE: usize = 64;

/// A text that should be PEM, and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pem {
    /// What errors call it: a path, or the key of a Secret.
    pub place: String,
    /// The text, which nobody has looked at. It may be a private key.
    pub text: Secret,
}

/// Bytes that are not to be seen in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub Vec<u8>);

/// A certificate, and what is to be known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate itself.
    pub der: CertificateDer<'static>,
    /// When it is good.
    pub validity: Validity,
    /// The DER of its SubjectPublicKeyInfo.
    pub public_key: Vec<u8>,
    /// Whom it is for, if a common name is all that it says of that.
    pub common_name: Option<String>,
}

/// From when until when a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first moment.
    pub from: SystemTime,
    /// The last moment.
    pub until: SystemTime,
}

// === impl Secret ===

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Secret({} bytes)", self.0.len())
    }
}

// === impl Pem ===

impl Pem {
    /// All certificates of the text, at least one.
    ///
    /// # Errors
    /// When it is no PEM, has no certificate or too many, or has one that is none.
    pub fn certificates(&self) -> Result<Vec<Certificate>, CertificateError> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.text.0).collect();
        let found = read.map_err(|cause| self.error(format!("no certificate could be read: {cause}")))?;
        match found.len() {
            0 => Err(self.error("holds no certificate; expected PEM with -----BEGIN CERTIFICATE-----")),
            1..=MAX_CERTIFICATES => found.into_iter().map(|der| self.certificate(der)).collect(),
            count => Err(self.error(format!("has {count} certificates, more than {MAX_CERTIFICATES}"))),
        }
    }

    fn certificate(&self, der: CertificateDer<'static>) -> Result<Certificate, CertificateError> {
        Certificate::read(der).ok_or_else(|| self.error("holds a certificate that is no X.509"))
    }

    pub(super) fn error(&self, reason: impl Into<String>) -> CertificateError {
        CertificateError::Unreadable { place: self.place.clone(), reason: reason.into() }
    }
}

// === impl Certificate ===

impl Certificate {
    /// Reads a certificate; `None` if it is none.
    pub(super) fn read(der: CertificateDer<'static>) -> Option<Self> {
        // RFC 5280, section 4.1: version, serial number, signature, issuer, validity, subject, key.
        let mut body = Der::new(&der).sequence()?.sequence()?;
        body.optional(constructed(0))?;
        body.integer()?;
        body.sequence()?;
        body.sequence()?;
        let mut times = body.sequence()?;
        let mut time = || moment(times.time()?.unix_seconds()?);
        let validity = Validity { from: time()?, until: time()? };
        let common_name = only_name(body.sequence()?);
        let public_key = body.element(SEQUENCE)?.full.to_vec();
        Some(Self { der, validity, public_key, common_name })
    }

    /// The certificate as PEM.
    pub fn pem(&self) -> String {
        let base64 = BASE64_STANDARD.encode(&self.der);
        let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
        for (at, c) in base64.chars().enumerate() {
            if at > 0 && at % LINE == 0 {
                text.push('\n');
            }
            text.push(c);
        }
        text + "\n-----END CERTIFICATE-----\n"
    }
}

/// The common name (2.5.4.3), if the subject has that and no more.
fn only_name(mut subject: Der) -> Option<String> {
    let mut names = Der::new(subject.read(SET)?);
    let mut name = names.sequence()?;
    let is_common = name.oid()?.is(&[2, 5, 4, 3]);
    let text = String::from_utf8(name.any()?.body.to_vec()).ok()?;
    (is_common && subject.is_empty() && names.is_empty()).then_some(text)
}

/// Seconds since 1970; `None` for what no clock says.
fn moment(seconds: i64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}

// === impl Validity ===

impl Validity {
    /// How long it is in all.
    pub fn life(self) -> Duration {
        self.until.duration_since(self.from).unwrap_or_default()
    }

    /// Whether so many parts of so many of it are over.
    pub fn is_past(self, parts: u32, of: u32, now: SystemTime) -> bool {
        let limit = self.life().checked_mul(parts).unwrap_or(Duration::MAX) / of.max(1);
        now.duration_since(self.from).is_ok_and(|age| age >= limit)
    }

    /// Whether it is over.
    pub fn is_over(self, now: SystemTime) -> bool {
        now > self.until
    }

    /// The last moment, for people.
    pub fn end(self) -> String {
        jiff::Timestamp::try_from(self.until)
            .map_or_else(|_| "an unknown time".to_owned(), |end| end.to_string())
    }
}
