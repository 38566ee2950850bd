//! The server's side of TLS: one certificate, which can be changed under open connections, and perhaps a CA for clients.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::SystemTime,
};

use rustls::{
    ServerConfig,
    crypto::ring,
    server::{
        ClientHello, NoClientAuth, ResolvesServerCert, WebPkiClientVerifier, danger::ClientCertVerifier,
    },
    sign::CertifiedKey,
};

use super::{
    CertificateError,
    identity::{Bundle, Identity},
};

/// What new connections are served with. Those that are open keep what they began with.
pub struct Tls {
    shown: Arc<Shown>,
    config: RwLock<Arc<ServerConfig>>,
    asks: bool,
    ends: Mutex<Ends>,
}

/// When what is shown ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The certificate.
    pub serving: SystemTime,
    /// The CA by which clients know it, where that is known.
    pub authority: Option<SystemTime>,
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Somebody who may ask for reviews.
    Known,
    /// Somebody without the certificate that was asked for.
    Stranger,
}

struct Shown(RwLock<Arc<CertifiedKey>>);

// === impl Tls ===

impl Tls {
    /// Shows `identity`. With `clients`, asks for a certificate that one of these CAs has signed: a wrong one ends the
    /// handshake, and who has none is a [`Peer::Stranger`].
    ///
    /// # Errors
    /// When the bundle has no CA that can be used.
    pub fn new(identity: &Identity, clients: Option<&Bundle>) -> Result<Self, CertificateError> {
        let shown = Arc::new(Shown(RwLock::new(Arc::clone(&identity.key))));
        let config = RwLock::new(config(&shown, clients)?);
        let ends = Ends { serving: identity.validity.until, authority: None };
        Ok(Self { shown, config, asks: clients.is_some(), ends: Mutex::new(ends) })
    }

    /// Shows another certificate from the next handshake on.
    pub fn show(&self, identity: &Identity) {
        self.end(Ends { serving: identity.validity.until, authority: None });
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&identity.key);
    }

    /// Shows another certificate, which clients know by `bundle`.
    pub(super) fn show_known(&self, identity: &Identity, bundle: &Bundle) {
        self.show(identity);
        self.end(Ends { serving: identity.validity.until, authority: bundle.end_for(identity) });
    }

    fn end(&self, ends: Ends) {
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner) = ends;
    }

    /// When what is shown ends.
    pub fn ends(&self) -> Ends {
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for certificates of other CAs from the next connection on. Sessions of those before are not resumed.
    ///
    /// # Errors
    /// When the bundle has no CA that can be used; the one before stays.
    pub fn trust(&self, clients: &Bundle) -> Result<(), CertificateError> {
        let config = config(&self.shown, Some(clients))?;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// For the next connection.
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Who is there after this handshake.
    pub fn peer(&self, connection: &rustls::ServerConnection) -> Peer {
        if self.asks && connection.peer_certificates().is_none() { Peer::Stranger } else { Peer::Known }
    }
}

fn config(shown: &Arc<Shown>, clients: Option<&Bundle>) -> Result<Arc<ServerConfig>, CertificateError> {
    let failed = |cause: rustls::Error| CertificateError::Tls(cause.to_string());
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_client_cert_verifier(verifier(clients, provider)?)
        .with_cert_resolver(Arc::clone(shown) as Arc<dyn ResolvesServerCert>);
    // Sealed by keys that only this process has, and changes every few hours; so a client that comes again saves a
    // signature, and nothing is kept for those that do not.
    config.ticketer = ring::Ticketer::new().map_err(failed)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// A client without a certificate is let in: the kubelet has none, and asks for the health.
fn verifier(
    clients: Option<&Bundle>,
    provider: Arc<rustls::crypto::CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, CertificateError> {
    let Some(clients) = clients else { return Ok(Arc::new(NoClientAuth)) };
    WebPkiClientVerifier::builder_with_provider(Arc::new(clients.roots()), provider)
        .allow_unauthenticated()
        .build()
        .map_err(|cause| CertificateError::Tls(format!("no client could be known: {cause}")))
}

// === impl Shown ===

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Shown")
    }
}
