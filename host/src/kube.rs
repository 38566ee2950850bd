//! The cluster that the webhook serves: what is read there, and what is written. Nothing here judges, compiles or
//! answers requests.
//!
//! `kinds` are those that the API server serves, `objects` follows the objects of a kind, `lease` elects the replica that
//! writes, and `status` tells the owners of policies what became of them, also by `events`. `secrets` and `webhook` write what the API server
//! knows this webhook by. Whatever the cluster refuses or does not answer is a line in the log and tried again;
//! the webhook goes on with what it has.

pub mod events;
pub mod kinds;
pub mod lease;
pub mod objects;
pub mod secrets;
pub mod status;
pub mod webhook;

use std::{env, fs, time::Duration};

use kube::{Client, Config};

/// Where a Pod finds its namespace.
const NAMESPACE_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// An API server that says nothing for so long is gone without a word. One that is well ends each watch before that
/// (`objects` asks for four minutes).
const SILENCE: Duration = Duration::from_secs(300);

/// Why there is no cluster to speak with.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no cluster: {0}; in a Pod the service account says where it is, elsewhere KUBECONFIG does")]
pub struct NoCluster(String);

/// A client of the cluster that the process runs in, or else of the one that KUBECONFIG names.
///
/// # Errors
/// When neither is there or makes sense.
pub async fn client() -> Result<Client, NoCluster> {
    let mut config = Config::infer().await.map_err(|error| NoCluster(error.to_string()))?;
    config.read_timeout = Some(SILENCE);
    // It counts from a request, and not from when the connection was last used.
    config.reset_reader_on_write = true;
    Client::try_from(config).map_err(|error| NoCluster(error.to_string()))
}

/// The namespace that the process runs in, if it runs in a Pod or is told.
pub fn namespace() -> Option<String> {
    let told = env::var("MAGTAPE_NAMESPACE_NAME").ok().filter(|name| !name.is_empty());
    let own = || fs::read_to_string(NAMESPACE_FILE).ok().map(|name| name.trim().to_owned());
    told.or_else(own).filter(|name| !name.is_empty())
}

/// Why the API server did not do it, in its words: a permission that is missing is named by it.
pub fn refused(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => other.to_string(),
    }
}
