//! What a guest may call: `opa_abort`, `opa_println` and the builtins. Nothing else of the host is in reach.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use wasmtime::{AsContextMut, Caller, Instance, Linker, ResourceLimiter};

use super::{
    super::{Fault, Limits},
    abi::{Abi, Address, read_text},
    builtins::{Builtin, BuiltinError, State},
    image,
    value::Value,
};

/// Longest text of a guest that is kept from `opa_abort` and `opa_println`.
const MESSAGE_BYTES: usize = 4096;

/// The builtins that one module asks for, by the number it calls them.
pub(super) type Table = Arc<[Option<&'static Builtin>]>;

/// The host's side of one sandbox.
pub(super) struct Host {
    /// Set once the instance exists; a start function that calls a builtin finds it missing.
    instance: Option<Instance>,
    /// Looked up when it is first needed: most evaluations call no builtin.
    abi: Option<Abi>,
    /// Whether values in the guest's memory can be read as they lie there.
    layout: bool,
    pub(super) limits: Arc<Limits>,
    /// What this evaluation got, which may be less than the limits say.
    pub(super) deadline: Duration,
    table: Table,
    state: State,
    calls: u32,
    /// Whether the guest was refused memory; its own words for that are an abort.
    starved: bool,
}

// === impl Host ===

impl Host {
    /// A host for one evaluation that takes place at `now`, counted from 1970.
    pub(super) fn new(limits: Arc<Limits>, table: Table, now: Duration, deadline: Duration) -> Self {
        let state = State {
            now_ns: i64::try_from(now.as_nanos()).unwrap_or(i64::MAX),
            until: Instant::now() + deadline,
            cached: Default::default(),
            max_output_bytes: limits.builtin_bytes,
        };
        Self {
            instance: None,
            abi: None,
            layout: false,
            deadline,
            table,
            state,
            calls: 0,
            starved: false,
            limits,
        }
    }

    /// Becomes `host`, for an evaluation in that instance.
    pub(super) fn begin(&mut self, host: Self, instance: Instance) {
        let abi = self.abi.take();
        *self = Self { instance: Some(instance), abi, ..host };
    }

    /// The same host, which knows that values in the guest's memory can be read as they lie there.
    pub(super) fn with_layout(self, layout: bool) -> Self {
        Self { layout, ..self }
    }

    /// The guest's functions for values.
    pub(super) fn abi(mut store: impl AsContextMut<Data = Self>) -> wasmtime::Result<Abi> {
        if let Some(abi) = &store.as_context().data().abi {
            return Ok(abi.clone());
        }
        let instance = store.as_context().data().instance;
        let instance =
            instance.ok_or_else(|| Fault::Answer("called while the module was set up".to_owned()))?;
        let abi = Abi::of(&instance, &mut store).map_err(|error| Fault::Trap(error.to_string()))?;
        store.as_context_mut().data_mut().abi = Some(abi.clone());
        Ok(abi)
    }

    /// A value in the guest, of at most `room` bytes of text, and leaves what is left of them.
    pub(super) fn value(
        mut store: impl AsContextMut<Data = Self>,
        address: Address,
        room: &mut usize,
    ) -> wasmtime::Result<Value> {
        if !store.as_context().data().layout {
            return Self::abi(&mut store)?.take(store, address, room);
        }
        let memory = Self::abi(&mut store)?.memory;
        Ok(image::value(memory.data(&store), address, room)?)
    }

    /// Whether values in the guest's memory can be read as they lie there.
    pub(super) fn layout(&self) -> bool {
        self.layout
    }

    /// What `error` means, which wasmtime reported for this sandbox.
    pub(super) fn fault(&self, error: &wasmtime::Error) -> Fault {
        match Fault::of(error, self.deadline) {
            Fault::Abort(_) if self.starved => Fault::Memory(self.limits.memory_bytes),
            fault => fault,
        }
    }

    fn builtin(&mut self, id: i32) -> Result<&'static Builtin, Fault> {
        let found = usize::try_from(id).ok().and_then(|id| self.table.get(id).copied().flatten());
        let builtin = found.ok_or_else(|| fault(&format!("number {id}"), "was never asked for"))?;
        self.count_call(builtin.name)?;
        Ok(builtin)
    }

    fn count_call(&mut self, name: &str) -> Result<(), Fault> {
        self.calls += 1;
        let allowed = self.limits.host_calls;
        if self.calls <= allowed {
            Ok(())
        } else {
            Err(fault(name, format!("more than {allowed} calls in all")))
        }
    }
}

/// Memory grows up to the module's own maximum, which the rewrite set; this only remembers a refusal.
impl ResourceLimiter for Host {
    fn memory_growing(&mut self, _: usize, wanted: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = wanted <= maximum.unwrap_or(usize::MAX) && wanted <= self.limits.memory_bytes;
        self.starved |= !allowed;
        Ok(allowed)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        // Asked for the table that a module declares, which the pool bounds; `table.grow` is switched off.
        Ok(true)
    }
}

/// Everything of OPA's `env` module but the memory.
pub(super) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("env", "opa_abort", abort)?;
    linker.func_wrap("env", "opa_println", println)?;
    linker.func_wrap("env", "opa_builtin0", |caller: Caller<'_, Host>, id: i32, _ctx: i32| {
        call(caller, id, &[])
    })?;
    linker.func_wrap("env", "opa_builtin1", |caller: Caller<'_, Host>, id: i32, _ctx: i32, a: i32| {
        call(caller, id, &[a])
    })?;
    linker.func_wrap(
        "env",
        "opa_builtin2",
        |caller: Caller<'_, Host>, id: i32, _ctx: i32, a: i32, b: i32| call(caller, id, &[a, b]),
    )?;
    linker.func_wrap(
        "env",
        "opa_builtin3",
        |caller: Caller<'_, Host>, id: i32, _ctx: i32, a: i32, b: i32, c: i32| call(caller, id, &[a, b, c]),
    )?;
    linker.func_wrap(
        "env",
        "opa_builtin4",
        |caller: Caller<'_, Host>, id: i32, _ctx: i32, a: i32, b: i32, c: i32, d: i32| {
            call(caller, id, &[a, b, c, d])
        },
    )?;
    Ok(linker)
}

fn abort(mut caller: Caller<'_, Host>, message: Address) -> wasmtime::Result<()> {
    let text = message_at(&mut caller, message).unwrap_or_else(|fault| fault.to_string());
    Err(Fault::Abort(text).into())
}

fn println(mut caller: Caller<'_, Host>, message: Address) -> wasmtime::Result<()> {
    caller.data_mut().count_call("print")?;
    let text = message_at(&mut caller, message)?;
    tracing::debug!(target: "policy", "{text}");
    Ok(())
}

fn message_at(caller: &mut Caller<'_, Host>, address: Address) -> Result<String, Fault> {
    let memory = caller.get_export("memory").and_then(wasmtime::Extern::into_memory);
    let memory = memory.ok_or_else(|| Fault::Answer("has no memory".to_owned()))?;
    read_text(memory.data(&caller), address, MESSAGE_BYTES).map(str::to_owned)
}

/// One call of a builtin. Null is OPA's "undefined".
fn call(mut caller: Caller<'_, Host>, id: i32, arguments: &[Address]) -> wasmtime::Result<Address> {
    let builtin = caller.data_mut().builtin(id)?;
    let Ok(abi) = Host::abi(&mut caller) else {
        return Err(fault(builtin.name, "called while the module was set up").into());
    };
    if arguments.len() != builtin.arity {
        return Err(fault(builtin.name, format!("called with {} arguments", arguments.len())).into());
    }
    let mut room = caller.data().limits.argument_bytes;
    let arguments: Vec<Value> = arguments
        .iter()
        .map(|&argument| Host::value(&mut caller, argument, &mut room))
        .collect::<Result<_, _>>()?;
    match (builtin.call)(&mut caller.data_mut().state, &arguments) {
        Ok(value) => abi.put(&mut caller, &value),
        Err(BuiltinError::Undefined(reason)) => {
            tracing::debug!(target: "policy", builtin = builtin.name, "undefined: {reason}");
            Ok(0)
        }
        Err(BuiltinError::Limit(reason)) => Err(fault(builtin.name, reason).into()),
    }
}

fn fault(name: &str, reason: impl Into<String>) -> Fault {
    Fault::Builtin { name: name.to_owned(), reason: reason.into() }
}
