//! wasmtime, narrowed to what judging needs: one configuration, one clock for deadlines, one set of limits.
//!
//! `opa` runs modules that OPA compiled, `component` runs components, and `rego` runs OPA's compiler itself. Nothing here knows of Kubernetes,
//! of severities or of where a policy came from; nothing here panics on what a guest does.

mod artefacts;
mod clock;
mod compile_cache;
pub mod component;
mod fault;
mod high_water;
mod limits;
pub mod opa;
pub mod rego;
mod shelf;
mod written;

use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::{Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmFeatures};

pub use artefacts::ArtefactCache;
pub use fault::Fault;
pub use limits::Limits;

/// Evaluations that may hold a sandbox at one time. The server runs far fewer; each costs address space only.
const MAX_INSTANCES: u32 = 256;

/// Sandboxes that wait, as new, for the next evaluation.
const MAX_KEPT: u32 = 128;

/// A sandbox that wrote more is not kept, so that one large request does not hold its memory for ever.
const KEPT_BYTES: usize = 384 * 1024;

/// A guest that recurses deeper traps. wasmtime's own default, named because a policy's fate hangs on it.
const STACK_BYTES: usize = 512 * 1024;

/// Table slots a module may have; OPA's modules use one slot for each function called indirectly.
const TABLE_ELEMENTS: usize = 20_000;

/// Written pages of a sandbox that are put back in place, not given back to the kernel, when it is thrown away: more than
/// most requests write. Once written they are put back each time, so this also bounds what a large request leaves behind.
const KEEP_RESIDENT_BYTES: usize = 192 * 1024;

/// The same for a table. One page, which holds the tables of OPA's modules, is put back without asking the kernel.
const TABLE_RESIDENT_BYTES: usize = 4096;

/// A wasmtime engine with the project's configuration, and where it keeps what it compiles. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
    cache: Option<ArtefactCache>,
    /// For sandboxes that are kept, of all modules.
    room: Arc<shelf::Room>,
    memory_bytes: usize,
    /// Set up when there is a component.
    components: Arc<Mutex<Option<Arc<component::Engine>>>>,
}

/// The engine could not be set up on this machine.
#[derive(Debug, thiserror::Error)]
#[error("the WebAssembly engine does not start on this machine: {0}")]
pub struct EngineError(String);

// === impl Engine ===

impl Engine {
    /// Sets the engine up for sandboxes of at most `memory_bytes` and starts its clock, a thread that ends with the
    /// engine.
    ///
    /// # Errors
    /// When the machine lacks what wasmtime needs, such as address space.
    pub fn new(memory_bytes: usize) -> Result<Self, EngineError> {
        Self::with_cache(memory_bytes, None)
    }

    /// The same, keeping compiled modules in `cache`.
    ///
    /// # Errors
    /// When the machine lacks what wasmtime needs, such as address space.
    pub fn with_cache(memory_bytes: usize, cache: Option<ArtefactCache>) -> Result<Self, EngineError> {
        let engine = wasmtime::Engine::new(&config(memory_bytes).map_err(EngineError::new)?)
            .map_err(EngineError::new)?;
        clock::spawn(&engine).map_err(EngineError::new)?;
        Ok(Self { wasmtime: engine, cache, room: Arc::default(), memory_bytes, components: Arc::default() })
    }

    /// The engine of components, and where it keeps what it compiles.
    fn components(&self) -> Result<(Arc<component::Engine>, Option<&ArtefactCache>), EngineError> {
        let mut components = self.components.lock().unwrap_or_else(PoisonError::into_inner);
        let engine = match &*components {
            Some(engine) => Arc::clone(engine),
            None => Arc::clone(components.insert(Arc::new(component::Engine::new(self.memory_bytes)?))),
        };
        Ok((engine, self.cache.as_ref()))
    }

    fn compile(&self, wasm: &[u8]) -> wasmtime::Result<wasmtime::Module> {
        let compile = || wasmtime::Module::from_binary(&self.wasmtime, wasm);
        match &self.cache {
            Some(cache) => cache.find_or(&self.wasmtime, &artefacts::digest(wasm), compile),
            None => compile(),
        }
    }
}

fn config(memory_bytes: usize) -> wasmtime::Result<Config> {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .cranelift_opt_level(OptLevel::Speed)
        .parallel_compilation(true)
        .max_wasm_stack(STACK_BYTES)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(memory_bytes)))
        .wasm_features(unused_features(), false);
    artefacts::portable(&mut config)?;
    config.enable_incremental_compilation(Arc::new(compile_cache::Functions::default()))?;
    Ok(config)
}

/// OPA's modules use none of these, and of several memories only the host makes use. Without them a guest cannot write tables or drop segments, so a snapshot
/// of memory and globals is all the state there is.
fn unused_features() -> WasmFeatures {
    WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::SIMD
        | WasmFeatures::RELAXED_SIMD
        | WasmFeatures::MEMORY64
        | WasmFeatures::TAIL_CALL
}

fn pool(memory_bytes: usize) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    let instances = MAX_INSTANCES + MAX_KEPT;
    pool.total_core_instances(instances)
        // One is the module's, one the host's: `opa` notes there what was written.
        .total_memories(instances * 2)
        .max_memories_per_module(2)
        .total_tables(instances)
        // Nothing here is asynchronous; the default maps 2 GiB of stacks for that.
        .total_stacks(0)
        .max_memory_size(memory_bytes)
        .table_elements(TABLE_ELEMENTS)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(TABLE_RESIDENT_BYTES)
        .pagemap_scan(wasmtime::Enabled::Auto);
    pool
}

// === impl EngineError ===

impl EngineError {
    fn new(cause: impl std::fmt::Display) -> Self {
        Self(format!("{cause:#}"))
    }
}
