//! HTTPS: the routes, and what they need.
//!
//! `connections` accepts and drains, `tls` makes certificates usable, `handlers` answer.

mod connections;
mod handlers;
pub mod tls;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    routing::{get, post},
};
use tokio::{net::TcpListener, sync::Semaphore};
use tower_http::timeout::TimeoutLayer;

use crate::{
    evaluate::Policies,
    verdict::{DenyLevel, FailurePolicy},
};

pub use connections::Connections;

/// An update carries the object twice, and etcd takes at most 3 MiB of it.
const BODY_BYTES: usize = 8 * 1024 * 1024;

/// From the first byte of a request to the last of its answer. The API server waits ten seconds at most by
/// default, thirty if told to.
const REQUEST: Duration = Duration::from_secs(30);

/// From a request's head to the last of its body, which the API server sends at once. Until then it counts as in
/// hand, so a slow peer must not take long.
const BODY: Duration = Duration::from_secs(3);

/// What all policies together may take for one request, well within the API server's ten seconds.
const BUDGET: Duration = Duration::from_secs(8);

/// Requests in hand at one time, each with a body in memory; more are refused at once, not queued.
const MAX_REQUESTS: usize = 256;

/// What requests are answered with.
pub struct Service {
    policies: Policies,
    level: DenyLevel,
    failure_policy: FailurePolicy,
    pod_name: String,
    ready: AtomicBool,
    requests: Semaphore,
    evaluations: Arc<Semaphore>,
}

// === impl Service ===

impl Service {
    /// A service that judges by `policies`, ready at once.
    pub fn new(
        policies: Policies,
        level: DenyLevel,
        failure_policy: FailurePolicy,
        pod_name: String,
    ) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            policies,
            level,
            failure_policy,
            pod_name,
            ready: AtomicBool::new(true),
            requests: Semaphore::new(MAX_REQUESTS),
            evaluations: Arc::new(Semaphore::new(cores)),
        }
    }

    /// Makes `/readyz` say no.
    pub fn withdraw(&self) {
        self.ready.store(false, Ordering::Relaxed);
    }

    fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }
}

/// Takes connections from now on.
pub fn spawn(listener: TcpListener, tls: Arc<rustls::ServerConfig>, service: Arc<Service>) -> Connections {
    Connections::spawn(listener, tls, router(service))
}

fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/", post(handlers::review))
        .route("/healthz", get(handlers::healthz))
        .route("/readyz", get(handlers::readyz))
        .fallback(handlers::nothing)
        .method_not_allowed_fallback(handlers::no_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST))
        .with_state(service)
}
