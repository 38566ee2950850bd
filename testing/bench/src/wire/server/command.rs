//! How each server is started: all deny whatever a policy finds, and none logs requests.

use std::{env, path::Path, process::Command};

use anyhow::Result;
use magtape_testing::{certs::Identity, tools::Tool};

use super::System;
use crate::{opa, programs};

/// The command that has the system listen on this port. What it needs beside the certificate is written to `folder`.
pub(super) fn of(system: System, port: u16, identity: &Identity, folder: &Path) -> Result<Command> {
    let address = format!("127.0.0.1:{port}");
    let mut command = match system {
        System::Magtape => {
            let mut command = Command::new(programs::magtape()?);
            command.args([
                "serve",
                "--policies",
                "embedded:rego",
                "--deny-level",
                "HIGH",
                "--log-level",
                "ERROR",
                "--listen",
                &address,
            ]);
            command.arg("--cache").arg(folder.join("cache"));
            command
        }
        System::Opa => {
            let mut command = Command::new(Tool::Opa.built()?);
            command.args([
                "run",
                "--server",
                "--skip-version-check",
                "--log-level",
                "error",
                "--addr",
                &address,
            ]);
            command.args(opa::files(folder)?);
            command
        }
        System::Noop => {
            let mut command = Command::new(env::current_exe()?);
            command.args(["noop-webhook", "--listen", &address]);
            command
        }
    };
    let [cert, key] = match system {
        System::Opa => ["--tls-cert-file", "--tls-private-key-file"],
        System::Magtape | System::Noop => ["--tls-cert", "--tls-key"],
    };
    command.arg(cert).arg(&identity.cert).arg(key).arg(&identity.key);
    Ok(command)
}
