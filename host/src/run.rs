//! The webhook's life: certificate, socket, requests, and the end.
//!
//! SIGTERM or SIGINT: `/readyz` says no, and for a moment requests are still taken, because the cluster sends some
//! until every node has heard; then no new connections, open requests are answered, what is left of notifications is
//! sent, exit. A second signal ends it at once.

mod metrics;
mod notify;
mod tls;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{
    audit::AuditLog,
    cluster::{self, Cluster, InForce, Place, Tenancy},
    conditions::Conditions,
    config::{Certificate, Config},
    decision::Observer,
    evaluate::Policies,
    kube::{
        self,
        lease::{self, Candidate},
    },
    metrics::Metrics,
    reload::Reloader,
    server::{self, Counts, Page, Service},
    telemetry::Log,
    trace::Traces,
};

/// The Lease of the replica that writes.
const LEASE: &str = "magtape-leader";

/// How long requests are taken after the first signal. Endpoints are withdrawn within a second or two.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long open requests may take after that; the API server gives up after ten seconds.
const DRAIN: Duration = Duration::from_secs(12);

/// Threads that read and write connections. An API server has one connection, and what is done for a request beside
/// judging it is a tenth of the time, so more would only take turns with the evaluators.
const IO_THREADS: usize = 2;

/// The runtime that connections are served on. Requests are judged elsewhere.
///
/// # Errors
/// When the system gives it no threads.
pub fn runtime() -> std::io::Result<Runtime> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(IO_THREADS);
    Builder::new_multi_thread().worker_threads(threads).thread_name("connections").enable_all().build()
}

/// What a webhook judges by.
pub enum Judging {
    /// Always the same policies.
    Fixed(Policies),
    /// Those that the cluster has at the time, and those of tenants.
    Cluster(Box<Reloader>, Option<Tenancy>),
}

/// Runs the webhook until a signal ends it.
///
/// # Errors
/// When it cannot start: a certificate that does not serve, an address that is taken, a cluster that is not there.
pub async fn serve(config: Config, judging: Judging, log: Log) -> anyhow::Result<()> {
    let (tls, shown) = tls::shown(&config)?;
    let listener = bind(config.listen).await?;
    let metrics = Arc::new(Metrics::new()?);
    let page = Arc::new(Page::new(Arc::clone(&metrics)));
    let conditions = Conditions::default();
    let mut signals = Signals::new()?;
    let address = listener.local_addr()?;
    let notifier = notify::notifier(&config).await?;
    let mut observers = vec![Arc::clone(&metrics) as Arc<dyn Observer>];
    observers.extend(recorders(&config)?);
    observers.extend(notifier.iter().map(|notifier| Arc::clone(notifier) as Arc<dyn Observer>));
    let in_force =
        InForce { policies: Arc::default(), governance: Arc::default(), level: config.stance.level };
    let service = service(&config, &in_force, observers, conditions.clone())?;
    let (place, candidate) = place(&config, &judging, &conditions).await?.unzip();
    let _following = tls::follow(&config, shown, &tls, place.as_ref(), &service, &conditions)?;
    metrics::tell(&metrics, &service, &in_force, &tls, place.as_ref(), &conditions)?;
    if let Some(notifier) = &notifier {
        let passive = config.notify.slack.as_ref().map(|slack| slack.style.passive);
        metrics::of_notifications(&metrics, notifier, passive)?;
    }
    // Until the end, so that it can be seen how that goes.
    let _admin = match config.admin {
        Some(address) => Some(admin(address, &service, &page, log).await?),
        None => None,
    };
    let cluster = begin(judging, in_force, &metrics, &service, place)?;
    tracing::info!(deny_level = config.stance.level.as_str(), "listening on https://{address}");
    let connections = server::spawn(listener, tls, Arc::clone(&service), page);
    signals.next().await;
    tracing::info!("ending: requests are taken for another {FAREWELL:?}");
    service.withdraw();
    drop(cluster);
    if let Some(candidate) = candidate {
        tokio::spawn(Candidate::release(candidate));
    }
    tokio::select! {
        () = tokio::time::sleep(FAREWELL) => {}
        () = signals.next() => {}
    }
    let end = async {
        let drained = connections.drain(DRAIN).await;
        notify::drain(notifier.as_deref()).await;
        drained
    };
    tokio::select! {
        drained = end => ended(drained, service.counts()),
        () = signals.next() => tracing::warn!("ended at once by a second signal"),
    }
    Ok(())
}

fn service(
    config: &Config,
    in_force: &InForce,
    observers: Vec<Arc<dyn Observer>>,
    conditions: Conditions,
) -> anyhow::Result<Arc<Service>> {
    if config.stance.trusts_owners {
        tracing::warn!(
            "objects that say they belong to a ReplicaSet are not judged (--trust-owner-references), and anybody can say so"
        );
    }
    let service = Service::new(
        Arc::clone(&in_force.policies),
        Arc::clone(&in_force.governance),
        config.stance,
        config.pod_name.clone(),
        observers,
        conditions,
    );
    Ok(Arc::new(service.context("there are no threads to judge on")?))
}

/// Those that write decisions down.
fn recorders(config: &Config) -> anyhow::Result<Vec<Arc<dyn Observer>>> {
    let mut recorders: Vec<Arc<dyn Observer>> = Vec::new();
    if let Some((path, content)) = &config.audit {
        let log = AuditLog::open(path, *content);
        recorders.push(Arc::new(
            log.with_context(|| format!("--audit-log {} cannot be written", path.display()))?,
        ));
    }
    if let Some(endpoint) = &config.otlp_endpoint {
        let traces = Traces::start(endpoint, &config.pod_name);
        recorders.push(Arc::new(
            traces.with_context(|| format!("--otlp-endpoint {endpoint} is no address of a collector"))?,
        ));
    }
    Ok(recorders)
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.with_context(|| format!("cannot listen on {address}; is another process there?"))
}

/// The operator's port.
async fn admin(
    address: SocketAddr,
    service: &Arc<Service>,
    page: &Arc<Page>,
    log: Log,
) -> anyhow::Result<server::Connections> {
    let listener = bind(address).await?;
    tracing::info!("the operator's port is on http://{}", listener.local_addr()?);
    Ok(server::spawn_admin(listener, Arc::clone(service), Arc::clone(page), log))
}

/// The cluster, and this replica's part in the election of the one that writes; `None` if nothing is there of it.
async fn place(
    config: &Config,
    judging: &Judging,
    conditions: &Conditions,
) -> anyhow::Result<Option<(Place, Candidate)>> {
    let certificate = match (&config.certificate, judging) {
        (Certificate::Cluster { .. }, _) => {
            "the certificate is kept in Secrets of the cluster, as neither --tls-cert and --tls-key nor --self-signed \
             are given"
        }
        (_, Judging::Cluster(..)) => "the policies are ConfigMaps of the cluster",
        (_, Judging::Fixed(_)) => return Ok(None),
    };
    let client = kube::client().await.context(certificate)?;
    let namespace = kube::namespace().context(
        "it is not known in which namespace of the cluster the webhook is: set MAGTAPE_NAMESPACE_NAME, which in a Pod its \
         service account says",
    )?;
    // Replicas are told apart by their names.
    let own = || format!("magtape-{}", std::process::id());
    let identity = if config.pod_name.is_empty() { own() } else { config.pod_name.clone() };
    let candidate = lease::run_for(client.clone(), &namespace, LEASE, &identity, conditions);
    let leads = candidate.leads();
    Ok(Some((
        Place {
            client,
            namespace,
            identity,
            leads,
            listed: config.replicated.clone(),
            conditions: conditions.clone(),
        },
        candidate,
    )))
}

/// Puts policies in force, now or when the cluster has told its own.
fn begin(
    judging: Judging,
    in_force: InForce,
    metrics: &Arc<Metrics>,
    service: &Arc<Service>,
    place: Option<Place>,
) -> anyhow::Result<Option<Cluster>> {
    match judging {
        Judging::Fixed(policies) => {
            in_force.policies.set(policies);
            metrics.loads().loaded(Duration::ZERO, 0, 0);
            service.welcome();
            Ok(None)
        }
        Judging::Cluster(reloader, tenancy) => {
            let place = place.context("there is no cluster")?;
            let service = Arc::clone(service);
            let metrics = Arc::clone(metrics);
            Ok(Some(cluster::keep(place, *reloader, tenancy, in_force, metrics, move || service.welcome())))
        }
    }
}

fn ended(drained: bool, counts: Counts) {
    let Counts { accepted, refused, expired, abandoned } = counts;
    tracing::info!(drained, accepted, refused, expired, abandoned, "ended");
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

// === impl Signals ===

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
