//! The engine of components: wasmtime's component model over a pool of its own.

use wasmtime::{Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use super::super::{MAX_INSTANCES, MAX_KEPT, STACK_BYTES, TABLE_ELEMENTS, artefacts};

/// A component that the encoder made has its own module and two small ones that join it to its imports; one that was
/// joined from several languages has some more.
const MAX_MODULES: u32 = 12;

/// Written pages that are put back in place, not given back to the kernel: the stack and what some hundred strings take.
const KEEP_RESIDENT_BYTES: usize = 128 * 1024;

/// The tables through which a module calls its imports.
const TABLE_RESIDENT_BYTES: usize = 4096;

pub(super) fn config(memory_bytes: usize) -> wasmtime::Result<Config> {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .epoch_interruption(true)
        .cranelift_opt_level(OptLevel::Speed)
        .parallel_compilation(true)
        .max_wasm_stack(STACK_BYTES)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(memory_bytes)));
    artefacts::portable(&mut config)?;
    Ok(config)
}

fn pool(memory_bytes: usize) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    let instances = MAX_INSTANCES + MAX_KEPT;
    pool.total_component_instances(instances)
        .max_core_instances_per_component(MAX_MODULES)
        .total_core_instances(instances * 4)
        // One is the guest's; `resettable` adds two.
        .max_memories_per_module(3)
        .max_memories_per_component(3)
        .total_memories(instances * 3)
        .max_tables_per_component(MAX_MODULES)
        .total_tables(instances * 3)
        // Nothing here is asynchronous; the default maps 2 GiB of stacks for that.
        .total_stacks(0)
        .max_memory_size(memory_bytes)
        .table_elements(TABLE_ELEMENTS)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(TABLE_RESIDENT_BYTES)
        .pagemap_scan(wasmtime::Enabled::Auto);
    pool
}
