//! The servers that are compared, each a process of its own on loopback.

mod command;

use std::{
    net::{Ipv4Addr, TcpListener},
    time::Duration,
};

use anyhow::{Context, Result};
use magtape_testing::{
    certs::{Authority, Identity},
    daemon::Daemon,
    warden::Warden,
};
use tempfile::TempDir;

use super::cores;
use crate::opa;

/// Compiling twelve policies takes seconds when the core is busy with other things too.
const STARTED: Duration = Duration::from_secs(120);

/// What answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    /// `magtape serve` with the policies in the binary.
    Magtape,
    /// An OPA server with the same policies.
    Opa,
    /// A webhook that always says yes.
    Noop,
}

/// What servers share: a folder for their files, and a certificate.
pub(crate) struct Site {
    warden: Warden,
    authority: Authority,
    identity: Identity,
    client: reqwest::Client,
    // Last: the files are in it.
    folder: TempDir,
}

/// A running server. Dropping it ends it.
pub(crate) struct Server {
    /// Which one it is.
    pub(crate) system: System,
    /// Where it listens, on loopback.
    pub(crate) port: u16,
    /// The certificate that vouches for it, as PEM.
    pub(crate) authority: String,
    daemon: Daemon,
}

// === impl System ===

impl System {
    /// What it is called in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Magtape => "magtape serve",
            Self::Opa => "OPA server",
            Self::Noop => "no-op webhook",
        }
    }

    fn path(self) -> &'static str {
        if self == Self::Opa { opa::PATH } else { "/" }
    }

    fn health(self) -> &'static str {
        if self == Self::Opa { "/health" } else { "/readyz" }
    }
}

// === impl Site ===

impl Site {
    /// An empty folder, and a certificate for servers on loopback.
    pub(crate) fn new() -> Result<Self> {
        let folder = TempDir::with_prefix("magtape-bench-").context("cannot make a temporary folder")?;
        let (warden, authority) = (Warden::over(folder.path())?, Authority::generate("magtape bench")?);
        let identity = authority.issue("server", folder.path())?;
        // An error says that a provider is there already, which serves as well.
        drop(rustls::crypto::ring::default_provider().install_default());
        let trusted = reqwest::Certificate::from_pem(authority.pem().as_bytes())?;
        let client = reqwest::Client::builder().tls_certs_only([trusted]).no_proxy().build()?;
        Ok(Self { warden, authority, identity, client, folder })
    }

    /// Starts a server, on this core alone if one is named, and waits until it is ready. The first `magtape serve`
    /// has to compile its policies, the next finds what the first has left.
    pub(crate) async fn start(&self, system: System, core: Option<usize>) -> Result<Server> {
        let port = free_port()?;
        let mut command = command::of(system, port, &self.identity, self.folder.path())?;
        let log = self.folder.path().join(format!("{port}.log"));
        let daemon = match core {
            Some(core) => {
                // Go's runtime goes by the cores it is allowed, and by this.
                command.env("GOMAXPROCS", "1");
                cores::on(core, move || Daemon::start(system.name(), &mut command, &log)).await?
            }
            None => Daemon::start(system.name(), &mut command, &log)?,
        };
        self.warden.watch(&daemon)?;
        let mut server = Server { system, port, authority: self.authority.pem().to_owned(), daemon };
        let health = format!("https://localhost:{port}{}", system.health());
        let ready = async |_: &Daemon| {
            let answer = self.client.get(&health).send().await;
            Ok(answer.is_ok_and(|answer| answer.status().is_success()).then_some(()))
        };
        server.daemon.until("the server to be ready", STARTED, ready).await?;
        Ok(server)
    }
}

// === impl Server ===

impl Server {
    /// Where it takes reviews.
    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}{}", self.port, self.system.path())
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.daemon.id()
    }
}

/// A port that nothing listens on.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free on loopback")?;
    Ok(listener.local_addr()?.port())
}
