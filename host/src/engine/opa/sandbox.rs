//! A module's instance, and how it is made as new: what it wrote is put back as it was in the snapshot.
//!
//! A module's state is its memory and its mutable globals; that it can write no tables and drop no segments is why
//! those are switched off in the engine. It notes where it writes (`rewrite::written`), and the host does for what it
//! copies in. So a sandbox that was put back holds nothing of the request before. One that failed or grew is not kept.

use std::sync::Arc;

use wasmtime::{AsContextMut, Global, Instance, Memory, Store, TypedFunc, Val};

use super::{
    super::{
        Fault, KEPT_BYTES, clock,
        high_water::HighWater,
        shelf::{Room, Shelf},
        written::{GRAIN_BYTES, PAGE_BYTES, STORE_BYTES},
    },
    abi::{Address, not_null},
    host::Host,
    image::{self, Data},
    rewrite,
    value::Value,
};

/// An instance with what evaluations use of it.
pub(super) struct Sandbox {
    pub(super) store: Store<Host>,
    pub(super) memory: Memory,
    ask: TypedFunc<(Address, Address, Address, Address), i64>,
    instance: Instance,
    /// What it holds of the cluster, whoever it judges.
    data: Option<Arc<Data>>,
    written: Memory,
    globals: Vec<(Global, Val)>,
    /// The size of its memory.
    bytes: usize,
}

/// Sandboxes that are as new, and what makes them so.
pub(super) struct Kept {
    /// The memory of the snapshot up to its last byte that is not zero.
    snapshot: Vec<u8>,
    shelf: Shelf<Sandbox>,
    /// The most bytes of memory that one of them had.
    high_water: HighWater,
}

// === impl Sandbox ===

impl Sandbox {
    /// Finds in a fresh instance what evaluations use.
    pub(super) fn new(mut store: Store<Host>, instance: Instance) -> Result<Self, Fault> {
        let missing = |what: &str| Fault::Trap(format!("has no {what}"));
        let mut memory = |name: &str| instance.get_memory(&mut store, name).ok_or_else(|| missing(name));
        let (memory, written) = (memory("memory")?, memory(rewrite::WRITTEN)?);
        let ask = instance.get_typed_func(&mut store, rewrite::ASK);
        let ask = ask.map_err(|_| missing(rewrite::ASK))?;
        let globals = mutable_globals(&instance, &mut store);
        let globals = globals.into_iter().map(|(_, global)| (global, global.get(&mut store))).collect();
        let bytes = memory.data_size(&store);
        Ok(Self { store, memory, ask, instance, data: None, written, globals, bytes })
    }

    /// Begins an evaluation, with `host` as its host.
    pub(super) fn begin(&mut self, host: Host) {
        self.store.set_epoch_deadline(clock::ticks(host.deadline));
        self.store.data_mut().begin(host, self.instance);
    }

    /// Takes what there is of the cluster in place of what it held; `None` when there is no room, and then it is of no
    /// use any more. This is no writing of an evaluation, so it is not noted.
    pub(super) fn hold(&mut self, data: Option<Arc<Data>>) -> Option<()> {
        let is_held = match (&self.data, &data) {
            (None, None) => true,
            (Some(held), Some(data)) => Arc::ptr_eq(held, data),
            _ => false,
        };
        if is_held {
            return Some(());
        }
        if let Some(held) = self.data.take() {
            let start = held.start() as usize;
            let end = start.checked_add(held.bytes().len())?;
            self.memory.data_mut(&mut self.store).get_mut(start..end)?.fill(0);
        }
        if let Some(data) = &data {
            self.make_room(data.behind().address())?;
            write(&mut self.store, self.memory, None, data.start() as usize, data.bytes())?;
            self.bytes = self.memory.data_size(&self.store);
        }
        self.data = data;
        Some(())
    }

    /// Makes its memory reach up to that address.
    pub(super) fn make_room(&mut self, end: u32) -> Option<()> {
        let missing = (end as usize).saturating_sub(self.memory.data_size(&self.store));
        if missing > 0 {
            let pages = missing.div_ceil(PAGE_BYTES) as u64;
            self.memory.grow(&mut self.store, pages).ok()?;
        }
        Some(())
    }

    /// Where its heap begins behind the cluster's objects; 0 when it holds none.
    pub(super) fn heap(&self) -> Address {
        let behind = self.data.as_ref().map(|data| data.behind().address());
        behind.and_then(|address| Address::try_from(address).ok()).unwrap_or_default()
    }

    /// Lets the guest's heap go on there.
    pub(super) fn set_heap(&mut self, heap: Address) -> wasmtime::Result<()> {
        let set = self.instance.get_typed_func::<Address, ()>(&mut self.store, "opa_heap_ptr_set")?;
        set.call(&mut self.store, heap)
    }

    /// Asks for an entrypoint; answers the address of its bindings.
    pub(super) fn ask(
        &mut self,
        entrypoint: i32,
        input: Address,
        heap: Address,
    ) -> wasmtime::Result<Address> {
        let cluster = self.data.as_ref().map_or(Ok(0), |data| Address::try_from(data.root()))?;
        let answer = self.ask.call(&mut self.store, (entrypoint, input, heap, cluster))?;
        match rewrite::code_and_result(answer) {
            (0, result) => not_null(result, "eval left no result"),
            (code, _) => Err(Fault::Answer(format!("eval answered the error code {code}")).into()),
        }
    }

    /// Where the only result is in the bindings at an address, as [`image::result`] has it.
    pub(super) fn result(&self, bindings: Address) -> Option<Option<Address>> {
        if !self.store.data().layout() {
            return None;
        }
        image::result(self.memory.data(&self.store), bindings)
    }

    /// The value at an address.
    pub(super) fn value(&mut self, address: Address) -> wasmtime::Result<Value> {
        let room = &mut self.store.data().limits.result_bytes.clone();
        if self.store.data().layout() {
            return Ok(image::value(self.memory.data(&self.store), address, room)?);
        }
        Host::value(&mut self.store, address, room)
    }

    /// Copies what belongs at `start` into the guest; `None` when that is behind its memory.
    pub(super) fn copy(&mut self, start: u32, bytes: &[u8]) -> Option<()> {
        write(&mut self.store, self.memory, Some(self.written), start as usize, bytes)
    }

    /// Puts everything back; `None` when it should not be kept.
    fn reset(&mut self, snapshot: &[u8]) -> Option<()> {
        if self.memory.data_size(&self.store) != self.bytes {
            return None;
        }
        let grains = self.bytes.div_ceil(GRAIN_BYTES);
        let noted = take(self.written.data_mut(&mut self.store).get_mut(..grains)?);
        if noted.len() * GRAIN_BYTES > KEPT_BYTES {
            return None;
        }
        let memory = self.memory.data_mut(&mut self.store);
        let data = self.data.as_deref();
        for grain in noted {
            put_back(memory, snapshot, data, grain * GRAIN_BYTES)?;
        }
        for (global, value) in &self.globals {
            global.set(&mut self.store, *value).ok()?;
        }
        Some(())
    }
}

/// Writes into a guest's memory and notes it, where there is something to note it in; `None` when that is behind the
/// memory.
pub(super) fn write(
    mut store: impl AsContextMut,
    memory: Memory,
    written: Option<Memory>,
    start: usize,
    bytes: &[u8],
) -> Option<()> {
    let target = start..start.checked_add(bytes.len())?;
    if let Some(written) = written {
        note(written.data_mut(&mut store), &target)?;
    }
    memory.data_mut(&mut store).get_mut(target)?.copy_from_slice(bytes);
    Some(())
}

/// Notes that the host writes there.
fn note(written: &mut [u8], target: &std::ops::Range<usize>) -> Option<()> {
    let grains = target.start / GRAIN_BYTES..target.end.div_ceil(GRAIN_BYTES);
    written.get_mut(grains)?.fill(1);
    Some(())
}

/// The grains that are noted, of which nothing is noted any more.
fn take(written: &mut [u8]) -> Vec<usize> {
    let mut noted = Vec::with_capacity(128);
    let (words, rest) = written.as_chunks_mut::<8>();
    for (number, word) in words.iter_mut().enumerate() {
        if u64::from_le_bytes(*word) != 0 {
            noted.extend((number * 8..).zip(*word).filter(|(_, byte)| *byte != 0).map(|(grain, _)| grain));
            *word = [0; 8];
        }
    }
    let behind = words.len() * 8;
    noted.extend((behind..).zip(&*rest).filter(|(_, byte)| **byte != 0).map(|(grain, _)| grain));
    rest.fill(0);
    noted
}

/// Puts one grain back, and what a store at its end reached of the next.
fn put_back(memory: &mut [u8], snapshot: &[u8], data: Option<&Data>, start: usize) -> Option<()> {
    let end = (start + GRAIN_BYTES + STORE_BYTES).min(memory.len());
    let target = memory.get_mut(start..end)?;
    let known = snapshot.get(start..end.min(snapshot.len())).unwrap_or_default();
    let (copied, zeroed) = target.split_at_mut_checked(known.len())?;
    copied.copy_from_slice(known);
    zeroed.fill(0);
    // It begins behind the snapshot.
    data.inspect(|data| restore(target, start, data.start() as usize, data.bytes()));
    Some(())
}

/// Copies into `target`, which begins at `start`, what is there of `known`, which begins at `first`.
fn restore(target: &mut [u8], start: usize, first: usize, known: &[u8]) {
    let from = start.max(first);
    let length = (start + target.len()).min(first + known.len()).saturating_sub(from);
    let source = known.get(from.saturating_sub(first)..).and_then(|known| known.get(..length));
    let target = target.get_mut(from.saturating_sub(start)..).and_then(|target| target.get_mut(..length));
    if let (Some(source), Some(target)) = (source, target) {
        target.copy_from_slice(source);
    }
}

// === impl Kept ===

impl Kept {
    /// None yet, for a module with this memory.
    pub(super) fn new(memory: &[u8], room: &Arc<Room>) -> Self {
        let end = memory.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let snapshot = memory.get(..end).unwrap_or_default().to_vec();
        Self { snapshot, shelf: Shelf::new(room), high_water: HighWater::default() }
    }

    /// The memory of the snapshot up to its last byte that is not zero.
    pub(super) fn snapshot(&self) -> &[u8] {
        &self.snapshot
    }

    /// The most bytes of memory that one of them had; 0 before the first.
    pub(super) fn high_water(&self) -> usize {
        self.high_water.bytes()
    }

    /// Takes note of one that an evaluation is done with.
    pub(super) fn note(&self, sandbox: &Sandbox) {
        self.high_water.note(sandbox.memory.data_size(&sandbox.store));
    }

    /// One that is as new.
    pub(super) fn take(&self) -> Option<Sandbox> {
        self.shelf.take()
    }

    /// Makes one as new and keeps it, if there is room.
    pub(super) fn put(&self, mut sandbox: Sandbox) {
        if sandbox.reset(&self.snapshot).is_some() {
            self.shelf.put(sandbox);
        }
    }
}

/// The mutable globals of an instance, with their indices.
pub(super) fn mutable_globals(instance: &Instance, store: &mut Store<Host>) -> Vec<(u32, Global)> {
    let globals = instance.exports(&mut *store);
    globals
        .filter_map(|export| Some((rewrite::exported_global(export.name())?, export.into_global()?)))
        .collect()
}
