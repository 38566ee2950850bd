//! What is asked of a module once, when it is loaded.

use wasmtime::{AsContextMut, Instance, Store, TypedFunc};

use super::{
    super::Fault,
    LoadError,
    abi::{Abi, Address, function},
    host::Host,
    value::Value,
};

/// Lists of names are short; OPA's longest lists of entrypoints are a few kilobytes.
const NAMES_BYTES: usize = 256 * 1024;

/// The functions that are called once.
pub(super) struct SetUp {
    pub(super) abi: Abi,
    /// OPA's Wasm ABI, major and minor.
    pub(super) version: (i32, i32),
    builtins: TypedFunc<(), Address>,
    entrypoints: TypedFunc<(), Address>,
    /// Where its heap ends; `None` when the module does not say.
    heap_ptr_get: Option<TypedFunc<(), Address>>,
}

// === impl SetUp ===

impl SetUp {
    /// Finds every function that OPA's ABI has, checks their types and the version.
    pub(super) fn of(instance: &Instance, store: &mut Store<Host>) -> Result<Self, LoadError> {
        let version = version(instance, store)?;
        // These are called by the function that the snapshot gets.
        function::<(), Address>(instance, &mut *store, "opa_eval_ctx_new")?;
        function::<(Address, Address), ()>(instance, &mut *store, "opa_eval_ctx_set_input")?;
        function::<(Address, Address), ()>(instance, &mut *store, "opa_eval_ctx_set_data")?;
        function::<(Address, i32), ()>(instance, &mut *store, "opa_eval_ctx_set_entrypoint")?;
        function::<Address, Address>(instance, &mut *store, "opa_eval_ctx_get_result")?;
        function::<Address, i32>(instance, &mut *store, "eval")?;
        Ok(Self {
            abi: Abi::of(instance, &mut *store)?,
            version,
            builtins: function(instance, &mut *store, "builtins")?,
            entrypoints: function(instance, &mut *store, "entrypoints")?,
            heap_ptr_get: heap_ptr_get(instance, store),
        })
    }

    /// The builtins that the module asks for, with its own numbers for them.
    pub(super) fn builtins(&self, store: &mut Store<Host>) -> Result<Vec<(String, i32)>, LoadError> {
        let names = self.names(store, &self.builtins, "Builtins");
        names.map_err(|error| LoadError::Setup(store.data().fault(&error)))
    }

    /// The module's entrypoints, with its own numbers for them.
    pub(super) fn entrypoints(&self, store: &mut Store<Host>) -> Result<Vec<(String, i32)>, LoadError> {
        let names = self.names(store, &self.entrypoints, "Entrypoints");
        names.map_err(|error| LoadError::Setup(store.data().fault(&error)))
    }

    /// Where the guest's heap ends now; `None` when it does not say.
    pub(super) fn heap_end(&self, store: &mut Store<Host>) -> wasmtime::Result<Option<u32>> {
        let Some(get) = &self.heap_ptr_get else { return Ok(None) };
        get.call(store, ()).map(|address| u32::try_from(address).ok())
    }

    fn names(
        &self,
        store: &mut Store<Host>,
        list: &TypedFunc<(), Address>,
        what: &str,
    ) -> wasmtime::Result<Vec<(String, i32)>> {
        let address = list.call(&mut *store, ())?;
        let Value::Object(map) = self.abi.get(&mut *store, address, NAMES_BYTES)? else {
            return Err(Fault::Answer(format!("its list of {what} is no object")).into());
        };
        let entry = |(name, id): (Value, Value)| {
            let id = id.as_i64().and_then(|id| i32::try_from(id).ok());
            let name = name.as_str().map(str::to_owned);
            name.zip(id).ok_or_else(|| Fault::Answer(format!("its list of {what} has an odd entry")).into())
        };
        map.into_iter().map(entry).collect()
    }
}

/// Only a module that lets its heap go on elsewhere can be given an image.
fn heap_ptr_get(instance: &Instance, store: &mut Store<Host>) -> Option<TypedFunc<(), Address>> {
    function::<Address, ()>(instance, &mut *store, "opa_heap_ptr_set").ok()?;
    function(instance, store, "opa_heap_ptr_get").ok()
}

fn version(instance: &Instance, store: &mut Store<Host>) -> Result<(i32, i32), LoadError> {
    let mut number = |name| instance.get_global(&mut *store, name)?.get(store.as_context_mut()).i32();
    match (number("opa_wasm_abi_version"), number("opa_wasm_abi_minor_version")) {
        (Some(1), Some(minor @ 0..=3)) => Ok((1, minor)),
        (Some(major), Some(minor)) => Err(LoadError::Abi { major, minor }),
        _ => Err(LoadError::Export("does not say which OPA Wasm ABI it has".to_owned())),
    }
}
