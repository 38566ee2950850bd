//! wasmtime as the Rego compiler needs it: a large program that Go made, which runs rarely.

use wasmtime::{Config, OptLevel, Strategy, WasmFeatures};

use crate::engine::artefacts;

/// Go's calls are calls of WebAssembly, and OPA's compiler recurses over terms. It is address space until it is used.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// What the host's own functions may use of the same stack.
const HOST_STACK_BYTES: usize = 1024 * 1024;

/// The configuration. Nobody reads the guest's backtraces, and without them its artefact is a tenth smaller.
pub(super) fn config() -> wasmtime::Result<Config> {
    let mut config = Config::new();
    config
        .strategy(strategy())
        .cranelift_opt_level(OptLevel::Speed)
        .parallel_compilation(true)
        .epoch_interruption(true)
        .generate_address_map(false)
        .wasm_backtrace_max_frames(None)
        .native_unwind_info(false)
        .max_wasm_stack(STACK_BYTES)
        .async_stack_size(STACK_BYTES + HOST_STACK_BYTES)
        .wasm_features(unused_features(), false);
    artefacts::portable(&mut config)?;
    Ok(config)
}

/// Winch makes slower code than Cranelift, but in a quarter of the time, and a compiler is asked once for each change
/// of a policy.
fn strategy() -> Strategy {
    if cfg!(target_arch = "x86_64") { Strategy::Winch } else { Strategy::Cranelift }
}

/// Go uses none of these.
fn unused_features() -> WasmFeatures {
    WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::SIMD
        | WasmFeatures::RELAXED_SIMD
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::MEMORY64
        | WasmFeatures::TAIL_CALL
}
