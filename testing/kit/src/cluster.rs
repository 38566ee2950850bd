//! A Kubernetes control plane for tests: etcd and kube-apiserver, real ones, on loopback, in a temporary folder.
//!
//! There are no controllers and no nodes. Objects are stored and admission webhooks are asked, which is what an
//! admission webhook's tests need; Deployments make no Pods, and a deleted Namespace stays "terminating".

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::certs::{self, Authority};
use crate::client::Client;
use crate::daemon::Daemon;
use crate::tools::Tool;
use crate::warden::Warden;

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
    warden: Warden,
    _kube_apiserver: Daemon,
    _etcd: Daemon,
    server: String,
    authority: Authority,
    folder: TempDir,
}

// === impl Cluster ===

impl Cluster {
    /// The cluster that all tests of this process share. It starts for the first that asks, once, and ends with
    /// the process.
    ///
    /// # Errors
    /// As [`Cluster::start`], every time.
    pub async fn shared() -> Result<&'static Self> {
        static SHARED: OnceCell<Result<Cluster, String>> = OnceCell::const_new();
        let shared =
            SHARED.get_or_init(async || Self::start().await.map_err(|error| format!("{error:#}"))).await;
        shared.as_ref().map_err(|error| anyhow!("{error}"))
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
        let warden = Warden::over(folder.path())?;
        let (etcd, etcd_url) = etcd::start(&etcd, folder.path())?;
        warden.watch(&etcd)?;
        let (mut kube_apiserver, server) =
            kube_apiserver::start(&kube_apiserver, folder.path(), &etcd_url, &authority, TOKEN)?;
        warden.watch(&kube_apiserver)?;
        let client = Client::new(&server, TOKEN, authority.pem())?;
        let ready = async |_: &Daemon| Ok(client.is_ready().await.then_some(()));
        kube_apiserver
            .until("the API server to be ready", READY_DEADLINE, ready)
            .await
            .map_err(|error| etcd.explain(&error))?;
        Ok(Self { warden, _kube_apiserver: kube_apiserver, _etcd: etcd, server, authority, folder })
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

    /// Ends a program together with the cluster, also when its handle is never dropped.
    ///
    /// # Errors
    /// When the warden is gone.
    pub fn watch(&self, daemon: &Daemon) -> Result<()> {
        self.warden.watch(daemon)
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
