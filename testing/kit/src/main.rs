//! A Kubernetes API server to try things on; `cargo xtask cluster --run` starts it.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use magtape_testing::cluster::Cluster;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell it to when stderr is gone.
            let _ = writeln!(anstream::stderr().lock(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let cluster = Cluster::start().await?;
    let kubeconfig = cluster.kubeconfig()?;
    writeln!(
        anstream::stdout().lock(),
        "The API server listens on {}. In another terminal:\n\n    export KUBECONFIG={}\n    kubectl get namespaces\n\n\
         Ctrl-C ends it and removes its data.",
        cluster.server(),
        kubeconfig.display()
    )?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
