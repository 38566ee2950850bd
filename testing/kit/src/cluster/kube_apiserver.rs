//! kube-apiserver, with one user and RBAC.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::port;
use crate::certs::{self, Authority};
use crate::daemon::Daemon;

/// Starts the API server and gives its address.
pub(super) fn start(
    program: &Path,
    folder: &Path,
    etcd: &str,
    authority: &Authority,
    token: &str,
) -> Result<(Daemon, String)> {
    let identity = authority.issue("kube-apiserver", folder)?;
    let tokens = folder.join("tokens.csv");
    certs::write(&tokens, &format!("{token},admin,admin,\"system:masters\"\n"))?;
    let port = port::free()?;
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
        // As in real clusters; else the API server itself would refuse what the webhook is to refuse.
        .arg("--allow-privileged=true")
        // No controller makes the service account that each Pod would have to name.
        .arg("--disable-admission-plugins=ServiceAccount")
        .arg("--service-account-issuer=https://kubernetes.default.svc")
        .arg(format!("--service-account-key-file={}", identity.cert.display()))
        .arg(format!("--service-account-signing-key-file={}", identity.key.display()));
    let daemon = Daemon::start("kube-apiserver", &mut command, &folder.join("kube-apiserver.log"))?;
    Ok((daemon, format!("https://127.0.0.1:{port}")))
}
