//! etcd, for one API server.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::port;
use crate::daemon::Daemon;

/// Starts etcd and gives its address.
pub(super) fn start(program: &Path, folder: &Path) -> Result<(Daemon, String)> {
    let client = format!("http://127.0.0.1:{}", port::free()?);
    let peer = format!("http://127.0.0.1:{}", port::free()?);
    let mut command = Command::new(program);
    command
        .arg(format!("--data-dir={}", folder.join("etcd").display()))
        .arg(format!("--listen-client-urls={client}"))
        .arg(format!("--advertise-client-urls={client}"))
        .arg(format!("--listen-peer-urls={peer}"))
        .arg(format!("--initial-advertise-peer-urls={peer}"))
        .arg(format!("--initial-cluster=default={peer}"))
        // The data lives no longer than the process.
        .arg("--unsafe-no-fsync");
    let daemon = Daemon::start("etcd", &mut command, &folder.join("etcd.log"))?;
    Ok((daemon, client))
}
