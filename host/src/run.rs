//! The webhook's life: certificate, socket, requests, and the end.
//!
//! SIGTERM or SIGINT: `/readyz` says no, and for a moment requests are still taken, because the cluster sends some
//! until every node has heard; then no new connections, open requests are answered, exit. A second signal ends it
//! at once.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use tempfile::TempPath;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{
    cluster::{self, Cluster, InForce, Place, Tenancy},
    config::{Certificate, Config},
    evaluate::Policies,
    kube,
    reload::Reloader,
    server::{self, Counts, Service, tls},
};

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
pub async fn serve(config: Config, judging: Judging) -> anyhow::Result<()> {
    let (tls, _ca) = certificate(&config.certificate)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}; is another process there?", config.listen))?;
    let mut signals = Signals::new()?;
    let address = listener.local_addr()?;
    let in_force = InForce { policies: Arc::default(), governance: Arc::default(), level: config.deny_level };
    let service = Service::new(
        Arc::clone(&in_force.policies),
        Arc::clone(&in_force.governance),
        config.deny_level,
        config.failure_policy,
        config.pod_name.clone(),
    );
    let service = Arc::new(service.context("there are no threads to judge on")?);
    let cluster = begin(judging, in_force, &service, &config).await?;
    tracing::info!(deny_level = config.deny_level.as_str(), "listening on https://{address}");
    let connections = server::spawn(listener, tls, Arc::clone(&service));
    signals.next().await;
    tracing::info!("ending: requests are taken for another {FAREWELL:?}");
    service.withdraw();
    if let Some(cluster) = cluster {
        tokio::spawn(cluster.end());
    }
    tokio::select! {
        () = tokio::time::sleep(FAREWELL) => {}
        () = signals.next() => {}
    }
    tokio::select! {
        drained = connections.drain(DRAIN) => ended(drained, service.counts()),
        () = signals.next() => tracing::warn!("ended at once by a second signal"),
    }
    Ok(())
}

/// Puts policies in force, now or when the cluster has told its own.
async fn begin(
    judging: Judging,
    in_force: InForce,
    service: &Arc<Service>,
    config: &Config,
) -> anyhow::Result<Option<Cluster>> {
    let (reloader, tenancy) = match judging {
        Judging::Fixed(policies) => {
            in_force.policies.set(policies);
            service.welcome();
            return Ok(None);
        }
        Judging::Cluster(reloader, tenancy) => (*reloader, tenancy),
    };
    let client = kube::client().await?;
    let namespace = kube::namespace().context(
        "it is not known in which namespace the policies are: set MAGTAPE_NAMESPACE_NAME, which in a Pod its service \
         account says",
    )?;
    // Replicas are told apart by their names.
    let identity = match config.pod_name.as_str() {
        "" => format!("magtape-{}", std::process::id()),
        name => name.to_owned(),
    };
    let place = Place { client, namespace, identity, listed: config.replicated.clone() };
    let service = Arc::clone(service);
    Ok(Some(cluster::keep(place, reloader, tenancy, in_force, move || service.welcome())))
}

fn ended(drained: bool, counts: Counts) {
    let Counts { accepted, refused, expired, abandoned } = counts;
    tracing::info!(drained, accepted, refused, expired, abandoned, "ended");
}

/// The certificate, and the file that has the CA of one made now, gone when it is dropped.
fn certificate(certificate: &Certificate) -> anyhow::Result<(Arc<rustls::ServerConfig>, Option<TempPath>)> {
    match certificate {
        Certificate::Files { chain, key } => Ok((tls::from_files(chain, key)?, None)),
        Certificate::SelfSigned => {
            let (tls, ca) = tls::self_signed()?;
            tracing::info!("the certificate is self-signed; its CA is in {}", ca.display());
            Ok((tls, Some(ca)))
        }
    }
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
