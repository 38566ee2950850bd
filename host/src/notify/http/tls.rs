//! Whom receivers are known by.

use std::{fs::File, io::Read, path::Path, sync::Arc};

use rustls::{
    ClientConfig,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

use super::ClientError;

/// As the webhook's own files of certificates.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

pub(super) fn config(authorities: Option<&Path>) -> Result<ClientConfig, ClientError> {
    let provider = Arc::new(ring::default_provider());
    let extra = authorities.map(read).transpose()?.unwrap_or_default();
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider))
        .map_err(|cause| ClientError::NoAuthorities(cause.to_string()))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| ClientError::Client(cause.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    let wrong = |cause: String| ClientError::Authorities { path: path.display().to_string(), cause };
    let mut pem = Vec::new();
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    file.take(MAX_FILE_BYTES).read_to_end(&mut pem).map_err(|error| wrong(error.to_string()))?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(wrong("it has no certificate in PEM".to_owned())),
        Err(error) => Err(wrong(error.to_string())),
    }
}
