//! The functions that a module of OPA's exports, typed, and the few safe ways to use the guest's memory.
//!
//! Addresses come from the guest and mean nothing until a bounds check has passed.

use wasmtime::{AsContext, AsContextMut, Instance, Memory, TypedFunc};

use super::{super::Fault, LoadError, host::Host, value::Value};

/// An address in the guest's memory, or of a value there.
pub(super) type Address = i32;

/// What the host calls in a guest. Cheap to clone: handles into the store.
#[derive(Clone)]
pub(super) struct Abi {
    pub(super) memory: Memory,
    malloc: TypedFunc<i32, Address>,
    free: TypedFunc<Address, ()>,
    json_parse: TypedFunc<(Address, i32), Address>,
    value_parse: TypedFunc<(Address, i32), Address>,
    value_dump: TypedFunc<Address, Address>,
    ctx_new: TypedFunc<(), Address>,
    ctx_set_input: TypedFunc<(Address, Address), ()>,
    ctx_set_data: TypedFunc<(Address, Address), ()>,
    ctx_set_entrypoint: TypedFunc<(Address, i32), ()>,
    ctx_get_result: TypedFunc<Address, Address>,
    eval: TypedFunc<Address, i32>,
    /// Not every module has them, and one without takes its input as text.
    heap_ptr: Option<HeapPointer>,
    builtins: TypedFunc<(), Address>,
    entrypoints: TypedFunc<(), Address>,
}

// === impl Abi ===

impl Abi {
    /// Finds every function, and checks its type and the version.
    pub(super) fn of(instance: &Instance, store: &mut wasmtime::Store<Host>) -> Result<Self, LoadError> {
        check_version(instance, store)?;
        let memory = instance.get_memory(&mut *store, "memory");
        Ok(Self {
            memory: memory.ok_or_else(|| LoadError::Export("exports no memory".to_owned()))?,
            malloc: function(instance, store, "opa_malloc")?,
            free: function(instance, store, "opa_free")?,
            json_parse: function(instance, store, "opa_json_parse")?,
            value_parse: function(instance, store, "opa_value_parse")?,
            value_dump: function(instance, store, "opa_value_dump")?,
            ctx_new: function(instance, store, "opa_eval_ctx_new")?,
            ctx_set_input: function(instance, store, "opa_eval_ctx_set_input")?,
            ctx_set_data: function(instance, store, "opa_eval_ctx_set_data")?,
            ctx_set_entrypoint: function(instance, store, "opa_eval_ctx_set_entrypoint")?,
            ctx_get_result: function(instance, store, "opa_eval_ctx_get_result")?,
            eval: function(instance, store, "eval")?,
            heap_ptr: heap_ptr(instance, store),
            builtins: function(instance, store, "builtins")?,
            entrypoints: function(instance, store, "entrypoints")?,
        })
    }

    /// Copies JSON text into the guest and has it parsed there. The text must be valid: the guest's parser
    /// reads much that is not JSON, and what it cannot read it takes for undefined.
    pub(super) fn parse_json(
        &self,
        mut store: impl AsContextMut<Data = Host>,
        json: &[u8],
    ) -> wasmtime::Result<Address> {
        let (text, length) = self.write(&mut store, json)?;
        let value = self.json_parse.call(&mut store, (text, length))?;
        self.free.call(&mut store, text)?;
        not_null(value, "could not read the input document")
    }

    /// Where the guest's heap ends; `None` when it does not say.
    pub(super) fn heap_end(
        &self,
        mut store: impl AsContextMut<Data = Host>,
    ) -> wasmtime::Result<Option<u32>> {
        let Some((get, _)) = &self.heap_ptr else { return Ok(None) };
        get.call(&mut store, ()).map(|address| u32::try_from(address).ok())
    }

    /// Copies what belongs at `start` into the guest; `false` when its memory is too small for that.
    pub(super) fn copy(&self, mut store: impl AsContextMut<Data = Host>, start: u32, bytes: &[u8]) -> bool {
        let start = start as usize;
        let memory = self.memory.data_mut(&mut store);
        let target = start.checked_add(bytes.len()).and_then(|end| memory.get_mut(start..end));
        target.map(|target| target.copy_from_slice(bytes)).is_some()
    }

    /// Tells the guest where its heap goes on.
    pub(super) fn set_heap_end(
        &self,
        mut store: impl AsContextMut<Data = Host>,
        end: u32,
    ) -> wasmtime::Result<bool> {
        let (Some((_, set)), Ok(end)) = (&self.heap_ptr, i32::try_from(end)) else { return Ok(false) };
        set.call(&mut store, end).map(|()| true)
    }

    /// Makes a value in the guest.
    pub(super) fn put(
        &self,
        mut store: impl AsContextMut<Data = Host>,
        value: &Value,
    ) -> wasmtime::Result<Address> {
        let (text, length) = self.write(&mut store, value.dump().as_bytes())?;
        let value = self.value_parse.call(&mut store, (text, length))?;
        self.free.call(&mut store, text)?;
        not_null(value, "could not read the answer of a builtin")
    }

    /// Reads a value of the guest, of at most `limit` bytes of text.
    pub(super) fn get(
        &self,
        store: impl AsContextMut<Data = Host>,
        value: Address,
        limit: usize,
    ) -> wasmtime::Result<Value> {
        self.take(store, value, &mut { limit })
    }

    /// Reads a value of the guest, of at most `room` bytes of text, and leaves what is left of them.
    pub(super) fn take(
        &self,
        mut store: impl AsContextMut<Data = Host>,
        value: Address,
        room: &mut usize,
    ) -> wasmtime::Result<Value> {
        let address = self.value_dump.call(&mut store, value)?;
        let text = self.text(&store, address, *room)?;
        *room -= text.len();
        let value = Value::parse(text)
            .map_err(|error| Fault::Answer(format!("handed over a value that is none: {error}")))?;
        self.free.call(&mut store, address)?;
        Ok(value)
    }

    /// The names and numbers that `builtins()` or `entrypoints()` answer.
    pub(super) fn names(
        &self,
        mut store: impl AsContextMut<Data = Host>,
        which: Names,
        limit: usize,
    ) -> wasmtime::Result<Vec<(String, i32)>> {
        let function = match which {
            Names::Builtins => &self.builtins,
            Names::Entrypoints => &self.entrypoints,
        };
        let address = function.call(&mut store, ())?;
        let Value::Object(map) = self.get(&mut store, address, limit)? else {
            return Err(Fault::Answer(format!("its list of {which:?} is no object")).into());
        };
        let entry = |(name, id): (Value, Value)| {
            let id = id.as_i64().and_then(|id| i32::try_from(id).ok());
            let name = name.as_str().map(str::to_owned);
            name.zip(id)
                .ok_or_else(|| Fault::Answer(format!("its list of {which:?} has an odd entry")).into())
        };
        map.into_iter().map(entry).collect()
    }

    /// Evaluates one entrypoint; `None` is undefined.
    pub(super) fn evaluate(
        &self,
        mut store: impl AsContextMut<Data = Host>,
        entrypoint: i32,
        input: Option<Address>,
        data: Address,
        limit: usize,
    ) -> wasmtime::Result<Option<Value>> {
        let bindings = self.bindings(&mut store, entrypoint, input, data, limit)?;
        let mut bindings = match bindings {
            Value::Set(items) => items.into_iter(),
            other => {
                return Err(Fault::Answer(format!("answered bindings of kind {}", other.kind())).into());
            }
        };
        match (bindings.next(), bindings.next()) {
            (None, _) => Ok(None),
            (Some(Value::Object(mut binding)), None) => match binding.remove(&Value::from("result")) {
                Some(value) => Ok(Some(value)),
                None => Err(Fault::Answer("answered a binding without result".to_owned()).into()),
            },
            _ => Err(Fault::Answer("answered more than one result".to_owned()).into()),
        }
    }

    /// The set of bindings that `eval` leaves for an entrypoint.
    pub(super) fn bindings(
        &self,
        mut store: impl AsContextMut<Data = Host>,
        entrypoint: i32,
        input: Option<Address>,
        data: Address,
        limit: usize,
    ) -> wasmtime::Result<Value> {
        let context = self.ctx_new.call(&mut store, ())?;
        if let Some(input) = input {
            self.ctx_set_input.call(&mut store, (context, input))?;
        }
        self.ctx_set_data.call(&mut store, (context, data))?;
        self.ctx_set_entrypoint.call(&mut store, (context, entrypoint))?;
        let code = self.eval.call(&mut store, context)?;
        if code != 0 {
            return Err(Fault::Answer(format!("eval answered the error code {code}")).into());
        }
        let result = self.ctx_get_result.call(&mut store, context)?;
        not_null(result, "eval left no result")?;
        self.get(&mut store, result, limit)
    }

    /// NUL-terminated text in the guest's memory.
    fn text<'s>(
        &self,
        store: &'s impl AsContext<Data = Host>,
        address: Address,
        limit: usize,
    ) -> Result<&'s str, Fault> {
        read_text(self.memory.data(store), address, limit)
    }

    fn write(
        &self,
        mut store: impl AsContextMut<Data = Host>,
        bytes: &[u8],
    ) -> wasmtime::Result<(Address, i32)> {
        let length = i32::try_from(bytes.len()).map_err(|_| Fault::Answer("text of 2 GiB".to_owned()))?;
        let address = self.malloc.call(&mut store, length)?;
        let memory = self.memory.data_mut(&mut store);
        let start = offset(address);
        match start.checked_add(bytes.len()).and_then(|end| memory.get_mut(start..end)) {
            Some(target) => target.copy_from_slice(bytes),
            None => return Err(Fault::Answer("opa_malloc answered a bad address".to_owned()).into()),
        }
        Ok((address, length))
    }
}

/// Which list of names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Names {
    Builtins,
    Entrypoints,
}

/// NUL-terminated text in `memory`; used for aborts too, which may come before there is an `Abi`.
pub(super) fn read_text(memory: &[u8], address: Address, limit: usize) -> Result<&str, Fault> {
    let rest = memory.get(offset(address)..);
    let rest = rest.ok_or_else(|| Fault::Answer("handed over an address behind its memory".to_owned()))?;
    let window = rest.get(..limit.saturating_add(1)).unwrap_or(rest);
    let end = window.iter().position(|&byte| byte == 0).ok_or_else(|| {
        let reason = if window.len() > limit { "text longer than allowed" } else { "text without end" };
        Fault::Answer(format!("handed over {reason} (limit {limit} bytes)"))
    })?;
    let text = window.get(..end).unwrap_or_default();
    std::str::from_utf8(text).map_err(|_| Fault::Answer("handed over text that is not UTF-8".to_owned()))
}

#[allow(clippy::cast_sign_loss, reason = "an address of a 32-bit guest is unsigned; wasmtime types it i32")]
fn offset(address: Address) -> usize {
    address as u32 as usize
}

fn not_null(address: Address, otherwise: &str) -> wasmtime::Result<Address> {
    if address == 0 { Err(Fault::Answer(otherwise.to_owned()).into()) } else { Ok(address) }
}

fn function<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
    instance: &Instance,
    store: &mut wasmtime::Store<Host>,
    name: &str,
) -> Result<TypedFunc<P, R>, LoadError> {
    instance
        .get_typed_func(store, name)
        .map_err(|_| LoadError::Export(format!("exports no function {name} of the ABI's type")))
}

type HeapPointer = (TypedFunc<(), Address>, TypedFunc<Address, ()>);

fn heap_ptr(instance: &Instance, store: &mut wasmtime::Store<Host>) -> Option<HeapPointer> {
    let get = function(instance, store, "opa_heap_ptr_get").ok()?;
    Some((get, function(instance, store, "opa_heap_ptr_set").ok()?))
}

fn check_version(instance: &Instance, store: &mut wasmtime::Store<Host>) -> Result<(), LoadError> {
    let major = version(instance, store, "opa_wasm_abi_version");
    let minor = version(instance, store, "opa_wasm_abi_minor_version");
    match (major, minor) {
        (Some(1), Some(0..=3)) => Ok(()),
        (Some(major), Some(minor)) => Err(LoadError::Abi { major, minor }),
        _ => Err(LoadError::Export("does not say which OPA Wasm ABI it has".to_owned())),
    }
}

fn version(instance: &Instance, store: &mut wasmtime::Store<Host>, name: &str) -> Option<i32> {
    instance.get_global(&mut *store, name)?.get(store.as_context_mut()).i32()
}
