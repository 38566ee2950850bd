//! Why an evaluation has no answer. A fault belongs to one policy and one request; it is never an error of
//! the request, and never means "undefined".

use std::time::Duration;

use wasmtime::{PoolConcurrencyLimitError, Trap};

/// Why a policy could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The guest ran into its deadline.
    #[error("ran longer than {0:?}")]
    Deadline(Duration),
    /// The guest asked for more memory than it may have.
    #[error("needs more than {0} bytes of memory")]
    Memory(usize),
    /// The guest gave up by itself (`opa_abort`), with its own words.
    #[error("aborted: {0}")]
    Abort(String),
    /// The guest did what WebAssembly forbids: a bad pointer, `unreachable`, endless recursion.
    #[error("trapped: {0}")]
    Trap(String),
    /// A builtin was called wrongly, too often, or would have answered too much.
    #[error("builtin {name}: {reason}")]
    Builtin {
        /// The builtin's name.
        name: String,
        /// What was wrong.
        reason: String,
    },
    /// The input document is larger or deeper than the policy may be given.
    #[error("{0}")]
    Input(String),
    /// What the policy reads of the cluster is not known, so that it would answer for something else.
    #[error("what it reads of the cluster is not known: {0}")]
    Cluster(String),
    /// As many evaluations are under way as there are sandboxes. The guest never ran.
    #[error("no sandbox is free")]
    Busy,
    /// The guest handed the host something that is no value, or more of it than allowed.
    #[error("{0}")]
    Answer(String),
}

// === impl Fault ===

impl Fault {
    /// The kind in one word, for metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Fault::Deadline(_) => "deadline",
            Fault::Memory(_) => "memory",
            Fault::Abort(_) => "abort",
            Fault::Trap(_) => "trap",
            Fault::Builtin { .. } => "builtin",
            Fault::Busy => "busy",
            Fault::Input(_) => "input",
            Fault::Answer(_) => "answer",
            Fault::Cluster(_) => "cluster",
        }
    }

    /// Reads wasmtime's error: a fault that a host function raised, or a trap.
    pub(super) fn of(error: &wasmtime::Error, deadline: Duration) -> Self {
        if let Some(fault) = error.downcast_ref::<Fault>() {
            return fault.clone();
        }
        if error.is::<PoolConcurrencyLimitError>() {
            return Fault::Busy;
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => Fault::Deadline(deadline),
            Some(trap) => Fault::Trap(trap.to_string()),
            None => Fault::Trap(error.root_cause().to_string()),
        }
    }
}
