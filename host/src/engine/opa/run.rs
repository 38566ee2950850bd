//! One evaluation: a sandbox with its input, asked for one entrypoint after another.

use std::sync::Arc;

use wasmtime::Store;

use super::{
    super::Fault,
    Entrypoint,
    abi::{Abi, Address},
    host::Host,
    image::{Base, Extension, Image},
    sandbox::{Kept, Sandbox},
    value::Value,
};

/// A sandbox in use. Whatever happens in it ends with it.
#[must_use = "a sandbox that is asked nothing judges nothing"]
pub struct Run {
    /// There until the end.
    sandbox: Option<Sandbox>,
    kept: Arc<Kept>,
    /// 0 is none.
    input: Address,
    /// Where the guest's heap is to go on; 0 where it is.
    heap: Address,
    base: Option<Base>,
    failed: bool,
}

impl Drop for Run {
    fn drop(&mut self) {
        let Some(sandbox) = self.sandbox.take() else { return };
        self.kept.note(&sandbox);
        if !self.failed {
            self.kept.put(sandbox);
        }
    }
}

// === impl Run ===

impl Run {
    pub(super) fn new(sandbox: Sandbox, kept: Arc<Kept>, base: Option<Base>) -> Self {
        let heap = sandbox.heap();
        Self { sandbox: Some(sandbox), kept, input: 0, heap, base, failed: false }
    }

    /// Hands over the input document, once for all entrypoints. The text must be JSON that the host has
    /// validated: what a guest cannot read is undefined to it, and an undefined input violates nothing.
    ///
    /// # Errors
    /// When the guest cannot take it.
    pub fn set_input(&mut self, json: &[u8]) -> Result<(), Fault> {
        self.set(|abi, store| abi.parse_json(store, json))
    }

    /// Where images for this sandbox begin, if it takes any.
    pub fn image_base(&self) -> Option<Base> {
        self.base
    }

    /// Hands over the input document as the host wrote it, or an extension of it. `false` when the module does not take
    /// such images, or has no room for this one; it is then given the text.
    pub fn set_image(&mut self, image: &Image, extension: Option<&Extension>) -> bool {
        self.base == Some(image.base()) && self.copy(image, extension).is_some()
    }

    fn copy(&mut self, image: &Image, extension: Option<&Extension>) -> Option<()> {
        let root = extension.map_or(image.root(), Extension::root);
        let end = extension.map_or(image.end(), Extension::end)?;
        let sandbox = self.sandbox.as_mut()?;
        sandbox.make_room(end)?;
        let (root, end) = (Address::try_from(root).ok()?, Address::try_from(end).ok()?);
        sandbox.copy(image.base().address(), image.bytes())?;
        if let Some(extension) = extension {
            sandbox.copy(extension.start(), extension.bytes())?;
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
        // What the guest makes of it is on its heap, which has to be where it may be before that.
        let heap = std::mem::take(&mut self.heap);
        self.input = self.within(|sandbox| {
            if heap != 0 {
                sandbox.set_heap(heap)?;
            }
            give(Host::abi(&mut sandbox.store)?, &mut sandbox.store)
        })?;
        Ok(())
    }

    /// Does something in the sandbox. After a fault nothing more happens in it, and it is not kept.
    fn within<T>(&mut self, act: impl FnOnce(&mut Sandbox) -> wasmtime::Result<T>) -> Result<T, Fault> {
        let sandbox = self.sandbox.as_mut().filter(|_| !self.failed);
        let sandbox = sandbox.ok_or_else(|| Fault::Trap("the sandbox has failed before".to_owned()))?;
        act(sandbox).map_err(|error| {
            self.failed = true;
            sandbox.store.data().fault(&error)
        })
    }

    /// The value of an entrypoint; `None` is undefined.
    ///
    /// # Errors
    /// Whatever the guest did wrong, or ran out of.
    pub fn evaluate(&mut self, entrypoint: Entrypoint) -> Result<Option<Value>, Fault> {
        let answer = self.ask(entrypoint)?;
        self.within(|sandbox| {
            match sandbox.result(answer) {
                // As most of them are: there is nothing to look at but the value itself.
                Some(value) => value.map(|value| sandbox.value(value)).transpose(),
                None => Ok(only_result(sandbox.value(answer)?)?),
            }
        })
    }

    /// The set of bindings that a compiled query has; a policy's entrypoint has one, named `result`.
    ///
    /// # Errors
    /// As for `evaluate`.
    pub fn bindings(&mut self, entrypoint: Entrypoint) -> Result<Value, Fault> {
        let answer = self.ask(entrypoint)?;
        self.within(|sandbox| sandbox.value(answer))
    }

    /// Asks for an entrypoint; answers the address of its bindings.
    fn ask(&mut self, entrypoint: Entrypoint) -> Result<Address, Fault> {
        let (input, heap) = (self.input, self.heap);
        // The heap goes on behind the input for the first entrypoint, and behind what that left for the next.
        self.heap = 0;
        self.within(|sandbox| sandbox.ask(entrypoint.0, input, heap))
    }
}

/// What is bound to `result`; `None` when nothing is.
fn only_result(bindings: Value) -> Result<Option<Value>, Fault> {
    let mut bindings = match bindings {
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
