//! One evaluation: a sandbox with its input, asked for one entrypoint after another.

use wasmtime::Store;

use super::{
    super::Fault,
    Entrypoint,
    abi::{Abi, Address},
    host::Host,
    image::{self, BASE, Extension, Image},
    value::Value,
};

/// A sandbox in use. Whatever happens in it ends with it.
#[must_use = "a sandbox that is asked nothing judges nothing"]
pub struct Run {
    store: Store<Host>,
    abi: Abi,
    data: Address,
    input: Option<Address>,
    result_bytes: usize,
    /// Whether the module was seen to have its values as images have them.
    images: bool,
}

// === impl Run ===

impl Run {
    pub(super) fn new(
        store: Store<Host>,
        abi: Abi,
        data: Address,
        result_bytes: usize,
        images: bool,
    ) -> Self {
        let mut run = Self { store, abi, data, input: None, result_bytes, images };
        run.store.data_mut().abi = Some(run.abi.clone());
        run
    }

    /// Hands over the input document, once for all entrypoints. The text must be JSON that the host has
    /// validated: what a guest cannot read is undefined to it, and an undefined input violates nothing.
    ///
    /// # Errors
    /// When the guest cannot take it.
    pub fn set_input(&mut self, json: &[u8]) -> Result<(), Fault> {
        let parsed = self.abi.parse_json(&mut self.store, json);
        self.input = Some(parsed.map_err(|error| self.store.data().fault(&error))?);
        Ok(())
    }

    /// Hands over the input document as the host wrote it, or an extension of it. `false` when the module does not take
    /// images, or has no room for this one; it is then given the text.
    ///
    /// # Errors
    /// When the guest fails.
    pub fn set_image(&mut self, image: &Image, extension: Option<&Extension>) -> Result<bool, Fault> {
        if !self.images {
            return Ok(false);
        }
        let parts = [Some((BASE, image.bytes())), extension.map(|part| (part.start(), part.bytes()))];
        let fits =
            parts.into_iter().flatten().all(|(start, bytes)| self.abi.copy(&mut self.store, start, bytes));
        let root = extension.map_or(image.root(), Extension::root);
        let end = extension.map_or(image.end(), Extension::end);
        let (true, Some(end), Ok(root)) = (fits, end, Address::try_from(root)) else { return Ok(false) };
        let set = self.abi.set_heap_end(&mut self.store, end);
        let set = set.map_err(|error| self.store.data().fault(&error))?;
        self.input = set.then_some(root);
        Ok(set)
    }

    /// Whether the guest reads this text as the image has it, and has nothing where images are.
    pub(super) fn reads_like(&mut self, text: &[u8], image: &Image) -> wasmtime::Result<bool> {
        let end = self.abi.heap_end(&mut self.store)?;
        let root = self.abi.parse_json(&mut self.store, text)?;
        let root = u32::try_from(root).unwrap_or_default();
        Ok(end.is_some_and(|end| end <= BASE) && image::holds(self.abi.memory.data(&self.store), root, image))
    }

    /// Hands over an input that JSON cannot express.
    ///
    /// # Errors
    /// When the guest cannot take it.
    pub fn set_input_value(&mut self, input: &Value) -> Result<(), Fault> {
        let put = self.abi.put(&mut self.store, input);
        self.input = Some(put.map_err(|error| self.store.data().fault(&error))?);
        Ok(())
    }

    /// The value of an entrypoint; `None` is undefined. After a fault the sandbox must not be used again,
    /// which consuming callers ensure by dropping the `Run`.
    ///
    /// # Errors
    /// Whatever the guest did wrong, or ran out of.
    pub fn evaluate(&mut self, entrypoint: Entrypoint) -> Result<Option<Value>, Fault> {
        let value =
            self.abi.evaluate(&mut self.store, entrypoint.0, self.input, self.data, self.result_bytes);
        value.map_err(|error| self.store.data().fault(&error))
    }

    /// The set of bindings that a compiled query has; a policy's entrypoint has one, named `result`.
    ///
    /// # Errors
    /// As for `evaluate`.
    pub fn bindings(&mut self, entrypoint: Entrypoint) -> Result<Value, Fault> {
        let value =
            self.abi.bindings(&mut self.store, entrypoint.0, self.input, self.data, self.result_bytes);
        value.map_err(|error| self.store.data().fault(&error))
    }
}
