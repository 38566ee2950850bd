//! One evaluation: a sandbox with its input, asked for one entrypoint after another.

use wasmtime::{Instance, Memory, ModuleExport, Store, TypedFunc};

use super::{
    super::Fault,
    Entrypoint, LoadError, Module,
    abi::{Abi, Address, not_null},
    host::Host,
    image::{BASE, Extension, Image},
    rewrite,
    value::Value,
};

/// A sandbox in use. Whatever happens in it ends with it.
#[must_use = "a sandbox that is asked nothing judges nothing"]
pub struct Run {
    store: Store<Host>,
    memory: Memory,
    ask: TypedFunc<(Address, Address, Address), i64>,
    /// 0 is none.
    input: Address,
    /// Where the guest's heap is to go on; 0 where it is.
    heap: Address,
    takes_images: bool,
}

/// Where in a module's exports those are that every evaluation needs.
pub(super) struct Exports {
    memory: ModuleExport,
    ask: ModuleExport,
}

// === impl Exports ===

impl Exports {
    pub(super) fn of(module: &wasmtime::Module) -> Result<Self, LoadError> {
        let export = |name| {
            let export = module.get_export_index(name);
            export.ok_or_else(|| LoadError::Export(format!("exports no {name}")))
        };
        Ok(Self { memory: export("memory")?, ask: export(rewrite::ASK)? })
    }
}

// === impl Run ===

impl Run {
    pub(super) fn new(mut store: Store<Host>, instance: Instance, module: &Module) -> Result<Self, Fault> {
        let missing = |what: &str| Fault::Trap(format!("has no {what}"));
        let exports = module.exports();
        let memory = instance.get_module_export(&mut store, &exports.memory);
        let memory = memory.and_then(wasmtime::Extern::into_memory).ok_or_else(|| missing("memory"))?;
        let ask = instance.get_module_export(&mut store, &exports.ask);
        let ask = ask.and_then(wasmtime::Extern::into_func).ok_or_else(|| missing(rewrite::ASK))?;
        let ask = ask.typed(&store).map_err(|error| store.data().fault(&error))?;
        store.data_mut().begin(instance, module.has_known_layout());
        Ok(Self { store, memory, ask, input: 0, heap: 0, takes_images: module.takes_images() })
    }

    /// Hands over the input document, once for all entrypoints. The text must be JSON that the host has
    /// validated: what a guest cannot read is undefined to it, and an undefined input violates nothing.
    ///
    /// # Errors
    /// When the guest cannot take it.
    pub fn set_input(&mut self, json: &[u8]) -> Result<(), Fault> {
        self.set(|abi, store| abi.parse_json(store, json))
    }

    /// Hands over the input document as the host wrote it, or an extension of it. `false` when the module does not take
    /// images, or has no room for this one; it is then given the text.
    pub fn set_image(&mut self, image: &Image, extension: Option<&Extension>) -> bool {
        self.takes_images && self.copy(image, extension).is_some()
    }

    fn copy(&mut self, image: &Image, extension: Option<&Extension>) -> Option<()> {
        let root = extension.map_or(image.root(), Extension::root);
        let end = extension.map_or(image.end(), Extension::end)?;
        let (root, end) = (Address::try_from(root).ok()?, Address::try_from(end).ok()?);
        let memory = self.memory.data_mut(&mut self.store);
        copy(memory, BASE, image.bytes())?;
        if let Some(extension) = extension {
            copy(memory, extension.start(), extension.bytes())?;
        }
        (self.input, self.heap) = (root, end);
        Some(())
    }

    /// Hands over an input that JSON cannot express.
    ///
    /// # Errors
    /// When the guest cannot take it.
    pub fn set_input_value(&mut self, input: &Value) -> Result<(), Fault> {
        self.set(|abi, store| abi.put(store, input))
    }

    fn set(
        &mut self,
        give: impl FnOnce(Abi, &mut Store<Host>) -> wasmtime::Result<Address>,
    ) -> Result<(), Fault> {
        let given = Host::abi(&mut self.store).and_then(|abi| give(abi, &mut self.store));
        self.input = given.map_err(|error| self.store.data().fault(&error))?;
        Ok(())
    }

    /// The value of an entrypoint; `None` is undefined. After a fault the sandbox must not be used again,
    /// which consuming callers ensure by dropping the `Run`.
    ///
    /// # Errors
    /// Whatever the guest did wrong, or ran out of.
    pub fn evaluate(&mut self, entrypoint: Entrypoint) -> Result<Option<Value>, Fault> {
        let mut bindings = match self.bindings(entrypoint)? {
            Value::Set(items) => items.into_iter(),
            other => return Err(Fault::Answer(format!("answered bindings of kind {}", other.kind()))),
        };
        match (bindings.next(), bindings.next()) {
            (None, _) => Ok(None),
            (Some(Value::Object(mut binding)), None) => match binding.remove(&Value::from("result")) {
                Some(value) => Ok(Some(value)),
                None => Err(Fault::Answer("answered a binding without result".to_owned())),
            },
            _ => Err(Fault::Answer("answered more than one result".to_owned())),
        }
    }

    /// The set of bindings that a compiled query has; a policy's entrypoint has one, named `result`.
    ///
    /// # Errors
    /// As for `evaluate`.
    pub fn bindings(&mut self, entrypoint: Entrypoint) -> Result<Value, Fault> {
        let bindings = self.ask(entrypoint);
        bindings.map_err(|error| self.store.data().fault(&error))
    }

    fn ask(&mut self, entrypoint: Entrypoint) -> wasmtime::Result<Value> {
        let answer = self.ask.call(&mut self.store, (entrypoint.0, self.input, self.heap))?;
        // The heap goes on behind the input for the first entrypoint, and behind what that left for the next.
        self.heap = 0;
        let (code, result) = rewrite::code_and_result(answer);
        if code != 0 {
            return Err(Fault::Answer(format!("eval answered the error code {code}")).into());
        }
        not_null(result, "eval left no result")?;
        let limit = self.store.data().limits.result_bytes;
        Host::value(&mut self.store, result, &mut { limit })
    }
}

fn copy(memory: &mut [u8], start: u32, bytes: &[u8]) -> Option<()> {
    let start = start as usize;
    memory.get_mut(start..start.checked_add(bytes.len())?)?.copy_from_slice(bytes);
    Some(())
}
