//! Certificates: from files, or made on the spot for a first try.

use std::{io::Write, path::Path, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject},
};
use tempfile::TempPath;

/// Names under which a self-signed webhook is reached: on this machine, and as the Service of an install.
const NAMES: [&str; 5] =
    ["localhost", "127.0.0.1", "::1", "magtape-svc.magtape-system.svc", "magtape-svc.magtape-system"];

/// A certificate that does not serve.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file that holds no usable PEM.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// Chain and key do not go together, or are of a kind that is not supported.
    #[error("the certificate cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    /// A certificate could not be made.
    #[error("a self-signed certificate could not be made: {0}")]
    SelfSigned(String),
}

/// The server's side of TLS, with the certificate of these PEM files.
///
/// # Errors
/// Names the file that is missing or wrong.
pub fn from_files(chain: &Path, key: &Path) -> Result<Arc<ServerConfig>, CertificateError> {
    let error =
        |path: &Path, reason: String| CertificateError::File { path: path.display().to_string(), reason };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect)
        .map_err(|cause| error(chain, format!("no certificate could be read: {cause}")));
    let certificates = certificates?;
    if certificates.is_empty() {
        return Err(error(
            chain,
            "holds no certificate; expected PEM with -----BEGIN CERTIFICATE-----".to_owned(),
        ));
    }
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|cause| error(key, format!("no private key could be read: {cause}")))?;
    server_config(certificates, private)
}

/// The server's side of TLS with a certificate made now, and the CA certificate that signed it, in a file
/// that goes with the answer.
///
/// # Errors
/// When the CA certificate cannot be written.
pub fn self_signed() -> Result<(Arc<ServerConfig>, TempPath), CertificateError> {
    let (ca_pem, chain, key) = make().map_err(|error| CertificateError::SelfSigned(error.to_string()))?;
    let path = write_ca(&ca_pem).map_err(|error| CertificateError::SelfSigned(error.to_string()))?;
    Ok((server_config(chain, key)?, path))
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, CertificateError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // Sealed by keys that only this process has, and changes every few hours; so a client that comes again saves a
    // signature, and nothing is kept for those that do not.
    config.ticketer = ring::Ticketer::new()?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

type Made = (String, Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn make() -> Result<Made, rcgen::Error> {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    ca.distinguished_name.push(DnType::CommonName, "magtape self-signed CA");
    let ca_key = KeyPair::generate()?;
    let ca_certificate = ca.self_signed(&ca_key)?;
    let mut leaf = CertificateParams::new(NAMES.map(str::to_owned))?;
    leaf.distinguished_name.push(DnType::CommonName, "magtape");
    leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let leaf_key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&leaf_key, &Issuer::new(ca, ca_key))?;
    let key = PrivatePkcs8KeyDer::from(leaf_key.serialize_der()).into();
    Ok((ca_certificate.pem(), vec![certificate.der().clone()], key))
}

/// A new file of its own, so that nobody can have put something else under its name.
fn write_ca(pem: &str) -> std::io::Result<TempPath> {
    let mut file = tempfile::Builder::new().prefix("magtape-ca-").suffix(".pem").tempfile()?;
    file.write_all(pem.as_bytes())?;
    Ok(file.into_temp_path())
}
