//! All that the compiler sees of the world: its request, a clock, and bytes that look random.

use std::time::Duration;

use wasmtime::{Engine, Linker, ResourceLimiter};
use wasmtime_wasi::{
    Deterministic, HostWallClock, WasiCtxBuilder,
    p1::{self, WasiP1Ctx},
    p2::pipe::{MemoryInputPipe, MemoryOutputPipe},
};

use super::RegoFault;

/// Slots of the function table; OPA's compiler has 36,000 functions.
const TABLE_ELEMENTS: usize = 1024 * 1024;

/// What is kept of the guest's standard error. A panic says what happened in its first lines.
const STDERR_BYTES: usize = 4096;

/// Go seeds its maps from these, once. That they are always the same is the point.
const RANDOM: [u8; 32] = *b"the same question, the same text";

/// The longest stretch of random bytes in one call; Go asks for some dozens.
const RANDOM_BYTES: u64 = 64 * 1024;

/// What time it is for the guest. Its clock for durations is real in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Always the first second of 1970, so that the same question has the same answer.
    Fixed,
    /// The time, for unit tests that ask for it.
    Real,
}

/// The host's side of one question.
pub(super) struct Guest {
    wasi: WasiP1Ctx,
    memory_bytes: usize,
}

/// What the guest writes.
pub(super) struct Outputs {
    stdout: MemoryOutputPipe,
    stderr: MemoryOutputPipe,
}

struct Epoch;

pub(super) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    p1::add_to_linker_async(&mut linker, |guest: &mut Guest| &mut guest.wasi)?;
    Ok(linker)
}

// === impl Guest ===

impl Guest {
    pub(super) fn new(request: &[u8], outputs: &Outputs, clock: Clock, memory_bytes: usize) -> Self {
        let mut builder = WasiCtxBuilder::new();
        builder
            .arg("rego-compiler")
            .stdin(MemoryInputPipe::new(request.to_vec()))
            .stdout(outputs.stdout.clone())
            .stderr(outputs.stderr.clone())
            .secure_random(Deterministic::new(RANDOM.to_vec()))
            .insecure_random(Deterministic::new(RANDOM.to_vec()))
            .insecure_random_seed(0)
            .max_random_size(RANDOM_BYTES);
        if clock == Clock::Fixed {
            builder.wall_clock(Epoch);
        }
        Self { wasi: builder.build_p1(), memory_bytes }
    }
}

impl ResourceLimiter for Guest {
    fn memory_growing(&mut self, _: usize, wanted: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        if wanted > self.memory_bytes {
            // Ends the guest here: what Go has to say about missing memory is a page of its own state.
            return Err(RegoFault::Memory(self.memory_bytes).into());
        }
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, wanted: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(wanted <= TABLE_ELEMENTS)
    }
}

// === impl Outputs ===

impl Outputs {
    pub(super) fn new(answer_bytes: usize) -> Self {
        // One byte more than it may have tells an answer that is too long from one that just fits.
        let stdout = MemoryOutputPipe::new(answer_bytes.saturating_add(1));
        Self { stdout, stderr: MemoryOutputPipe::new(STDERR_BYTES) }
    }

    /// The answer, which may be empty.
    pub(super) fn answer(&self, answer_bytes: usize) -> Result<Vec<u8>, RegoFault> {
        let answer = self.stdout.contents();
        if answer.len() > answer_bytes {
            return Err(RegoFault::Answer(format!("answers more than {answer_bytes} bytes")));
        }
        Ok(answer.to_vec())
    }

    /// What the guest said beside its answer, as far as it was kept.
    pub(super) fn said(&self) -> String {
        String::from_utf8_lossy(&self.stderr.contents()).into_owned()
    }
}

// === impl Epoch ===

impl HostWallClock for Epoch {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}
