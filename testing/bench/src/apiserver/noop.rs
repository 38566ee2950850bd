//! A webhook that reads a review as far as its answer needs, and says yes: the least that a webhook over TLS can cost.
//!
//! It is a process of its own, as the others are: `magtape-bench noop-webhook`, which nobody calls by hand.

use std::{convert::Infallible, net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::{Context, Result};
use clap::Args;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::CONTENT_TYPE,
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde::Deserialize;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::objects::PROBE;
use crate::wire::body::{self, Whole};

/// Where it listens and with what certificate.
#[derive(Clone, PartialEq, Eq, Args)]
pub(crate) struct Options {
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    tls_cert: PathBuf,
    #[arg(long)]
    tls_key: PathBuf,
}

#[derive(Deserialize)]
struct Review {
    request: Subject,
}

/// What the answer needs of a request.
#[derive(Deserialize)]
struct Subject {
    uid: String,
    #[serde(default)]
    name: String,
}

/// Answers until it is ended.
pub(crate) async fn serve(options: Options) -> Result<()> {
    let (tls, listener) = (acceptor(&options)?, TcpListener::bind(options.listen).await?);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(connection(tls.clone(), stream));
    }
}

fn acceptor(options: &Options) -> Result<TlsAcceptor> {
    let chain = CertificateDer::pem_file_iter(&options.tls_cert).context("there is no certificate")?;
    let chain = chain.collect::<Result<Vec<_>, _>>().context("the certificate cannot be read")?;
    let key = PrivateKeyDer::from_pem_file(&options.tls_key).context("the key cannot be read")?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = config.with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn connection(tls: TlsAcceptor, stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let stream = TokioIo::new(tls.accept(stream).await?);
    let served = auto::Builder::new(TokioExecutor::new()).serve_connection(stream, service_fn(answer)).await;
    // Whoever asked sees that the connection is gone.
    served.map_err(|error| anyhow::anyhow!("the connection ended: {error}"))
}

async fn answer(request: Request<Incoming>) -> Result<Response<Whole>, Infallible> {
    let judged =
        if request.method() == Method::POST { judge(request.into_body()).await } else { Ok("{}".into()) };
    let (status, body) = match judged {
        Ok(review) => (StatusCode::OK, review),
        Err(error) => (StatusCode::BAD_REQUEST, format!("{error:#}").into()),
    };
    let mut response = Response::new(Whole::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/json"));
    Ok(response)
}

async fn judge(body: Incoming) -> Result<Bytes> {
    let body = body::read(body).await.context("the review did not come")?;
    let review: Review = serde_json::from_slice(&body).context("this is no review")?;
    // By that name the API server is asked whether it asks.
    let response = if review.request.name == PROBE {
        json!({"uid": review.request.uid, "allowed": false, "status": {"message": "this is the probe"}})
    } else {
        json!({"uid": review.request.uid, "allowed": true})
    };
    let review =
        json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response});
    Ok(serde_json::to_vec(&review)?.into())
}
