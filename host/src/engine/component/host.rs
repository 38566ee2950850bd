//! The host's side of one evaluation: its documents, its bounds, and the functions of the interface `host`.

use std::{cmp::Ordering, collections::BTreeMap, sync::Arc, time::Duration};

use wasmtime::ResourceLimiter;

use super::{
    super::{Fault, Limits},
    bindings::magtape::policy::host::{Host as Imports, Level},
};
use crate::{json::Document, shorten};

/// Longest line that a policy logs, and longest reason it gives for giving up.
const MESSAGE_BYTES: usize = 1024;

/// Lines that one evaluation may log.
const MAX_LINES: u32 = 32;

/// What wasmtime says when the guest hands over more than it may, and says in no other way.
const TOO_MUCH: &str = "fuel allocated for hostcalls has been exhausted";

/// What a policy can read.
#[derive(Clone, Debug)]
pub struct Documents {
    /// The AdmissionReview.
    pub review: Arc<Document>,
    /// What the policy is configured with.
    pub parameters: Arc<Document>,
    /// The objects of the cluster, by the kinds that the policy declares; `None` when nothing is known of one.
    pub kinds: Arc<BTreeMap<String, Option<Arc<Document>>>>,
}

/// What belongs to one evaluation.
pub(super) struct Host {
    pub(super) limits: Arc<Limits>,
    /// What this evaluation got, which may be less than the limits say.
    pub(super) deadline: Duration,
    /// Nothing while the policy describes itself.
    pub(super) documents: Option<Documents>,
    /// For the log.
    name: Arc<str>,
    now: Duration,
    calls: u32,
    lines: u32,
    starved: bool,
    /// The largest of its memories, in bytes.
    pub(super) memory_bytes: usize,
    /// What a policy takes for random.
    pub(super) random: u64,
}

// === impl Host ===

impl Host {
    pub(super) fn new(limits: &Arc<Limits>, name: &Arc<str>, now: Duration, deadline: Duration) -> Self {
        let random = u64::try_from(now.as_nanos()).unwrap_or_default();
        Self {
            limits: Arc::clone(limits),
            deadline,
            documents: None,
            name: Arc::clone(name),
            now,
            calls: 0,
            lines: 0,
            starved: false,
            memory_bytes: 0,
            random,
        }
    }

    /// The time of the evaluation, in nanoseconds since 1970.
    pub(super) fn nanoseconds(&self) -> u64 {
        u64::try_from(self.now.as_nanos()).unwrap_or(u64::MAX)
    }

    /// Counts a call of the host, which no deadline interrupts.
    pub(super) fn count_call(&mut self) -> wasmtime::Result<()> {
        self.calls += 1;
        let allowed = self.limits.host_calls;
        if self.calls > allowed {
            return Err(Fault::Answer(format!("called the host more than {allowed} times")).into());
        }
        Ok(())
    }

    fn write(&self, level: Level, message: String) {
        let (policy, message) = (&*self.name, shortened(message));
        match level {
            Level::Debug => tracing::debug!(target: "policy", policy, "{message}"),
            Level::Info => tracing::info!(target: "policy", policy, "{message}"),
            Level::Warn => tracing::warn!(target: "policy", policy, "{message}"),
            Level::Error => tracing::error!(target: "policy", policy, "{message}"),
        }
    }

    /// What `error` means, which wasmtime reported for this instance.
    pub(super) fn fault(&self, error: &wasmtime::Error) -> Fault {
        match Fault::of(error, self.deadline) {
            // Whoever is refused memory gives up in its own way.
            Fault::Abort(_) | Fault::Trap(_) if self.starved => Fault::Memory(self.limits.memory_bytes),
            Fault::Trap(text) if text.contains(TOO_MUCH) => {
                Fault::Answer(format!("handed over more than {} bytes at once", self.limits.result_bytes))
            }
            fault => fault,
        }
    }
}

impl Imports for Host {
    fn log(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        self.count_call()?;
        self.lines += 1;
        match self.lines.cmp(&(MAX_LINES + 1)) {
            Ordering::Less => self.write(level, message),
            Ordering::Equal => {
                let policy = &*self.name;
                tracing::warn!(target: "policy", policy, "logs more than {MAX_LINES} lines, and the rest is dropped");
            }
            Ordering::Greater => {}
        }
        Ok(())
    }

    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.nanoseconds())
    }

    fn abort(&mut self, reason: String) -> wasmtime::Result<()> {
        Err(Fault::Abort(shortened(reason)).into())
    }
}

/// What a policy said, or what is said of it with names of its own, on one line and not too long.
pub(super) fn shortened(text: String) -> String {
    shorten::to_bytes(text, MESSAGE_BYTES).replace(|character: char| character.is_control(), " ")
}

impl ResourceLimiter for Host {
    fn memory_growing(&mut self, _: usize, wanted: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = wanted <= maximum.unwrap_or(usize::MAX) && wanted <= self.limits.memory_bytes;
        self.starved |= !allowed;
        if allowed {
            self.memory_bytes = self.memory_bytes.max(wanted);
        }
        Ok(allowed)
    }

    fn table_growing(&mut self, _: usize, wanted: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(wanted <= super::super::TABLE_ELEMENTS)
    }
}
