//! Whoever is told of decisions.

use std::{pin::Pin, time::Duration};

use super::Notification;

/// One way to tell of a decision.
pub trait Sink: Send + Sync {
    /// What it is called in logs and metrics.
    fn name(&self) -> &str;

    /// Whether it tells of this one. Called before anything is queued, on a thread that others need.
    fn wants(&self, notification: &Notification) -> bool;

    /// Tries to tell once. It ends by itself within a bounded time.
    fn deliver<'a>(&'a self, notification: &'a Notification) -> Delivery<'a>;
}

/// What becomes of one try.
pub type Delivery<'a> = Pin<Box<dyn Future<Output = Result<Delivered, Fault>> + Send + 'a>>;

/// How a try ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// Somebody was told.
    Told,
    /// There was nobody to tell.
    Nobody,
}

/// Why nobody was told. The texts name no URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Another try may go better, not before this time has passed if the receiver has said one.
    #[error("{cause}")]
    Passing {
        /// What went wrong.
        cause: String,
        /// What the receiver asks to be waited.
        wait: Option<Duration>,
    },
    /// Another try would end in the same way.
    #[error("{0}")]
    Lasting(String),
}

// === impl Fault ===

impl Fault {
    /// A fault that may pass by itself.
    pub fn passing(cause: impl Into<String>) -> Self {
        Self::Passing { cause: cause.into(), wait: None }
    }
}
