//! What a sink has yet to tell: bounded, and by time.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::Notify, time::Instant};

use super::Notification;

/// Notifications that may wait for a sink. A burst of a deployment fits; of what is more, the gravest are kept.
const LENGTH: usize = 256;

/// Something to tell.
pub(super) struct Job {
    pub(super) notification: Arc<Notification>,
    /// How often it was tried.
    pub(super) tries: u32,
    /// When it was put in first.
    pub(super) since: Instant,
    /// When it may be tried.
    pub(super) due: Instant,
}

/// Jobs, taken by one task.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
}

/// What comes next.
enum Next {
    Now(Job),
    At(Instant),
    Unknown,
    Never,
}

// === impl Queue ===

impl Queue {
    /// Puts a job in. If there is no room, the oldest of the least grave goes, which may be this one. Answers how many
    /// were lost: none or one.
    pub(super) fn put(&self, job: Job) -> usize {
        let mut state = self.lock();
        if state.closed {
            return 1;
        }
        state.jobs.push_back(job);
        let lost = state.jobs.len() > LENGTH;
        if lost {
            state.drop_one();
        }
        drop(state);
        self.changed.notify_one();
        lost.into()
    }

    /// The next job, when it is due; `None` when there will be none.
    pub(super) async fn take(&self) -> Option<Job> {
        loop {
            // Before the look into the queue, so that no change after it is missed.
            let changed = self.changed.notified();
            match self.next() {
                Next::Now(job) => return Some(job),
                Next::Never => return None,
                Next::Unknown => changed.await,
                Next::At(due) => tokio::select! {
                    () = changed => {}
                    () = tokio::time::sleep_until(due) => {}
                },
            }
        }
    }

    fn next(&self) -> Next {
        let mut state = self.lock();
        let now = Instant::now();
        // What is left when there is no more time is due at once.
        let due = state.jobs.iter().position(|job| state.closed || job.due <= now);
        if let Some(job) = due.and_then(|at| state.jobs.remove(at)) {
            return Next::Now(job);
        }
        match state.jobs.iter().map(|job| job.due).min() {
            Some(due) => Next::At(due),
            None if state.closed => Next::Never,
            None => Next::Unknown,
        }
    }

    /// Takes nothing more.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Empties it, and answers how many there were.
    pub(super) fn clear(&self) -> usize {
        std::mem::take(&mut self.lock().jobs).len()
    }

    pub(super) fn len(&self) -> usize {
        self.lock().jobs.len()
    }

    /// Nothing panics while it holds the queue, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl State ===

impl State {
    fn drop_one(&mut self) {
        let grave = |job: &Job| (job.notification.severity, !job.notification.allowed, job.since);
        let least = self.jobs.iter().enumerate().min_by_key(|(_, job)| grave(job));
        if let Some((at, _)) = least {
            self.jobs.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{notify::notification::tests::notification, verdict::Severity};

    fn job(name: &str, severity: Severity, allowed: bool) -> Job {
        let mut notification = notification(name);
        (notification.severity, notification.allowed) = (severity, allowed);
        let now = Instant::now();
        Job { notification: Arc::new(notification), tries: 0, since: now, due: now }
    }

    async fn names(queue: &Queue) -> Vec<String> {
        queue.close();
        let mut names = Vec::new();
        while let Some(job) = queue.take().await {
            names.push(job.notification.object.name.clone());
        }
        names
    }

    #[tokio::test]
    async fn without_room_the_oldest_of_the_least_grave_goes() {
        let queue = Queue::default();
        let (low, high) = (Severity::Low, Severity::High);
        assert_eq!(queue.put(job("high", high, true)), 0);
        let full: usize = (1..LENGTH).map(|number| queue.put(job(&format!("low {number}"), low, true))).sum();
        assert_eq!(full, 0);
        assert_eq!(queue.put(job("denied", low, false)), 1, "low 1 goes");
        assert_eq!(queue.put(job("low", low, true)), 1, "low 2 goes");
        let lost: usize = (0..LENGTH).map(|_| queue.put(job("high too", high, true))).sum();
        assert_eq!((lost, queue.len()), (LENGTH, LENGTH));
        assert_eq!(queue.put(job("low", low, false)), 1, "it is the least grave itself");
        let names = names(&queue).await;
        assert!(!names.iter().any(|name| name.contains("low") || name == "denied"), "{names:?}");
    }

    #[tokio::test]
    async fn a_job_waits_for_its_time_and_lets_others_pass() {
        let queue = Queue::default();
        let start = Instant::now();
        queue.put(Job { due: start + Duration::from_millis(200), ..job("later", Severity::High, false) });
        queue.put(job("now", Severity::Low, true));
        assert_eq!(queue.take().await.unwrap().notification.object.name, "now");
        assert_eq!(queue.take().await.unwrap().notification.object.name, "later");
        assert!(start.elapsed() >= Duration::from_millis(200));
        queue.put(Job { due: start + Duration::from_secs(600), ..job("at the end", Severity::Low, true) });
        assert_eq!(names(&queue).await, ["at the end"]);
        assert!(start.elapsed() < Duration::from_secs(600));
        assert_eq!(queue.put(job("after it", Severity::High, false)), 1);
    }
}
