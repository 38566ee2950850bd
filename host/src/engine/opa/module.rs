//! Loads a module: checks it, runs its set-up and its data once, and keeps the result as the state from which
//! every evaluation starts.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use wasmtime::{InstancePre, Store};

use super::{
    super::{Engine, Fault, Limits, clock},
    LoadError, Run,
    abi::{Abi, Address, Names},
    builtins,
    host::{self, Host, Table},
    image::{Image, PROBE},
    rewrite,
};

/// Lists of names are short; OPA's longest lists of entrypoints are a few kilobytes.
pub(super) const NAMES_BYTES: usize = 256 * 1024;

/// A module may be set up for so long, however little time its evaluations have: large data takes a while to load.
pub(super) const SET_UP: Duration = Duration::from_secs(2);

/// A rule that a module answers for, by the number that the module gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entrypoint(pub(super) i32);

/// A loaded module: compiled, checked, and ready to be instantiated from its snapshot.
pub struct Module {
    pre: InstancePre<Host>,
    entrypoints: BTreeMap<String, Entrypoint>,
    table: Table,
    data: Address,
    limits: Arc<Limits>,
    images: bool,
}

/// What a module says of itself after its set-up.
struct Ready {
    entrypoints: BTreeMap<String, Entrypoint>,
    table: Table,
    data: Address,
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
        let mut module = Self {
            pre: prepare(engine, &ready.snapshot)?,
            entrypoints: ready.entrypoints,
            table: ready.table,
            data: ready.data,
            limits: Arc::clone(limits),
            images: false,
        };
        // A module that fails at this can still be given text.
        module.images = module.proves_images().unwrap_or_default();
        Ok(module)
    }

    /// Whether the module has its values in memory as images have them, and leaves their place free.
    fn proves_images(&self) -> Option<bool> {
        let mut run = self.start(Duration::ZERO, SET_UP).ok()?;
        let image = Image::of(PROBE.as_bytes()).ok()?;
        run.reads_like(PROBE.as_bytes(), &image).ok()
    }

    /// Whether its inputs may be given as images, which is known from how it reads a document itself.
    pub fn takes_images(&self) -> bool {
        self.images
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
        let abi = match self.pre.instantiate(&mut store) {
            Ok(instance) => Abi::of(&instance, &mut store).map_err(|error| Fault::Trap(error.to_string()))?,
            Err(error) => return Err(store.data().fault(&error)),
        };
        Ok(Run::new(store, abi, self.data, self.limits.result_bytes, self.images))
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
    let abi = Abi::of(&instance, &mut store)?;
    let names = |store: &mut Store<Host>, which| {
        abi.names(&mut *store, which, NAMES_BYTES)
            .map_err(|error| LoadError::Setup(store.data().fault(&error)))
    };
    let table = table(names(&mut store, Names::Builtins)?)?;
    let entrypoints = names(&mut store, Names::Entrypoints)?;
    let data =
        abi.parse_json(&mut store, data).map_err(|error| LoadError::Data(store.data().fault(&error)))?;
    let globals = mutable_globals(&instance, &mut store);
    let state = rewrite::State { memory: abi.memory.data(&store), globals };
    Ok(Ready {
        entrypoints: entrypoints.into_iter().map(|(name, id)| (name, Entrypoint(id))).collect(),
        table,
        data,
        snapshot: rewrite::snapshot(wasm, &state, limits.memory_bytes)?,
    })
}

fn mutable_globals(instance: &wasmtime::Instance, store: &mut Store<Host>) -> Vec<(u32, wasmtime::Val)> {
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
