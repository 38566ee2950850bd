//! When requests are sent.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use tokio::{sync::Mutex, task};

/// When the next request is to be sent, and when there is none any more.
#[derive(Debug)]
pub(super) enum Schedule {
    /// As soon as there is an answer to the last, for a time or a number of requests.
    AtOnce { span: Duration, requests: u64, sent: AtomicU64 },
    /// At fixed moments, whether or not there are answers: what comes late is late for those who wait.
    AtRate { gap: f64, requests: u64, sent: Mutex<u64> },
}

/// A request to be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    /// How many were sent before.
    pub(super) number: u64,
    /// When it was to be sent, which is never later than now.
    pub(super) due: Instant,
}

// === impl Schedule ===

impl Schedule {
    /// Each connection sends as soon as it has an answer.
    pub(super) fn at_once(span: Duration, requests: u64) -> Self {
        Self::AtOnce { span, requests, sent: AtomicU64::new(0) }
    }

    /// So many requests a second, evenly.
    pub(super) fn at_rate(rate: f64, span: Duration) -> Self {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of requests")]
        let requests = (rate * span.as_secs_f64()) as u64;
        Self::AtRate { gap: 1.0 / rate, requests, sent: Mutex::new(0) }
    }

    /// Waits for the next turn; none when it is over.
    pub(super) async fn next(&self, start: Instant) -> Option<Turn> {
        match self {
            Self::AtOnce { span, requests, sent } => {
                let (number, due) = (sent.fetch_add(1, Ordering::Relaxed), Instant::now());
                (number < *requests && due.duration_since(start) < *span).then_some(Turn { number, due })
            }
            Self::AtRate { gap, requests, sent } => {
                let mut sent = sent.lock().await;
                let number = *sent;
                if number >= *requests {
                    return None;
                }
                let due = start + Duration::from_secs_f64(gap * number as f64);
                // A timer wakes up to a millisecond late, which is as much as is measured.
                while Instant::now() < due {
                    task::yield_now().await;
                }
                *sent += 1;
                Some(Turn { number, due })
            }
        }
    }
}
