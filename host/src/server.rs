//! HTTPS: the routes, and what they need.
//!
//! `connections` accepts and drains, `handlers` answer, and `page` has the metrics. Requests are judged on
//! threads of their own (`evaluators`, `pool`), by what `judge` says. `admin` is what an operator's port has.

mod admin;
mod body;
mod connections;
mod evaluators;
mod handlers;
mod judge;
mod page;
mod pool;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    http::StatusCode,
    middleware,
    routing::{MethodRouter, get, post},
};
use tokio::{net::TcpListener, sync::Semaphore};
use tower_http::timeout::TimeoutLayer;

use crate::{
    certificates::Tls,
    conditions::{Conditions, Trouble},
    decision::Observer,
    evaluate::{Current, Governance},
    verdict::{DenyLevel, FailurePolicy},
};

pub use admin::spawn as spawn_admin;
pub use connections::Connections;
pub use evaluators::Counts;
use evaluators::Evaluators;
pub use page::Page;

/// An update carries the object twice, and etcd takes at most 3 MiB of it.
const BODY_BYTES: usize = 8 * 1024 * 1024;

/// From the first byte of a request to the last of its answer. The API server waits ten seconds at most by
/// default, thirty if told to.
const REQUEST: Duration = Duration::from_secs(30);

/// From a request's head to the last of its body, which the API server sends at once. Until then it counts as in
/// hand, so a slow peer must not take long.
const BODY: Duration = Duration::from_secs(3);

/// What a request may wait for a thread and its policies may take, all together, well within the API server's ten
/// seconds. It is less when the API server says that it waits less.
const BUDGET: Duration = Duration::from_secs(8);

/// Requests in hand at one time beside those being judged, each with a body in memory; more are refused before their
/// body is read. More than can wait for a thread, so that as a rule a request is refused by what is known of it.
const MAX_REQUESTS: usize = 256;

/// Bodies up to this are still looked into when nobody has time to judge them, for their uid and what they are
/// about. That takes a fraction of a millisecond, on a thread that connections need.
const REFUSAL_BYTES: usize = 256 * 1024;

/// How it is decided where nothing says otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Stance {
    /// Which severities deny, where no stricter level holds.
    pub level: DenyLevel,
    /// What a policy that cannot be evaluated means.
    pub failure_policy: FailurePolicy,
    /// Whether an object is let pass that says it belongs to a ReplicaSet, as MagTape did. Anybody can say that.
    pub trusts_owners: bool,
}

/// What requests are answered with.
pub struct Service {
    policies: Arc<Current>,
    governance: Arc<Governance>,
    stance: Stance,
    pod_name: String,
    observers: Vec<Arc<dyn Observer>>,
    conditions: Conditions,
    /// Requests that were let pass because of their owner.
    trusted: AtomicU64,
    ready: AtomicBool,
    certified: AtomicBool,
    withdrawn: AtomicBool,
    /// As many requests may be in hand.
    most: usize,
    requests: Semaphore,
    evaluators: Evaluators,
}

// === impl Service ===

impl Service {
    /// A service that judges by `policies` under `governance`, ready when it is told that they and a certificate are there.
    /// `observers` are told of every decision; `conditions` are what operators are shown.
    ///
    /// # Errors
    /// When the system gives no threads to judge on.
    pub fn new(
        policies: Arc<Current>,
        governance: Arc<Governance>,
        stance: Stance,
        pod_name: String,
        observers: Vec<Arc<dyn Observer>>,
        conditions: Conditions,
    ) -> io::Result<Self> {
        // More threads would only take turns.
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let most = threads.saturating_add(MAX_REQUESTS);
        Ok(Self {
            policies,
            governance,
            stance,
            pod_name,
            observers,
            conditions,
            trusted: AtomicU64::new(0),
            ready: AtomicBool::new(false),
            certified: AtomicBool::new(false),
            withdrawn: AtomicBool::new(false),
            most,
            requests: Semaphore::new(most),
            evaluators: Evaluators::new(threads)?,
        })
    }

    /// What became of the requests so far.
    pub fn counts(&self) -> Counts {
        self.evaluators.counts()
    }

    /// How many requests were let pass because of what their object says of its owner.
    pub fn trusted(&self) -> u64 {
        self.trusted.load(Ordering::Relaxed)
    }

    /// What does not go as it should now.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.conditions.troubles()
    }

    /// There is a certificate that the API server accepts.
    pub fn certify(&self) {
        self.certified.store(true, Ordering::Relaxed);
    }

    /// Policies are in force. With a certificate, that makes `/readyz` say yes, unless it is withdrawn.
    pub fn welcome(&self) {
        self.ready.store(true, Ordering::Relaxed);
    }

    /// Makes `/readyz` say no for ever.
    pub fn withdraw(&self) {
        self.withdrawn.store(true, Ordering::Relaxed);
    }

    /// How many requests are in hand: those that are read, judged or answered.
    pub fn in_flight(&self) -> usize {
        self.most.saturating_sub(self.requests.available_permits())
    }

    /// How many requests wait for a thread.
    pub fn waiting(&self) -> usize {
        self.evaluators.waiting()
    }

    /// Whether requests are welcome.
    pub fn is_ready(&self) -> bool {
        let is = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        is(&self.ready) && is(&self.certified) && !is(&self.withdrawn)
    }
}

/// Takes connections from now on.
pub fn spawn(listener: TcpListener, tls: Arc<Tls>, service: Arc<Service>, page: Arc<Page>) -> Connections {
    let router = |review| router(review, Arc::clone(&service), &page);
    let (known, strangers) = (router(post(handlers::review)), router(post(handlers::stranger)));
    Connections::spawn(listener, Some(tls), known, strangers)
}

fn router(review: MethodRouter<Arc<Service>>, service: Arc<Service>, page: &Arc<Page>) -> Router {
    Router::new()
        .route("/", review)
        .route("/healthz", get(handlers::healthz))
        .route("/readyz", get(handlers::readyz))
        .route(page::PATH, get(page::show).with_state(Arc::clone(page)))
        .fallback(handlers::nothing)
        .method_not_allowed_fallback(handlers::no_method)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST))
        .layer(middleware::from_fn_with_state(Arc::clone(page), page::count))
        .with_state(service)
}
