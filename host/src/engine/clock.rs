//! The clock behind deadlines: a thread that advances the engine's epoch, at which running guests look.

use std::{thread, time::Duration};

/// A deadline is met to within two ticks. A shorter tick would wake the process more often for nothing.
const TICK: Duration = Duration::from_millis(2);

/// Starts the clock; it ends when the engine is gone.
pub(super) fn spawn(engine: &wasmtime::Engine) -> std::io::Result<()> {
    let weak = engine.weak();
    thread::Builder::new().name("epoch".to_owned()).spawn(move || {
        while let Some(engine) = weak.upgrade() {
            engine.increment_epoch();
            drop(engine);
            #[allow(clippy::disallowed_methods, reason = "a clock is the one thing that has to sleep")]
            thread::sleep(TICK);
        }
    })?;
    Ok(())
}

/// The number of ticks that is at least `duration`.
pub(super) fn ticks(duration: Duration) -> u64 {
    // One more, because the current tick has partly gone by.
    u64::try_from(duration.as_nanos().div_ceil(TICK.as_nanos())).unwrap_or(u64::MAX / 2).saturating_add(1)
}
