//! Works off the queue of one sink: some at a time, and again what may go better later.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::Instant};

use super::{
    Notification,
    counters::{Counters, SinkCounts},
    queue::{Job, Queue},
    sink::{Delivered, Fault, Sink},
};

/// Deliveries of one sink at a time: a receiver that is slow for one message takes others meanwhile.
const AT_ONCE: usize = 4;

/// How often a notification is tried. With the times between, a receiver may be away for a minute.
const MAX_TRIES: u32 = 6;

/// Before the second try; doubled before each further one.
const FIRST_WAIT: Duration = Duration::from_secs(2);

/// As long as a receiver may ask to be waited for.
const MAX_WAIT: Duration = Duration::from_secs(300);

/// A sink with what it has yet to tell.
pub(super) struct Lane {
    sink: Arc<dyn Sink>,
    queue: Queue,
    counters: Counters,
    first_wait: Duration,
}

/// Delivers until the queue is closed and empty.
pub(super) async fn work(lane: Arc<Lane>) {
    let mut deliveries = JoinSet::new();
    loop {
        while deliveries.len() >= AT_ONCE {
            // One that panicked has ended as well.
            let _ = deliveries.join_next().await;
        }
        let Some(job) = lane.queue.take().await else { break };
        // Those that have ended meanwhile.
        while deliveries.try_join_next().is_some() {}
        deliveries.spawn(Arc::clone(&lane).deliver(job));
    }
    while deliveries.join_next().await.is_some() {}
}

// === impl Lane ===

impl Lane {
    pub(super) fn new(sink: Arc<dyn Sink>) -> Self {
        Self { sink, queue: Queue::default(), counters: Counters::default(), first_wait: FIRST_WAIT }
    }

    pub(super) fn name(&self) -> &str {
        self.sink.name()
    }

    pub(super) fn wants(&self, notification: &Notification) -> bool {
        self.sink.wants(notification)
    }

    pub(super) fn put(&self, notification: &Arc<Notification>) {
        let now = Instant::now();
        let notification = Arc::clone(notification);
        self.counters.dropped(self.queue.put(Job { notification, tries: 0, since: now, due: now }));
    }

    pub(super) fn close(&self) {
        self.queue.close();
    }

    /// Gives up what is queued and what is being tried, and answers how many there were.
    pub(super) fn abandon(&self) -> usize {
        let left = self.queue.clear() + self.counters.under_way();
        self.counters.dropped(left);
        left
    }

    pub(super) fn counts(&self) -> SinkCounts {
        self.counters.counts(self.name(), self.queue.len())
    }

    async fn deliver(self: Arc<Self>, job: Job) {
        self.counters.begun();
        let ended = self.sink.deliver(&job.notification).await;
        self.counters.ended();
        let fault = match ended {
            Ok(Delivered::Told) => return self.counters.sent(),
            Ok(Delivered::Nobody) => return,
            Err(fault) => fault,
        };
        let tries = job.tries + 1;
        match fault {
            Fault::Passing { wait, .. } if tries < MAX_TRIES && !self.queue.is_closed() => {
                tracing::debug!(sink = self.name(), tries, "a notification is tried again: {fault}");
                self.counters.retried();
                let due =
                    Instant::now() + wait.map_or_else(|| self.backoff(tries), |wait| wait.min(MAX_WAIT));
                self.counters.dropped(self.queue.put(Job { tries, due, ..job }));
            }
            fault => {
                let Notification { uid, object, .. } = &*job.notification;
                let namespace = &object.namespace;
                tracing::warn!(
                    sink = self.name(),
                    uid,
                    namespace,
                    tries,
                    "a notification was not delivered: {fault}"
                );
                self.counters.failed();
            }
        }
    }

    /// Between half of it and all of it, so that what failed together is not tried together again.
    fn backoff(&self, tries: u32) -> Duration {
        let most = self.first_wait * 2_u32.saturating_pow(tries.saturating_sub(1));
        // Without random bytes all are tried at once, which does no harm either.
        let part = f64::from(getrandom::u32().unwrap_or_default()) / f64::from(u32::MAX);
        most.mul_f64(0.5 + part / 2.0)
    }
}

#[cfg(test)]
mod tests;
