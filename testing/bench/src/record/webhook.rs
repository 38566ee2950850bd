//! A webhook that allows everything and keeps what it was asked.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result};
use axum::{Json, Router, body::Bytes, extract::State, serve::Listener};
use magtape_testing::certs::Identity;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

type Bodies = Arc<Mutex<Vec<Vec<u8>>>>;

/// The webhook. It serves until the process ends.
pub(super) struct Webhook {
    pub(super) port: u16,
    bodies: Bodies,
}

/// TLS connections. One handshake at a time is enough for one API server.
struct Tls {
    acceptor: TlsAcceptor,
    listener: TcpListener,
}

// === impl Webhook ===

impl Webhook {
    /// Starts it on any free port of loopback.
    pub(super) async fn start(identity: Identity) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("cannot listen")?;
        let port = listener.local_addr()?.port();
        let tls = Tls { acceptor: acceptor(&identity)?, listener };
        let bodies = Bodies::default();
        let app = Router::new().fallback(keep).with_state(Arc::clone(&bodies));
        tokio::spawn(async { axum::serve(tls, app).await });
        Ok(Self { port, bodies })
    }

    /// What was asked so far, in order.
    pub(super) fn bodies(&self) -> Vec<Vec<u8>> {
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

// === impl Tls ===

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, from) = Listener::accept(&mut self.listener).await;
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, from);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

fn acceptor(identity: &Identity) -> Result<TlsAcceptor> {
    let cert = CertificateDer::from_pem_file(&identity.cert)?;
    let key = PrivateKeyDer::from_pem_file(&identity.key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![cert], key)?;
    Ok(Arc::new(config).into())
}

/// Keeps the review and allows the request.
async fn keep(State(bodies): State<Bodies>, body: Bytes) -> Json<Value> {
    let review: Value = serde_json::from_slice(&body).unwrap_or_default();
    let uid = review.pointer("/request/uid").cloned().unwrap_or_default();
    bodies.lock().unwrap_or_else(PoisonError::into_inner).push(body.to_vec());
    Json(json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "response": {"uid": uid, "allowed": true},
    }))
}
