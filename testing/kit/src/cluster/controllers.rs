//! kube-controller-manager, with the controllers that bring objects to life, and those that remove what is left over.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::daemon::Daemon;

/// Those of workloads, and what completes a deletion. The others are about nodes, volumes, tokens and networks, of
/// which there are none.
const CONTROLLERS: &str = "deployment-controller,replicaset-controller,statefulset-controller,\
                           daemonset-controller,job-controller,cronjob-controller,disruption-controller,\
                           namespace-controller,garbage-collector-controller";

/// Starts the controllers of the cluster that `kubeconfig` names.
pub(super) fn start(program: &Path, folder: &Path, kubeconfig: &Path) -> Result<Daemon> {
    let mut command = Command::new(program);
    command
        .arg(format!("--kubeconfig={}", kubeconfig.display()))
        .arg(format!("--controllers={CONTROLLERS}"))
        // There is no other to elect from.
        .arg("--leader-elect=false")
        // Nobody asks it anything.
        .arg("--secure-port=0");
    Daemon::start("kube-controller-manager", &mut command, &folder.join("kube-controller-manager.log"))
}
