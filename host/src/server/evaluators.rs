//! The threads on which requests are judged, and the way there and back.
//!
//! The runtime that reads and writes connections has threads of its own, so that probes and other connections are
//! served whatever policies do.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use tokio::sync::oneshot;

use super::pool::Pool;

/// Requests that may wait for a thread. One API server has at most 200 changes in hand by default, so a burst of it
/// fits, and most of what takes longer than this queue to judge has run out of time anyway.
const WAITING: usize = 200;

/// What became of the requests so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Taken into the queue.
    pub accepted: u64,
    /// Not taken, because the queue was full, or too many requests were in hand to read their bodies.
    pub refused: u64,
    /// Taken, and not judged because their time ran out first.
    pub expired: u64,
    /// Taken, and not judged because nobody waited for the answer any more.
    pub abandoned: u64,
}

/// How a hand-over ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended<I, O> {
    /// The answer.
    Answered(O),
    /// No room in the queue; nobody has looked at the input.
    Refused(I),
    /// No thread was free in time; nobody has looked at the input.
    Expired(I),
    /// There will be no answer: the work panicked.
    Lost,
}

/// A bounded number of threads that judge, with a bounded queue.
pub(super) struct Evaluators {
    pool: Pool,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    accepted: AtomicU64,
    refused: AtomicU64,
    expired: AtomicU64,
    abandoned: AtomicU64,
}

/// Input that one thread takes, or that is given up. Dropping it before gives it up.
struct Held<I> {
    input: Arc<Mutex<Option<I>>>,
    counters: Arc<Counters>,
}

// === impl Evaluators ===

impl Evaluators {
    /// As many threads, and the queue.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub(super) fn new(threads: usize) -> io::Result<Self> {
        Self::with(threads, WAITING)
    }

    fn with(threads: usize, waiting: usize) -> io::Result<Self> {
        Ok(Self { pool: Pool::new("evaluator", threads, waiting)?, counters: Arc::default() })
    }

    /// Has `work` done with `input` on one of the threads. It answers by the sender, and may go on after that.
    /// Whoever drops the future before a thread has the input takes it back.
    pub(super) async fn run<I, O>(
        &self,
        input: I,
        deadline: Instant,
        work: impl FnOnce(I, oneshot::Sender<O>) + Send + 'static,
    ) -> Ended<I, O>
    where
        I: Send + 'static,
        O: Send + 'static,
    {
        let (sender, mut answer) = oneshot::channel();
        let held = Held { input: Arc::new(Mutex::new(Some(input))), counters: Arc::clone(&self.counters) };
        let input = Arc::clone(&held.input);
        let job = move || {
            // What has run out of time is left to whoever waits for it.
            let input = (Instant::now() < deadline).then(|| take(&input)).flatten();
            if let Some(input) = input {
                work(input, sender);
            }
        };
        if self.pool.submit(job).is_err() {
            count(&self.counters.refused);
            return held.take().map_or(Ended::Lost, Ended::Refused);
        }
        count(&self.counters.accepted);
        let in_time = tokio::time::timeout_at(deadline.into(), &mut answer).await;
        match (in_time, held.take()) {
            (Ok(Ok(answer)), _) => Ended::Answered(answer),
            (_, Some(input)) => {
                count(&self.counters.expired);
                Ended::Expired(input)
            }
            (Ok(Err(_)), None) => Ended::Lost,
            // A thread has it, and its work ends about now.
            (Err(_), None) => answer.await.map_or(Ended::Lost, Ended::Answered),
        }
    }

    /// How many wait for a thread.
    pub(super) fn waiting(&self) -> usize {
        self.pool.waiting()
    }

    /// Counts a request that was refused before it could be handed over.
    pub(super) fn refused(&self) {
        count(&self.counters.refused);
    }

    /// What became of the requests so far.
    pub(super) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let Counters { accepted, refused, expired, abandoned } = &*self.counters;
        Counts {
            accepted: read(accepted),
            refused: read(refused),
            expired: read(expired),
            abandoned: read(abandoned),
        }
    }
}

// === impl Held ===

impl<I> Held<I> {
    fn take(&self) -> Option<I> {
        take(&self.input)
    }
}

impl<I> Drop for Held<I> {
    fn drop(&mut self) {
        if self.take().is_some() {
            count(&self.counters.abandoned);
        }
    }
}

fn take<I>(input: &Mutex<Option<I>>) -> Option<I> {
    input.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests;
