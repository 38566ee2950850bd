//! The functions that a module of OPA's has for values, typed, and the few safe ways to use the guest's memory.
//!
//! Addresses come from the guest and mean nothing until a bounds check has passed.

use wasmtime::{AsContext, AsContextMut, Instance, Memory, TypedFunc};

use super::{super::Fault, LoadError, host::Host, rewrite, sandbox, value::Value};

/// An address in the guest's memory, or of a value there.
pub(super) type Address = i32;

/// What the host calls in a guest while it evaluates. Cheap to clone: handles into the store.
#[derive(Clone)]
pub(super) struct Abi {
    pub(super) memory: Memory,
    /// Where the host notes what it writes; missing while a module is set up.
    written: Option<Memory>,
    malloc: TypedFunc<i32, Address>,
    free: TypedFunc<Address, ()>,
    json_parse: TypedFunc<(Address, i32), Address>,
    value_parse: TypedFunc<(Address, i32), Address>,
    value_dump: TypedFunc<Address, Address>,
}

// === impl Abi ===

impl Abi {
    /// Finds every function and checks its type.
    pub(super) fn of(
        instance: &Instance,
        mut store: impl AsContextMut<Data = Host>,
    ) -> Result<Self, LoadError> {
        let memory = instance.get_memory(&mut store, "memory");
        Ok(Self {
            memory: memory.ok_or_else(|| LoadError::Export("exports no memory".to_owned()))?,
            written: instance.get_memory(&mut store, rewrite::WRITTEN),
            malloc: function(instance, &mut store, "opa_malloc")?,
            free: function(instance, &mut store, "opa_free")?,
            json_parse: function(instance, &mut store, "opa_json_parse")?,
            value_parse: function(instance, &mut store, "opa_value_parse")?,
            value_dump: function(instance, &mut store, "opa_value_dump")?,
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

    /// Makes a value in the guest, of the text that OPA writes values in.
    pub(super) fn put_text(
        &self,
        mut store: impl AsContextMut<Data = Host>,
        text: &str,
    ) -> wasmtime::Result<Address> {
        let (text, length) = self.write(&mut store, text.as_bytes())?;
        let value = self.value_parse.call(&mut store, (text, length))?;
        self.free.call(&mut store, text)?;
        not_null(value, "could not read the answer of a builtin")
    }

    /// Makes a value in the guest.
    pub(super) fn put(
        &self,
        store: impl AsContextMut<Data = Host>,
        value: &Value,
    ) -> wasmtime::Result<Address> {
        self.put_text(store, &value.dump())
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
        sandbox::write(store, self.memory, self.written, offset(address), bytes)
            .ok_or_else(|| Fault::Answer("opa_malloc answered a bad address".to_owned()))?;
        Ok((address, length))
    }
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

pub(super) fn not_null(address: Address, otherwise: &str) -> wasmtime::Result<Address> {
    if address == 0 { Err(Fault::Answer(otherwise.to_owned()).into()) } else { Ok(address) }
}

pub(super) fn function<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
    instance: &Instance,
    store: impl AsContextMut<Data = Host>,
    name: &str,
) -> Result<TypedFunc<P, R>, LoadError> {
    instance
        .get_typed_func(store, name)
        .map_err(|_| LoadError::Export(format!("exports no function {name} of the ABI's type")))
}
