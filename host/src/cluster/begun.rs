//! Waits until several things have begun, so that readiness does not come before them.

use std::convert::Infallible;

use tokio::sync::mpsc;

/// Held by what has not begun yet; dropping it says that it has.
#[derive(Clone, Debug)]
pub(super) struct Beginning(
    #[expect(dead_code, reason = "only its end is of interest")] mpsc::Sender<Infallible>,
);

/// Hears when all have begun.
#[derive(Debug)]
pub(super) struct Begun(mpsc::Receiver<Infallible>);

/// For as many as take a clone.
pub(super) fn channel() -> (Beginning, Begun) {
    let (sender, receiver) = mpsc::channel(1);
    (Beginning(sender), Begun(receiver))
}

// === impl Begun ===

impl Begun {
    /// Waits for all of them.
    pub(super) async fn wait(&mut self) {
        // Nothing is ever sent: this ends with the last sender.
        let _ = self.0.recv().await;
    }
}
