//! Load from one thread.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};
use tokio::{runtime, task::JoinSet};

use super::{
    Reviews,
    client::{Connection, Target},
    schedule::Schedule,
};

/// Requests under way at one time.
pub(super) const SENDERS: usize = 8;

/// What came of a run.
#[derive(Debug, Default)]
pub(super) struct Ran {
    /// From the moment each request was due to the end of its answer, in milliseconds.
    pub(super) latencies: Vec<f64>,
    /// From the first request to the last answer.
    pub(super) elapsed: Duration,
    /// The processor time that the load took.
    pub(super) load_cpu: Duration,
    /// The processor time that the server took; whoever knows the server adds it.
    pub(super) server_cpu: Duration,
}

// === impl Ran ===

impl Ran {
    /// Requests a second.
    pub(super) fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// Which part of its core's time something took.
    pub(super) fn share(&self, cpu: Duration) -> f64 {
        cpu.as_secs_f64() / self.elapsed.as_secs_f64()
    }
}

/// Sends the reviews by the schedule, over and over, from this thread.
pub(super) fn run(target: &Target, reviews: &Reviews, schedule: Schedule) -> Result<Ran> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(send_all(target, reviews, schedule))
}

async fn send_all(target: &Target, reviews: &Reviews, schedule: Schedule) -> Result<Ran> {
    let (connections, schedule) = (target.connect(SENDERS).await?, Arc::new(schedule));
    let (start, cpu) = (Instant::now(), cpu());
    let mut senders = JoinSet::new();
    for connection in connections {
        senders.spawn(send(connection, target.clone(), Arc::clone(reviews), Arc::clone(&schedule), start));
    }
    let mut ran = Ran::default();
    while let Some(latencies) = senders.join_next().await {
        ran.latencies.extend(latencies.context("a sender ended")??);
    }
    ran.elapsed = start.elapsed();
    ran.load_cpu = self::cpu().saturating_sub(cpu);
    Ok(ran)
}

/// One connection's part of it.
async fn send(
    mut connection: Connection,
    target: Target,
    reviews: Reviews,
    schedule: Arc<Schedule>,
    start: Instant,
) -> Result<Vec<f64>> {
    let mut latencies = Vec::new();
    while let Some(turn) = schedule.next(start).await {
        let index = usize::try_from(turn.number)? % reviews.len().max(1);
        let review = reviews.get(index).context("there are no reviews")?;
        connection.ask(&target, review.clone()).await?;
        latencies.push(turn.due.elapsed().as_secs_f64() * 1e3);
    }
    Ok(latencies)
}

/// The processor time that this thread has taken.
fn cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
