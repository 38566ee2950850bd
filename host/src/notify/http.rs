//! The way to receivers over HTTPS. It follows no redirect, reads next to nothing of an answer, waits five seconds, and goes
//! only where it may: the address is looked at when the connection is made, after whatever a name server says.

mod answer;
mod resolver;
mod tls;

use std::{path::Path, sync::Arc, time::Duration};

use reqwest::{Body, header::HeaderMap, redirect};

use super::{Endpoint, Fault, Network};
use resolver::Resolver;

/// From the first byte to the last, as in the original.
const DEADLINE: Duration = Duration::from_secs(5);

/// Idle connections to one host; as many as are used at a time.
const IDLE: usize = 4;

/// A client of receivers, with connections of its own.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    networks: Arc<[Network]>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The file of CAs.
    #[error("{path}: no CA could be read: {cause}")]
    Authorities {
        /// The file.
        path: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Without a CA nobody can be trusted.
    #[error("the system has no CAs that receivers could be known by ({0}); name a file of them")]
    NoAuthorities(String),
    /// The TLS library.
    #[error("there is no client of receivers: {0}")]
    Client(String),
}

// === impl Client ===

impl Client {
    /// A client that trusts the system's CAs and those in the file `authorities`, PEM, and reaches public addresses and
    /// those of `networks`.
    ///
    /// # Errors
    /// When the file cannot be read, or there are no CAs at all.
    pub fn new(authorities: Option<&Path>, networks: &[Network]) -> Result<Self, ClientError> {
        let networks: Arc<[Network]> = networks.into();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(authorities)?)
            .dns_resolver(Arc::new(Resolver::new(Arc::clone(&networks))))
            .http1_only()
            .https_only(true)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            // Through a proxy nobody would know which address is reached.
            .no_proxy()
            .referer(false)
            .timeout(DEADLINE)
            .pool_max_idle_per_host(IDLE)
            .user_agent(concat!("magtape/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ClientError::Client(error.without_url().to_string()))?;
        Ok(Self { http, networks })
    }

    /// Posts a body once.
    ///
    /// # Errors
    /// When it did not arrive, or was not taken. The text names no URL.
    pub async fn post(
        &self,
        endpoint: &Endpoint,
        headers: HeaderMap,
        body: impl Into<Body>,
    ) -> Result<(), Fault> {
        // Names are looked at when they are resolved; addresses never are.
        resolver::check(endpoint.url(), &self.networks)?;
        let request = self.http.post(endpoint.url().clone()).headers(headers).body(body);
        let response = request.send().await.map_err(answer::unreachable)?;
        answer::read(response).await
    }
}
