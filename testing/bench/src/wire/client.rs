//! One connection to a server, as an API server would have it.

use std::{net::Ipv4Addr, sync::Arc};

use anyhow::{Context, Result, bail, ensure};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client::conn::{http1, http2},
    http::request::Parts,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    body::{self, Whole},
    server::Server,
};

/// What is spoken over TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// One request at a time in each of several connections.
    Http1,
    /// Several requests at a time in one connection.
    Http2,
}

/// Where to send requests, and what they begin with.
#[derive(Clone)]
pub(super) struct Target {
    protocol: Protocol,
    port: u16,
    tls: TlsConnector,
    head: Parts,
}

/// A connection.
pub(super) enum Connection {
    Http1(http1::SendRequest<Whole>),
    Http2(http2::SendRequest<Whole>),
}

// === impl Protocol ===

impl Protocol {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Http1 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        }
    }

    fn alpn(self) -> &'static [u8] {
        match self {
            Self::Http1 => b"http/1.1",
            Self::Http2 => b"h2",
        }
    }
}

// === impl Target ===

impl Target {
    /// The server, spoken to in this way.
    pub(super) fn new(server: &Server, protocol: Protocol) -> Result<Self> {
        let head = Request::post(server.url())
            .header("host", format!("localhost:{}", server.port))
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header("user-agent", "kube-apiserver-admission");
        let (head, ()) = head.body(())?.into_parts();
        Ok(Self { protocol, port: server.port, tls: tls(&server.authority, protocol)?, head })
    }

    /// So many senders: connections of their own, or streams of one.
    pub(super) async fn connect(&self, senders: usize) -> Result<Vec<Connection>> {
        let mut connections = Vec::new();
        match self.protocol {
            Protocol::Http1 => {
                for _ in 0..senders {
                    let (sender, connection) = http1::handshake(TokioIo::new(self.stream().await?)).await?;
                    tokio::spawn(connection);
                    connections.push(Connection::Http1(sender));
                }
            }
            Protocol::Http2 => {
                let stream = TokioIo::new(self.stream().await?);
                let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
                tokio::spawn(connection);
                connections.extend((0..senders).map(|_| Connection::Http2(sender.clone())));
            }
        }
        Ok(connections)
    }

    async fn stream(&self) -> Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        stream.set_nodelay(true)?;
        let stream = self.tls.connect(ServerName::try_from("localhost")?, stream).await?;
        let agreed = stream.get_ref().1.alpn_protocol();
        // A server that knows one protocol only may stay silent about it.
        let fits =
            agreed == Some(self.protocol.alpn()) || (agreed.is_none() && self.protocol == Protocol::Http1);
        ensure!(fits, "the server does not speak {}", self.protocol.name());
        Ok(stream)
    }

    fn request(&self, body: Bytes) -> Request<Whole> {
        Request::from_parts(self.head.clone(), Whole::new(body))
    }
}

// === impl Connection ===

impl Connection {
    /// Sends a review and reads the answer to its end.
    pub(super) async fn ask(&mut self, target: &Target, review: Bytes) -> Result<Vec<u8>> {
        let response = self.send(target.request(review)).await.context("the server did not answer")?;
        let status = response.status();
        let answer = body::read(response.into_body()).await?;
        if status != StatusCode::OK {
            bail!("the server answered {status}: {}", String::from_utf8_lossy(&answer));
        }
        Ok(answer)
    }

    async fn send(&mut self, request: Request<Whole>) -> Result<Response<Incoming>, hyper::Error> {
        match self {
            Self::Http1(sender) => {
                // The connection has to see first that the last answer is over.
                sender.ready().await?;
                sender.send_request(request).await
            }
            Self::Http2(sender) => sender.send_request(request).await,
        }
    }
}

/// TLS as the API server's: version 1.3, its order of ciphers.
fn tls(authority: &str, protocol: Protocol) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add(
        CertificateDer::from_pem_slice(authority.as_bytes()).context("the authority is no certificate")?,
    )?;
    let mut provider: CryptoProvider = ring::default_provider();
    provider.cipher_suites.sort_by_key(|suite| *suite != ring::cipher_suite::TLS13_AES_128_GCM_SHA256);
    let config =
        ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions()?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![protocol.alpn().to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}
