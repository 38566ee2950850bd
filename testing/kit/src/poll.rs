//! Waiting for a condition, with a deadline: never for a fixed time.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often a condition is looked at. Small beside what is waited for (seconds), large beside one look.
const TICK: Duration = Duration::from_millis(50);

/// Asks `condition` again and again until it answers, and says how the wait for `what` ended.
///
/// # Errors
/// What `condition` failed with, or that `deadline` went by.
pub async fn until<T>(
    what: &str,
    deadline: Duration,
    mut condition: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let end = Instant::now() + deadline;
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Some(answer) = condition().await? {
            return Ok(answer);
        }
        if Instant::now() >= end {
            bail!("waited {deadline:?} for {what}");
        }
    }
}
