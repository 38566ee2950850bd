//! Loads a module: checks it, runs its set-up and its data once, and keeps the result as the state from which
//! every evaluation starts.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use wasmtime::{Instance, InstancePre, Store};

use super::{
    super::{Engine, Fault, Limits, clock},
    LoadError, Run, builtins,
    host::{self, Host, Table},
    image, rewrite,
    run::Exports,
    setup::SetUp,
};

/// A module may be set up for so long, however little time its evaluations have: large data takes a while to load.
pub(super) const SET_UP: Duration = Duration::from_secs(2);

/// A rule that a module answers for, by the number that the module gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entrypoint(pub(super) i32);

/// A loaded module: compiled, checked, and ready to be instantiated from its snapshot.
pub struct Module {
    pre: InstancePre<Host>,
    exports: Exports,
    entrypoints: BTreeMap<String, Entrypoint>,
    table: Table,
    limits: Arc<Limits>,
    /// Whether its values lie in memory as the host knows them.
    layout: bool,
    /// Whether its memory is free where images begin.
    room: bool,
}

/// What a module says of itself after its set-up.
struct Ready {
    entrypoints: BTreeMap<String, Entrypoint>,
    table: Table,
    layout: bool,
    room: bool,
    snapshot: Vec<u8>,
}

// === impl Module ===

impl Module {
    /// Loads `wasm` with `data`, the JSON text of OPA's data document, as its base data.
    ///
    /// # Errors
    /// When the module is no module of OPA's, needs what the host lacks, or fails in its set-up.
    pub fn load(engine: &Engine, limits: &Arc<Limits>, wasm: &[u8], data: &[u8]) -> Result<Self, LoadError> {
        if wasm.len() > limits.module_bytes {
            return Err(LoadError::TooLarge { size: wasm.len(), limit: limits.module_bytes });
        }
        let owned = rewrite::own_memory(wasm, limits.memory_bytes)?;
        let ready = set_up(engine, limits, &owned, data)?;
        let pre = prepare(engine, &ready.snapshot)?;
        Ok(Self {
            exports: Exports::of(pre.module())?,
            pre,
            entrypoints: ready.entrypoints,
            table: ready.table,
            limits: Arc::clone(limits),
            layout: ready.layout,
            room: ready.room,
        })
    }

    /// Whether its inputs may be given as images, which is known from how it reads a document itself.
    pub fn takes_images(&self) -> bool {
        self.layout && self.room
    }

    /// The entrypoints by OPA's path, such as `kubernetes/admission/policy_pdb/deny`.
    pub fn entrypoints(&self) -> &BTreeMap<String, Entrypoint> {
        &self.entrypoints
    }

    /// The linear memory that an evaluation starts with, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        let memory = self.pre.module().get_export("memory");
        let memory = memory.as_ref().and_then(wasmtime::ExternType::memory);
        memory.map_or(0, |memory| memory.minimum() * memory.page_size())
    }

    /// The bounds of its evaluations.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Starts an evaluation in a fresh sandbox, which is thrown away with the `Run`.
    ///
    /// `now` counts from 1970; `within` is the time that is left, if that is less than the module's deadline.
    ///
    /// # Errors
    /// When no sandbox is to be had.
    pub fn start(&self, now: Duration, within: Duration) -> Result<Run, Fault> {
        let deadline = within.min(self.limits.deadline);
        let host = Host::new(Arc::clone(&self.limits), Arc::clone(&self.table), now, deadline);
        let mut store = store(self.pre.module().engine(), host);
        let instance = self.pre.instantiate(&mut store).map_err(|error| store.data().fault(&error))?;
        Run::new(store, instance, self)
    }

    pub(super) fn exports(&self) -> &Exports {
        &self.exports
    }

    pub(super) fn has_known_layout(&self) -> bool {
        self.layout
    }
}

pub(super) fn prepare(engine: &Engine, wasm: &[u8]) -> Result<InstancePre<Host>, LoadError> {
    let invalid = |error: wasmtime::Error| LoadError::Invalid(format!("{error:#}"));
    let module = engine.compile(wasm).map_err(invalid)?;
    host::linker(&engine.0).and_then(|linker| linker.instantiate_pre(&module)).map_err(invalid)
}

pub(super) fn store(engine: &wasmtime::Engine, host: Host) -> Store<Host> {
    let deadline = host.deadline;
    let mut store = Store::new(engine, host);
    store.limiter(|host| host);
    // Before anything of the guest runs: a start function may loop as well.
    store.set_epoch_deadline(clock::ticks(deadline));
    store
}

/// Runs the start function, asks for the names, loads the data, and takes the snapshot.
fn set_up(engine: &Engine, limits: &Arc<Limits>, wasm: &[u8], data: &[u8]) -> Result<Ready, LoadError> {
    let pre = prepare(engine, wasm)?;
    let host = Host::new(Arc::clone(limits), Arc::default(), Duration::ZERO, limits.deadline.max(SET_UP));
    let mut store = store(&engine.0, host);
    let instance =
        pre.instantiate(&mut store).map_err(|error| LoadError::Setup(store.data().fault(&error)))?;
    let set_up = SetUp::of(&instance, &mut store)?;
    let table = table(set_up.builtins(&mut store)?)?;
    let data = set_up.abi.parse_json(&mut store, data);
    let data = data.map_err(|error| LoadError::Data(store.data().fault(&error)))?;
    let entrypoints = set_up.entrypoints(&mut store)?;
    let heap_end = set_up.heap_end(&mut store).ok().flatten();
    let globals = mutable_globals(&instance, &mut store);
    let state = rewrite::State { memory: set_up.abi.memory.data(&store), globals, data };
    let snapshot = rewrite::snapshot(wasm, &state, limits.memory_bytes)?;
    Ok(Ready {
        entrypoints: entrypoints.into_iter().map(|(name, number)| (name, Entrypoint(number))).collect(),
        table,
        room: heap_end.is_some_and(|end| end <= image::BASE),
        snapshot,
        // Only after the snapshot, because it leaves values behind. A module that fails at it can be given text.
        layout: image::is_layout_of(&set_up.abi, &mut store).unwrap_or_default(),
    })
}

fn mutable_globals(instance: &Instance, store: &mut Store<Host>) -> Vec<(u32, wasmtime::Val)> {
    let exported: Vec<_> = instance
        .exports(&mut *store)
        .filter_map(|export| Some((rewrite::exported_global(export.name())?, export.into_global()?)))
        .collect();
    exported.into_iter().map(|(index, global)| (index, global.get(&mut *store))).collect()
}

/// The builtins that the module asks for, by its own numbers.
fn table(names: Vec<(String, i32)>) -> Result<Table, LoadError> {
    let mut table = Vec::new();
    for (name, id) in names {
        let Some(builtin) = builtins::find(&name) else {
            let reason = builtins::refusal(&name).unwrap_or_default();
            return Err(LoadError::Builtin { name, reason });
        };
        // The numbers are dense from zero; more than there are builtins is a lie.
        let index = usize::try_from(id).ok().filter(|&index| index < 1024);
        let index =
            index.ok_or_else(|| LoadError::Export(format!("gives builtin {name} the number {id}")))?;
        if table.len() <= index {
            table.resize(index + 1, None);
        }
        if let Some(slot) = table.get_mut(index) {
            *slot = Some(builtin);
        }
    }
    Ok(table.into())
}
