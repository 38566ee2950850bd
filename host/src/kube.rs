//! The cluster that the webhook serves: what is read there, and what is written. Nothing here judges, compiles or
//! answers requests.
//!
//! `objects` follows the objects of a kind, `lease` elects the replica that writes, and `status` tells the owners of
//! policies what became of them. `secrets` and `webhook` write what the API server knows this webhook by. Whatever the cluster refuses or does not answer is a line in the log and tried again;
//! the webhook goes on with what it has.

pub mod lease;
pub mod objects;
pub mod secrets;
pub mod status;
pub mod webhook;

use std::{env, fs};

use kube::Client;

/// Where a Pod finds its namespace.
const NAMESPACE_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// Why there is no cluster to speak with.
#[derive(Debug, thiserror::Error)]
#[error("no cluster: {0}; in a Pod the service account says where it is, elsewhere KUBECONFIG does")]
pub struct NoCluster(String);

/// A client of the cluster that the process runs in, or else of the one that KUBECONFIG names.
///
/// # Errors
/// When neither is there or makes sense.
pub async fn client() -> Result<Client, NoCluster> {
    Client::try_default().await.map_err(|error| NoCluster(error.to_string()))
}

/// The namespace that the process runs in, if it runs in a Pod or is told.
pub fn namespace() -> Option<String> {
    let told = env::var("MAGTAPE_NAMESPACE_NAME").ok().filter(|name| !name.is_empty());
    let own = || fs::read_to_string(NAMESPACE_FILE).ok().map(|name| name.trim().to_owned());
    told.or_else(own).filter(|name| !name.is_empty())
}
