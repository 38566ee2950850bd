//! Why a question has no answer.

use std::time::Duration;

use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

/// Why the compiler gave no answer. That a source is wrong is an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegoFault {
    /// The question is too long; the compiler never ran.
    #[error("the request has {bytes} bytes, more than {limit}")]
    Request {
        /// What it has.
        bytes: usize,
        /// What it may have.
        limit: usize,
    },
    /// It took too long.
    #[error("the Rego compiler ran longer than {0:?}")]
    Deadline(Duration),
    /// It asked for more memory than it may have.
    #[error("the Rego compiler needs more than {0} bytes of memory")]
    Memory(usize),
    /// It did what WebAssembly forbids, with what it last wrote to its standard error.
    #[error("the Rego compiler trapped: {0}")]
    Trap(String),
    /// It ended without an answer that can be used.
    #[error("the Rego compiler {0}")]
    Answer(String),
    /// This machine could not run it.
    #[error("the Rego compiler could not be run: {0}")]
    Host(String),
}

// === impl RegoFault ===

impl RegoFault {
    /// Reads how the guest ended; `Ok` is an ordinary end.
    pub(super) fn of(error: &wasmtime::Error, stderr: &str, deadline: Duration) -> Result<(), Self> {
        if let Some(fault) = error.downcast_ref::<RegoFault>() {
            return Err(fault.clone());
        }
        match (error.downcast_ref::<I32Exit>(), error.downcast_ref::<Trap>()) {
            (Some(I32Exit(0)), _) => Ok(()),
            (Some(I32Exit(code)), _) => {
                Err(Self::Answer(with(stderr, &format!("ended with exit code {code}"))))
            }
            (None, Some(Trap::Interrupt)) => Err(Self::Deadline(deadline)),
            (None, Some(trap)) => Err(Self::Trap(with(stderr, &trap.to_string()))),
            (None, None) => Err(Self::Trap(with(stderr, &error.root_cause().to_string()))),
        }
    }
}

/// What happened, and what the guest said.
fn with(stderr: &str, what: &str) -> String {
    match stderr.trim() {
        "" => what.to_owned(),
        said => format!("{what}: {said}"),
    }
}
