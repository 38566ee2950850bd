//! A certificate for a first try, and for as long as there is no other: kept in memory, gone with the process.

use std::{
    io::Write,
    time::{Duration, SystemTime},
};

use tempfile::TempPath;

use super::{
    Authority, CertificateError, Identity, Lifetimes,
    pem::{Pem, Secret},
};

/// Names under which a self-signed webhook is reached: on this machine, and as the Service of an install.
const NAMES: [&str; 5] =
    ["localhost", "127.0.0.1", "::1", "magtape-svc.magtape-system.svc", "magtape-svc.magtape-system"];

/// Longer than any process lives.
const LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// A certificate made now, and the CA certificate that signed it, in a file that goes with the answer.
///
/// # Errors
/// When no key can be made, or the CA certificate cannot be written.
pub fn self_signed() -> Result<(Identity, TempPath), CertificateError> {
    let (identity, ca) = make()?;
    write(&ca).map(|path| (identity, path)).map_err(|cause| CertificateError::Unreadable {
        place: "the file for the CA".to_owned(),
        reason: format!("cannot be written: {cause}"),
    })
}

/// The certificate, and the CA's as PEM.
pub(super) fn make() -> Result<(Identity, String), CertificateError> {
    let (lifetimes, now) = (Lifetimes { serving: LIFE }, SystemTime::now());
    let authority = Authority::make(lifetimes, now)?;
    let signed = authority.sign(&NAMES.map(str::to_owned), lifetimes, now)?;
    let pem = |place: &str, text: String| Pem { place: place.to_owned(), text: Secret(text.into_bytes()) };
    let identity = Identity::read(&pem("the certificate", signed.chain), &pem("its key", signed.key))?;
    Ok((identity, authority.certificate.pem()))
}

/// A new file of its own, so that nobody can have put something else under its name.
fn write(pem: &str) -> std::io::Result<TempPath> {
    let mut file = tempfile::Builder::new().prefix("magtape-ca-").suffix(".pem").tempfile()?;
    file.write_all(pem.as_bytes())?;
    Ok(file.into_temp_path())
}
