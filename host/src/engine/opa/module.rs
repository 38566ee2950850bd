//! Loads a module: checks it, runs its set-up and its data once, and keeps the result as the state from which
//! every evaluation starts.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use wasmtime::{InstancePre, Store};

use super::{
    super::{Engine, Fault, Limits, clock},
    LoadError, Run, builtins,
    host::{self, Host, Table},
    image::{self, Base, Data, Tree},
    rewrite,
    sandbox::{self, Kept, Sandbox},
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
    kept: Arc<Kept>,
    entrypoints: BTreeMap<String, Entrypoint>,
    table: Table,
    limits: Arc<Limits>,
    /// Whether its values lie in memory as the host knows them.
    layout: bool,
    /// Where its memory is free for images.
    base: Option<Base>,
    /// The address of the data document that it was loaded with.
    own_data: u32,
    /// What it reads of the cluster at the moment, over that document.
    data: RwLock<Option<Arc<Data>>>,
}

/// Why a module cannot be given the cluster's objects.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// It keeps values in a way of its own, or uses its whole memory.
    #[error("the cluster's objects cannot be given to it, because it does not lay out values as OPA does")]
    Layout,
    /// They are too many.
    #[error("what it reads of the cluster does not fit into the memory of its sandboxes, {0} bytes")]
    Memory(usize),
}

/// What a module says of itself after its set-up.
struct Ready {
    entrypoints: BTreeMap<String, Entrypoint>,
    table: Table,
    layout: bool,
    base: Option<Base>,
    own_data: u32,
    snapshot: Vec<u8>,
    kept: Kept,
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
        Ok(Self {
            pre: prepare(engine, &ready.snapshot)?,
            kept: Arc::new(ready.kept),
            entrypoints: ready.entrypoints,
            table: ready.table,
            limits: Arc::clone(limits),
            layout: ready.layout,
            base: ready.base,
            own_data: ready.own_data,
            data: RwLock::default(),
        })
    }

    /// From now on gives evaluations `tree` over the data document that the module was loaded with; nothing but that
    /// document when there is none. Evaluations that have begun keep what they have.
    ///
    /// # Errors
    /// Why that cannot be. The module then has what it had before.
    pub fn set_data(&self, tree: Option<&Tree<'_>>) -> Result<(), NoRoom> {
        let data = tree.map(|tree| self.data(tree)).transpose()?;
        *self.data.write().unwrap_or_else(PoisonError::into_inner) = data.map(Arc::new);
        Ok(())
    }

    fn data(&self, tree: &Tree<'_>) -> Result<Data, NoRoom> {
        let base = self.image_base().ok_or(NoRoom::Layout)?;
        let data = Data::of(tree, base, self.kept.snapshot(), self.own_data);
        let data = data.ok_or(NoRoom::Memory(self.limits.memory_bytes))?;
        let fits = data.behind().address() as usize <= self.limits.memory_bytes;
        if fits { Ok(data) } else { Err(NoRoom::Memory(self.limits.memory_bytes)) }
    }

    /// The bytes that the cluster's objects take in each of its sandboxes.
    pub fn data_bytes(&self) -> usize {
        let data = self.data.read().unwrap_or_else(PoisonError::into_inner);
        data.as_ref().map_or(0, |data| data.bytes().len())
    }

    /// Where images for it begin; `None` when its inputs have to be given as text, because of how it reads a document
    /// itself or because there is no room.
    pub fn image_base(&self) -> Option<Base> {
        self.base.filter(|_| self.layout)
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

    /// The most bytes of memory that an evaluation had so far.
    pub fn high_water_bytes(&self) -> usize {
        self.kept.high_water()
    }

    /// The bounds of its evaluations.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Starts an evaluation in a sandbox that is as new, which ends with the `Run`.
    ///
    /// `now` counts from 1970; `within` is the time that is left, if that is less than the module's deadline.
    ///
    /// # Errors
    /// When no sandbox is to be had.
    pub fn start(&self, now: Duration, within: Duration) -> Result<Run, Fault> {
        let deadline = within.min(self.limits.deadline);
        let host = || Host::new(Arc::clone(&self.limits), Arc::clone(&self.table), now, deadline);
        let mut sandbox = self.kept.take().map_or_else(|| self.fresh(host()), Ok)?;
        sandbox.begin(host().with_layout(self.layout));
        let data = self.data.read().unwrap_or_else(PoisonError::into_inner).clone();
        let base = data.as_ref().map_or(self.image_base(), |data| Some(data.behind()));
        sandbox.hold(data).ok_or(Fault::Memory(self.limits.memory_bytes))?;
        Ok(Run::new(sandbox, Arc::clone(&self.kept), base))
    }

    fn fresh(&self, host: Host) -> Result<Sandbox, Fault> {
        let mut store = store(self.pre.module().engine(), host);
        let instance = self.pre.instantiate(&mut store).map_err(|error| store.data().fault(&error))?;
        Sandbox::new(store, instance)
    }
}

pub(super) fn prepare(engine: &Engine, wasm: &[u8]) -> Result<InstancePre<Host>, LoadError> {
    let invalid = |error: wasmtime::Error| LoadError::Invalid(format!("{error:#}"));
    let module = engine.compile(wasm).map_err(invalid)?;
    host::linker(&engine.wasmtime).and_then(|linker| linker.instantiate_pre(&module)).map_err(invalid)
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
    let mut store = store(&engine.wasmtime, host);
    let instance =
        pre.instantiate(&mut store).map_err(|error| LoadError::Setup(store.data().fault(&error)))?;
    let set_up = SetUp::of(&instance, &mut store)?;
    let table = table(set_up.builtins(&mut store)?)?;
    let data = set_up.abi.parse_json(&mut store, data);
    let data = data.map_err(|error| LoadError::Data(store.data().fault(&error)))?;
    let entrypoints = set_up.entrypoints(&mut store)?;
    let heap_end = set_up.heap_end(&mut store).ok().flatten();
    let globals = sandbox::mutable_globals(&instance, &mut store);
    let globals = globals.into_iter().map(|(index, global)| (index, global.get(&mut store))).collect();
    let state = rewrite::State { memory: set_up.abi.memory.data(&store), globals, data };
    let snapshot = rewrite::snapshot(wasm, &state, limits.memory_bytes)?;
    let kept = Kept::new(state.memory, &engine.room);
    Ok(Ready {
        entrypoints: entrypoints.into_iter().map(|(name, number)| (name, Entrypoint(number))).collect(),
        table,
        base: heap_end.and_then(Base::behind),
        own_data: u32::try_from(data).unwrap_or_default(),
        snapshot,
        kept,
        // Only after the snapshot, because it leaves values behind. A module that fails at it can be given text.
        layout: image::is_layout_of(&set_up.abi, &mut store).unwrap_or_default(),
    })
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
