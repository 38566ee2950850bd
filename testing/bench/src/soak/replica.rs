//! A replica of the webhook, as it runs in a cluster.

use std::{process::Command, time::Duration};

use anyhow::Result;
use magtape_testing::{certs::Authority, cluster::Cluster, daemon::Daemon};

use super::HOME;
use crate::{
    programs,
    wire::{process, server::free_port},
};

/// The first one compiles the Rego compiler, which takes a quarter of a minute on two cores that are idle.
const STARTED: Duration = Duration::from_secs(180);

/// A running replica. Dropping it ends it.
pub(super) struct Replica {
    pub(super) name: &'static str,
    port: u16,
    daemon: Daemon,
}

// === impl Replica ===

impl Replica {
    /// Starts one, and waits until it has policies in force.
    pub(super) async fn start(cluster: &Cluster, authority: &Authority, name: &'static str) -> Result<Self> {
        let (port, identity) = (free_port()?, authority.issue(name, cluster.folder())?);
        let mut command = Command::new(programs::magtape()?);
        command
            .args(["serve", "--policies-from", "cluster", "--deny-level", "LOW", "--log-level", "WARNING"])
            .args(["--listen", &format!("127.0.0.1:{port}")])
            // Its own, because every change of a policy leaves something in it.
            .arg("--cache")
            .arg(cluster.folder().join("cache"))
            .arg("--tls-cert")
            .arg(identity.cert)
            .arg("--tls-key")
            .arg(identity.key)
            .env("KUBECONFIG", cluster.kubeconfig()?)
            .env("MAGTAPE_NAMESPACE_NAME", HOME)
            .env("MAGTAPE_POD_NAME", name);
        let mut daemon = Daemon::start(name, &mut command, &cluster.folder().join(format!("{name}.log")))?;
        cluster.watch(&daemon)?;
        let trusted = reqwest::Certificate::from_pem(authority.pem().as_bytes())?;
        let client = reqwest::Client::builder().tls_certs_only([trusted]).no_proxy().build()?;
        let ready = async |_: &Daemon| {
            let answer = client.get(format!("https://localhost:{port}/readyz")).send().await;
            Ok(answer.is_ok_and(|answer| answer.status().is_success()).then_some(()))
        };
        daemon.until("the replica to be ready", STARTED, ready).await?;
        Ok(Self { name, port, daemon })
    }

    /// Where it takes reviews.
    pub(super) fn url(&self) -> String {
        format!("https://localhost:{}/", self.port)
    }

    /// The memory that it has in use, in MB.
    pub(super) fn memory(&self) -> Result<f64> {
        Ok(process::resident(self.daemon.id())?.all)
    }
}
