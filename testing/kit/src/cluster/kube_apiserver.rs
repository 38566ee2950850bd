//! kube-apiserver, with one user and RBAC. It can end and start again, on the same port and with the same data.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::port;
use crate::certs::{self, Authority};
use crate::client::Client;
use crate::daemon::Daemon;
use crate::warden::Warden;

/// How long it may take to be ready; it takes five seconds, more on a machine that also compiles.
const READY_DEADLINE: Duration = Duration::from_secs(90);

/// Where requests about objects in the namespace `audited` are noted, below the folder of the cluster.
pub const AUDIT_LOG: &str = "audit.log";

/// What is noted: nothing else, because tests and benchmarks make many requests.
const AUDIT_POLICY: &str = r#"{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata", "namespaces": ["audited"]}, {"level": "None"}]}"#;

/// An API server, running or not.
#[derive(Debug)]
pub(super) struct KubeApiserver {
    command: Command,
    log: PathBuf,
    /// Where it listens when it runs.
    pub(super) url: String,
    daemon: Option<Daemon>,
}

// === impl KubeApiserver ===

impl KubeApiserver {
    /// One that does not run yet.
    pub(super) fn new(
        program: &Path,
        folder: &Path,
        etcd: &str,
        authority: &Authority,
        token: &str,
    ) -> Result<Self> {
        let port = port::free()?;
        let command = command(program, folder, etcd, authority, token, port)?;
        let (log, url) = (folder.join("kube-apiserver.log"), format!("https://127.0.0.1:{port}"));
        Ok(Self { command, log, url, daemon: None })
    }

    /// Starts it, and waits until it is ready.
    pub(super) async fn start(&mut self, client: &Client, warden: &Warden) -> Result<()> {
        ensure!(self.daemon.is_none(), "the API server runs already");
        let daemon = Daemon::start("kube-apiserver", &mut self.command, &self.log)?;
        let daemon = self.daemon.insert(daemon);
        warden.watch(daemon)?;
        let ready = async |_: &Daemon| Ok(client.is_ready().await.then_some(()));
        daemon.until("the API server to be ready", READY_DEADLINE, ready).await
    }

    /// Ends it at once, as a crash does.
    pub(super) fn stop(&mut self, warden: &Warden) -> Result<()> {
        warden.forget(self.running()?)?;
        self.daemon = None;
        Ok(())
    }

    /// Its process.
    pub(super) fn running(&self) -> Result<&Daemon> {
        self.daemon.as_ref().context("the API server does not run")
    }
}

fn command(
    program: &Path,
    folder: &Path,
    etcd: &str,
    authority: &Authority,
    token: &str,
    port: u16,
) -> Result<Command> {
    let identity = authority.issue("kube-apiserver", folder)?;
    let tokens = folder.join("tokens.csv");
    certs::write(&tokens, &format!("{token},admin,admin,\"system:masters\"\n"))?;
    let audit_policy = folder.join("audit-policy.json");
    fs::write(&audit_policy, AUDIT_POLICY).context("cannot write the audit policy")?;
    let mut command = Command::new(program);
    command
        .arg(format!("--etcd-servers={etcd}"))
        .arg("--bind-address=127.0.0.1")
        .arg(format!("--secure-port={port}"))
        .arg(format!("--tls-cert-file={}", identity.cert.display()))
        .arg(format!("--tls-private-key-file={}", identity.key.display()))
        .arg(format!("--token-auth-file={}", tokens.display()))
        .arg("--authorization-mode=RBAC")
        .arg("--service-cluster-ip-range=10.0.0.0/24")
        .arg(format!("--audit-policy-file={}", audit_policy.display()))
        .arg(format!("--audit-log-path={}", folder.join(AUDIT_LOG).display()))
        // As in real clusters; else the API server itself would refuse what the webhook is to refuse.
        .arg("--allow-privileged=true")
        // No controller makes the service account that each Pod would have to name.
        .arg("--disable-admission-plugins=ServiceAccount")
        .arg("--service-account-issuer=https://kubernetes.default.svc")
        .arg(format!("--service-account-key-file={}", identity.cert.display()))
        .arg(format!("--service-account-signing-key-file={}", identity.key.display()));
    Ok(command)
}
