//! OPA's own compiler, a Go program that was compiled for WASI, asked one question at a time.
//! docs/adr/0007-rego-compiler.md has the reasons and the figures.
//!
//! The guest gets a request on its standard input and a clock. It has no files, no environment and no network, and
//! ends with each answer. `config` is its engine, `guest` what it sees, `run` one question, `fault` why there is no
//! answer.

mod config;
mod fault;
mod guest;
mod run;

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use wasmtime::{Engine, InstancePre, Module};

use super::{ArtefactCache, EngineError, artefacts, clock};
use guest::Guest;

pub use fault::RegoFault;
pub use guest::Clock;

/// How often whoever waits for the one-time compilation hears of it.
const PROGRESS: Duration = Duration::from_millis(100);

/// The bounds of one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegoLimits {
    /// Linear memory. The compiler starts with 27 MiB, and takes some megabytes more for a policy.
    pub memory_bytes: usize,
    /// The text of the question: sources, and the data that tests need.
    pub request_bytes: usize,
    /// The text of the answer; a module is 180 KB of Base64.
    pub answer_bytes: usize,
}

/// The compiler, ready to be asked from any thread, several at a time.
pub struct RegoCompiler {
    pre: InstancePre<Guest>,
    limits: RegoLimits,
    digest: [u8; 32],
}

// === impl RegoCompiler ===

impl RegoCompiler {
    /// Loads the compiler from `wasm`. It is compiled once, which takes seconds, and kept in `cache`; while that is under
    /// way `progress` is called ten times a second with the time since its start, on this thread.
    ///
    /// # Errors
    /// When it is no module, asks for more than WASI, or when the machine lacks what wasmtime needs.
    pub fn load(
        wasm: &[u8],
        cache: Option<&ArtefactCache>,
        limits: RegoLimits,
        progress: &mut dyn FnMut(Duration),
    ) -> Result<Self, EngineError> {
        let engine = config::config().and_then(|config| Engine::new(&config)).map_err(EngineError::new)?;
        clock::spawn(&engine).map_err(EngineError::new)?;
        let digest = artefacts::digest(wasm);
        let mut compile = || compile(&engine, wasm, progress);
        let module = match cache {
            Some(cache) => cache.find_or(&engine, &digest, compile),
            None => compile(),
        };
        let module = module.map_err(EngineError::new)?;
        let linker = guest::linker(&engine).map_err(EngineError::new)?;
        let pre = linker.instantiate_pre(&module).map_err(EngineError::new)?;
        Ok(Self { pre, limits, digest })
    }

    /// Asks one question, JSON text, and gives the answer, JSON text, within that time. The same question gets the same
    /// answer, unless the guest sees the real time.
    ///
    /// # Errors
    /// Why there is no answer. That the sources are wrong is an answer.
    pub fn ask(&self, request: &[u8], clock: Clock, within: Duration) -> Result<Vec<u8>, RegoFault> {
        run::ask(&self.pre, &self.limits, request, clock, within)
    }

    /// The SHA-256 of the module.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

fn compile(engine: &Engine, wasm: &[u8], progress: &mut dyn FnMut(Duration)) -> wasmtime::Result<Module> {
    let compiled = telling(progress, || Module::from_binary(engine, wasm));
    compiled.unwrap_or_else(|| Err(wasmtime::Error::msg("the code generator failed")))
}

/// Works on a thread of its own, so that this one can tell how long it takes. `None` when the work panicked.
fn telling<T: Send>(progress: &mut dyn FnMut(Duration), work: impl FnOnce() -> T + Send) -> Option<T> {
    let started = Instant::now();
    thread::scope(|scope| {
        let (working, end) = mpsc::channel::<()>();
        let worker = scope.spawn(move || {
            let _until_the_end = working;
            work()
        });
        while end.recv_timeout(PROGRESS) == Err(RecvTimeoutError::Timeout) {
            progress(started.elapsed());
        }
        worker.join().ok()
    })
}

// === impl RegoLimits ===

impl Default for RegoLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 512 * 1024 * 1024,
            request_bytes: 16 * 1024 * 1024,
            answer_bytes: 64 * 1024 * 1024,
        }
    }
}

#[cfg(test)]
mod tests;
