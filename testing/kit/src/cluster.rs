//! A Kubernetes control plane for tests: etcd and kube-apiserver, real ones, on loopback, in a temporary folder.
//!
//! There are no controllers and no nodes. Objects are stored and admission webhooks are asked, which is what an
//! admission webhook's tests need; Deployments make no Pods, and a deleted Namespace stays "terminating".

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::certs::{self, Authority};
use crate::client::Client;
use crate::daemon::Daemon;
use crate::tools::Tool;

mod etcd;
mod kube_apiserver;
mod kubeconfig;
mod port;

/// How long the control plane may take; it takes five seconds, more on a machine that also compiles.
const READY_DEADLINE: Duration = Duration::from_secs(90);

/// The one user. The cluster listens on loopback only and lives as long as a test.
const TOKEN: &str = "magtape-testing";

/// A running control plane. Dropping it ends it.
#[derive(Debug)]
pub struct Cluster {
    // In the order in which they are to end: the API server before its store, the folder last.
    _kube_apiserver: Daemon,
    _etcd: Daemon,
    server: String,
    authority: Authority,
    folder: TempDir,
}

// === impl Cluster ===

impl Cluster {
    /// The cluster that all tests of this process share: started for the first that asks, ended with the last
    /// that holds it.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub async fn shared() -> Result<Arc<Self>> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::const_new(Weak::new());
        let mut shared = SHARED.lock().await;
        if let Some(cluster) = shared.upgrade() {
            return Ok(cluster);
        }
        let cluster = Arc::new(Self::start().await?);
        *shared = Arc::downgrade(&cluster);
        Ok(cluster)
    }

    /// Starts a control plane and waits until it is ready.
    ///
    /// # Errors
    /// When etcd or kube-apiserver is not built (the text says what builds it) or does not become ready (the
    /// text shows the end of its log).
    pub async fn start() -> Result<Self> {
        let (etcd, kube_apiserver) = (Tool::Etcd.built()?, Tool::KubeApiserver.built()?);
        let folder = TempDir::with_prefix("magtape-cluster-").context("cannot make a temporary folder")?;
        let authority = Authority::generate("magtape test cluster")?;
        let (etcd, etcd_url) = etcd::start(&etcd, folder.path())?;
        let (mut kube_apiserver, server) =
            kube_apiserver::start(&kube_apiserver, folder.path(), &etcd_url, &authority, TOKEN)?;
        let client = Client::new(&server, TOKEN, authority.pem())?;
        let ready = async |_: &Daemon| Ok(client.is_ready().await.then_some(()));
        kube_apiserver
            .until("the API server to be ready", READY_DEADLINE, ready)
            .await
            .map_err(|error| etcd.explain(&error))?;
        Ok(Self { _kube_apiserver: kube_apiserver, _etcd: etcd, server, authority, folder })
    }

    /// A new client with every right.
    ///
    /// # Errors
    /// Never for a running cluster, but the TLS library's type says it might.
    pub fn client(&self) -> Result<Client> {
        Client::new(&self.server, TOKEN, self.authority.pem())
    }

    /// Where the API server listens.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// A folder for files of tests, gone with the cluster.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a kubeconfig for kubectl and its like.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn kubeconfig(&self) -> Result<PathBuf> {
        let (path, authority) = (self.folder().join("kubeconfig"), self.folder().join("ca.pem"));
        certs::write(&authority, self.authority.pem())?;
        certs::write(&path, &kubeconfig::text(&self.server, TOKEN, &authority))?;
        Ok(path)
    }
}
