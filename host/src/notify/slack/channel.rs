//! The channel of a namespace: a Secret in it, read by its name and remembered for a moment.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use kube::Client;

use super::{
    super::{Endpoint, Fault, recent::Recent},
    Hosts,
};
use crate::kube::secrets;

/// The Secret, and the key in it, that MagTape's users have.
const SECRET: &str = "magtape-slack";
const KEY: &str = "webhook-url";

/// How long it is remembered: a channel that was set up is used soon, and a burst of denials asks once.
const REMEMBERED: Duration = Duration::from_secs(10);

/// Namespaces that are remembered.
const MAX_NAMESPACES: usize = 1024;

/// The API server's time for an answer, as receivers have it.
const DEADLINE: Duration = Duration::from_secs(5);

/// Reads the channels of namespaces.
pub struct Channels {
    client: Client,
    known: Mutex<Recent<String, (Instant, Found)>>,
}

/// What a namespace has.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// No channel.
    Nothing,
    /// One that may not be used, and why.
    Refused(String),
    /// This one.
    Channel(Endpoint),
}

// === impl Channels ===

impl Channels {
    /// Reads them with this client, which needs the right to get the Secret.
    pub fn new(client: Client) -> Self {
        Self { client, known: Mutex::new(Recent::new(MAX_NAMESPACES)) }
    }

    pub(super) async fn find(&self, namespace: &str, hosts: &Hosts) -> Result<Found, Fault> {
        if let Some(found) = self.remembered(namespace) {
            return Ok(found);
        }
        let found = self.read(namespace, hosts).await?;
        self.known().put(namespace.to_owned(), (Instant::now(), found.clone()));
        Ok(found)
    }

    fn remembered(&self, namespace: &str) -> Option<Found> {
        let mut known = self.known();
        let (since, found) = known.get_mut(&namespace.to_owned())?;
        (since.elapsed() < REMEMBERED).then(|| found.clone())
    }

    async fn read(&self, namespace: &str, hosts: &Hosts) -> Result<Found, Fault> {
        let asked = secrets::value(&self.client, namespace, SECRET, KEY);
        let answer = tokio::time::timeout(DEADLINE, asked).await;
        let answer = answer.map_err(|_| Fault::passing("the API server did not answer in time"))?;
        let url = match answer {
            Ok(Some(url)) => String::from_utf8_lossy(&url).trim().to_owned(),
            Ok(None) => return Ok(Found::Nothing),
            // Without the right to read it, the namespace has no channel; as in the original.
            Err(kube::Error::Api(status)) if matches!(status.code, 401 | 403) => {
                tracing::warn!(namespace, "the Secret {SECRET} cannot be read: {}", status.message);
                return Ok(Found::Nothing);
            }
            Err(_) => return Err(Fault::passing(format!("the Secret {SECRET} could not be read"))),
        };
        if url.is_empty() {
            return Ok(Found::Nothing);
        }
        let refused = |cause| Found::Refused(format!("the URL in the Secret {SECRET} is not used: {cause}"));
        Ok(hosts.choose(&url).map_or_else(refused, Found::Channel))
    }

    /// Nothing panics while it holds them, so poisoned ones are as good as any.
    fn known(&self) -> MutexGuard<'_, Recent<String, (Instant, Found)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
