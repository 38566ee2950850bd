//! What TLS and HTTP/2 do for those who come again and for those who bring much.

use std::sync::Arc;

use reqwest::{StatusCode, Version};
use rustls::{
    ClientConfig, HandshakeKind, RootCertStore, SupportedProtocolVersion,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
    version::{TLS12, TLS13},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::{review, webhook::Webhook};

/// How the handshake of a new connection went, over which the health was asked for.
async fn handshake(webhook: &Webhook, config: &Arc<ClientConfig>) -> HandshakeKind {
    let stream = TcpStream::connect(webhook.address()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    stream.get_ref().1.handshake_kind().unwrap()
}

fn config(webhook: &Webhook, version: &'static SupportedProtocolVersion) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&webhook.ca).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

#[tokio::test]
async fn a_client_that_comes_again_resumes_its_session() {
    let webhook = Webhook::start(&[]).await;
    for version in [&TLS12, &TLS13] {
        let config = config(&webhook, version);
        assert_eq!(handshake(&webhook, &config).await, HandshakeKind::Full, "{version:?}");
        assert_eq!(handshake(&webhook, &config).await, HandshakeKind::Resumed, "{version:?}");
    }
}

#[tokio::test]
async fn large_bodies_come_through_one_connection_beside_small_ones() {
    let webhook = Webhook::start(&[]).await;
    let object = |bytes| json!({"kind": "ConfigMap", "data": {"large": "x".repeat(bytes)}});
    let send = async |bytes: usize| {
        let review = review(object(bytes));
        let answer = webhook.client.post(webhook.url("/")).json(&review).send().await.unwrap();
        assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_2));
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["response"]["allowed"], true);
    };
    send(1).await;
    let eight = 8 * 1024 * 1024 - 1024;
    tokio::join!(send(eight), send(eight), send(eight), send(1), send(eight), send(1));
}
