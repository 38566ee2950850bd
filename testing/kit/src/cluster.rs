//! A Kubernetes control plane for tests: etcd and kube-apiserver, real ones, on loopback, in a temporary folder.
//!
//! There are no nodes, and no controllers unless they are asked for. Objects are stored and admission webhooks are
//! asked, which is what most tests of an admission webhook need; Deployments make no Pods, and a deleted Namespace
//! stays "terminating". With kube-controller-manager they do, and it goes.
//!
//! What disturbs everybody else, such as ending the API server, takes a cluster of one's own: the methods for it need
//! `&mut`, which nobody has of a cluster that is shared.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::certs::{self, Authority};
use crate::client::Client;
use crate::daemon::Daemon;
use crate::kubeconfig;
use crate::tools::Tool;
use crate::warden::Warden;
pub use kube_apiserver::AUDIT_LOG;
use kube_apiserver::KubeApiserver;

mod controllers;
mod etcd;
mod kube_apiserver;
mod port;

/// The one user. The cluster listens on loopback only and lives as long as a test.
const TOKEN: &str = "magtape-testing";

/// A running control plane. Dropping it ends it.
#[derive(Debug)]
pub struct Cluster {
    // In the order in which they are to end: the API server before its store, the folder last.
    warden: Warden,
    controllers: Option<Daemon>,
    kube_apiserver: KubeApiserver,
    _etcd: Daemon,
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
        once(&SHARED, Self::start).await
    }

    /// Another cluster that all tests of this process share, in which controllers are at work: what they make and
    /// remove would surprise the tests that share the first.
    ///
    /// # Errors
    /// As [`Cluster::start`] and [`Cluster::start_controllers`], every time.
    pub async fn shared_with_controllers() -> Result<&'static Self> {
        static SHARED: OnceCell<Result<Cluster, String>> = OnceCell::const_new();
        let start = async || {
            let mut cluster = Self::start().await?;
            cluster.start_controllers()?;
            Ok(cluster)
        };
        once(&SHARED, start).await
    }

    /// Starts a control plane of the caller's own and waits until it is ready.
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
        let mut kube_apiserver =
            KubeApiserver::new(&kube_apiserver, folder.path(), &etcd_url, &authority, TOKEN)?;
        let client = Client::new(&kube_apiserver.url, TOKEN, authority.pem())?;
        kube_apiserver.start(&client, &warden).await.map_err(|error| etcd.explain(&error))?;
        Ok(Self { warden, controllers: None, kube_apiserver, _etcd: etcd, authority, folder })
    }

    /// Starts the controllers: Deployments make ReplicaSets and those make Pods, which nothing runs; Namespaces that
    /// are deleted go, and so does what belonged to objects that are gone.
    ///
    /// # Errors
    /// When kube-controller-manager is not built (the text says what builds it) or runs already.
    pub fn start_controllers(&mut self) -> Result<()> {
        ensure!(self.controllers.is_none(), "the controllers run already");
        let program = Tool::KubeControllerManager.built()?;
        let controllers = controllers::start(&program, self.folder(), &self.kubeconfig()?)?;
        self.warden.watch(&controllers)?;
        self.controllers = Some(controllers);
        Ok(())
    }

    /// The controllers, if they run; their log says what they are at.
    pub fn controllers(&self) -> Option<&Daemon> {
        self.controllers.as_ref()
    }

    /// Ends the API server at once, as a crash does. What it has stored stays.
    ///
    /// # Errors
    /// When it does not run.
    pub fn stop_api_server(&mut self) -> Result<()> {
        self.kube_apiserver.stop(&self.warden)
    }

    /// Starts the API server again, on the same port and with the same data, and waits until it is ready.
    ///
    /// # Errors
    /// When it runs, or does not become ready (the text shows the end of its log).
    pub async fn start_api_server(&mut self) -> Result<()> {
        let client = self.client()?;
        self.kube_apiserver.start(&client, &self.warden).await
    }

    /// Has the API server hang: its connections stay open, new ones are taken by the system, and none is answered.
    ///
    /// # Errors
    /// When it does not run.
    pub fn pause_api_server(&mut self) -> Result<()> {
        self.kube_apiserver.running()?.pause()
    }

    /// Lets an API server that was paused go on.
    ///
    /// # Errors
    /// When it does not run.
    pub fn resume_api_server(&mut self) -> Result<()> {
        self.kube_apiserver.running()?.resume()
    }

    /// A new client with every right.
    ///
    /// # Errors
    /// Never for a running cluster, but the TLS library's type says it might.
    pub fn client(&self) -> Result<Client> {
        Client::new(self.server(), TOKEN, self.authority.pem())
    }

    /// Where the API server listens.
    pub fn server(&self) -> &str {
        &self.kube_apiserver.url
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

    /// Writes a kubeconfig of a user who may do nothing but what roles say.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn kubeconfig_of(&self, user: &str) -> Result<PathBuf> {
        self.write_kubeconfig(&format!("kubeconfig-{user}"), Some(user))
    }

    /// Writes a kubeconfig for kubectl and its like.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn kubeconfig(&self) -> Result<PathBuf> {
        self.write_kubeconfig("kubeconfig", None)
    }

    fn write_kubeconfig(&self, name: &str, user: Option<&str>) -> Result<PathBuf> {
        let authority = self.folder().join("ca.pem");
        certs::write(&authority, self.authority.pem())?;
        kubeconfig::write(&self.folder().join(name), self.server(), TOKEN, Some(&authority), user)
    }
}

/// What the first caller starts, or why it did not start.
async fn once(
    shared: &'static OnceCell<Result<Cluster, String>>,
    start: impl AsyncFnOnce() -> Result<Cluster>,
) -> Result<&'static Cluster> {
    let started = shared.get_or_init(async || start().await.map_err(|error| format!("{error:#}"))).await;
    started.as_ref().map_err(|error| anyhow!("{error}"))
}
