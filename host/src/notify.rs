//! Tells people and machines of decisions: Slack, Events of the cluster, webhooks. An [`Observer`], after the answer.
//!
//! What is to be told is copied, bounded, and put into a queue for each sink (`queue`), which a task of the sink works off
//! (`worker`). So nobody waits for a receiver, no sink waits for another, and what cannot be told is dropped and counted.
//! Nothing is told of dry runs, of what the cluster's own controllers make of an object that was told of (`owner`), and
//! twice of the same within a while (`repeats`).

mod counters;
mod endpoint;
pub mod events;
mod http;
mod network;
mod notification;
mod owner;
mod queue;
mod recent;
mod repeats;
mod secret;
mod sink;
pub mod slack;
mod texts;
pub mod webhook;
mod worker;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use crate::decision::{Decision, Observer};

pub use counters::{SinkCounts, Snapshot};
pub use endpoint::{Endpoint, EndpointError, Location};
pub use http::{Client, ClientError};
pub use network::{Network, UnknownNetwork};
pub use notification::{Notification, Object, Told};
pub use secret::Secret;
pub use sink::{Delivered, Delivery, Fault, Sink};

use counters::Suppressed;
use repeats::Repeats;
use worker::Lane;

/// Tells sinks of decisions.
pub struct Notifier {
    cluster: Arc<str>,
    lanes: Vec<Arc<Lane>>,
    workers: Mutex<Vec<JoinHandle<()>>>,
    repeats: Mutex<Repeats>,
    suppressed: Suppressed,
}

/// Whether people are alerted to a decision where they are to denials, or with `passive` to every violation. The same
/// again within a while counts, although it is told once.
pub fn is_alert(decision: &Decision<'_>, passive: bool) -> bool {
    !decision.request.dry_run
        && (passive || !decision.verdict.allowed)
        && notification::is_due(decision)
        && !owner::is_of_a_controller(decision.request)
}

// === impl Notifier ===

impl Notifier {
    /// Starts a task for each sink on the runtime that this is called on. The same is told of an object once within
    /// `window`. `cluster` is the name that people know the cluster by.
    pub fn spawn(cluster: &str, sinks: Vec<Arc<dyn Sink>>, window: Duration) -> Self {
        let lanes: Vec<_> = sinks.into_iter().map(|sink| Arc::new(Lane::new(sink))).collect();
        let workers = lanes.iter().map(|lane| tokio::spawn(worker::work(Arc::clone(lane)))).collect();
        Self {
            cluster: cluster.into(),
            lanes,
            workers: Mutex::new(workers),
            repeats: Mutex::new(Repeats::new(window)),
            suppressed: Suppressed::default(),
        }
    }

    /// What became of notifications so far.
    pub fn snapshot(&self) -> Snapshot {
        self.suppressed.snapshot(self.lanes.iter().map(|lane| lane.counts()).collect())
    }

    /// Takes nothing more, tells what is queued, each once more at most, and gives up what is left after `within`.
    pub async fn drain(&self, within: Duration) {
        self.lanes.iter().for_each(|lane| lane.close());
        let workers = std::mem::take(&mut *self.workers.lock().unwrap_or_else(PoisonError::into_inner));
        let deadline = Instant::now() + within;
        for mut worker in workers {
            // With the task go its deliveries.
            if timeout_at(deadline, &mut worker).await.is_err() {
                worker.abort();
            }
        }
        for lane in &self.lanes {
            let left = lane.abandon();
            if left > 0 {
                tracing::warn!(sink = lane.name(), left, "ended before all notifications were delivered");
            }
        }
    }
}

impl Observer for Notifier {
    fn decided(&self, decision: &Decision<'_>) {
        if decision.request.dry_run || !notification::is_due(decision) {
            return;
        }
        if owner::is_of_a_controller(decision.request) {
            return self.suppressed.owned();
        }
        let admitted = self.repeats.lock().unwrap_or_else(PoisonError::into_inner).admit(decision);
        let Some(repeats) = admitted else { return self.suppressed.repeated() };
        let notification = Arc::new(Notification::new(decision, &self.cluster, repeats));
        for lane in self.lanes.iter().filter(|lane| lane.wants(&notification)) {
            lane.put(&notification);
        }
    }
}
