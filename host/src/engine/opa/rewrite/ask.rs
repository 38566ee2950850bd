//! The function that a snapshot gets: all that an evaluation calls in a guest, in one call from the host.
//!
//! ```text
//! magtape:ask(entrypoint, input, heap, cluster) -> i64
//!     if heap  { opa_heap_ptr_set(heap) }
//!     context = opa_eval_ctx_new()
//!     if input { opa_eval_ctx_set_input(context, input) }
//!     opa_eval_ctx_set_data(context, cluster or data)
//!     opa_eval_ctx_set_entrypoint(context, entrypoint)
//!     eval(context) << 32 | opa_eval_ctx_get_result(context)
//! ```

use wasm_encoder::{
    BlockType, ExportKind, ExportSection, Function, FunctionSection, TypeSection, ValType,
    reencode::{Reencode, RoundtripReencoder},
};
use wasmparser::{ExternalKind, Parser, Payload};

use super::{LoadError, invalid};

/// The name that the function is exported under.
pub(in super::super) const ASK: &str = "magtape:ask";

/// What the function answers: the code of `eval`, and the address of the result.
pub(in super::super) fn code_and_result(answer: i64) -> (i32, i32) {
    let [a, b, c, d, e, f, g, h] = answer.to_le_bytes();
    (i32::from_le_bytes([e, f, g, h]), i32::from_le_bytes([a, b, c, d]))
}

/// A module as far as it matters for a function that is added to it.
#[derive(Debug, Default)]
pub(super) struct Ask {
    types: u32,
    imported: u32,
    defined: u32,
    ctx_new: u32,
    set_input: u32,
    set_data: u32,
    set_entrypoint: u32,
    eval: u32,
    get_result: u32,
    /// A module without it is never told where its heap goes on.
    set_heap: Option<u32>,
}

// === impl Ask ===

impl Ask {
    /// Looks for the functions that are called. That they are there and have their types has been seen.
    pub(super) fn of(wasm: &[u8]) -> Result<Self, LoadError> {
        let mut ask = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.map_err(invalid)? {
                Payload::TypeSection(section) => {
                    for group in section {
                        ask.types += count(group.map_err(invalid)?.types().len());
                    }
                }
                // Everything but functions was refused.
                Payload::ImportSection(section) => ask.imported = count(section.into_imports().count()),
                Payload::FunctionSection(section) => ask.defined = section.count(),
                Payload::ExportSection(section) => ask.exported(section)?,
                _ => {}
            }
        }
        Ok(ask)
    }

    fn exported(&mut self, section: wasmparser::ExportSectionReader<'_>) -> Result<(), LoadError> {
        for export in section {
            let export = export.map_err(invalid)?;
            match (export.kind, export.name) {
                (ExternalKind::Func, "opa_eval_ctx_new") => self.ctx_new = export.index,
                (ExternalKind::Func, "opa_eval_ctx_set_data") => self.set_data = export.index,
                (ExternalKind::Func, "opa_eval_ctx_set_entrypoint") => self.set_entrypoint = export.index,
                (ExternalKind::Func, "eval") => self.eval = export.index,
                (ExternalKind::Func, "opa_eval_ctx_set_input") => self.set_input = export.index,
                (ExternalKind::Func, "opa_eval_ctx_get_result") => self.get_result = export.index,
                (ExternalKind::Func, "opa_heap_ptr_set") => self.set_heap = Some(export.index),
                _ => {}
            }
        }
        Ok(())
    }

    /// How many functions the module itself has.
    pub(super) fn defined(&self) -> u32 {
        self.defined
    }

    /// The module's types and the function's.
    pub(super) fn types(&self, section: wasmparser::TypeSectionReader<'_>) -> Result<TypeSection, LoadError> {
        let mut types = TypeSection::new();
        RoundtripReencoder.parse_type_section(&mut types, section).map_err(invalid)?;
        types.ty().function([ValType::I32; 4], [ValType::I64]);
        Ok(types)
    }

    /// The module's functions and this one.
    pub(super) fn functions(
        &self,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<FunctionSection, LoadError> {
        let mut functions = FunctionSection::new();
        RoundtripReencoder.parse_function_section(&mut functions, section).map_err(invalid)?;
        functions.function(self.types);
        Ok(functions)
    }

    /// The module's exports and this one.
    pub(super) fn exports(
        &self,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<ExportSection, LoadError> {
        let mut exports = ExportSection::new();
        RoundtripReencoder.parse_export_section(&mut exports, section).map_err(invalid)?;
        exports.export(ASK, ExportKind::Func, self.imported + self.defined);
        Ok(exports)
    }

    /// The function's code, with `data` as the address of the data document that the module was loaded with.
    pub(super) fn function(&self, data: i32) -> Function {
        const CONTEXT: u32 = 4;
        let mut function = Function::new([(1, ValType::I32)]);
        let mut code = function.instructions();
        if let Some(set_heap) = self.set_heap {
            code.local_get(2).if_(BlockType::Empty).local_get(2).call(set_heap).end();
        }
        code.call(self.ctx_new).local_set(CONTEXT);
        code.local_get(1).if_(BlockType::Empty).local_get(CONTEXT).local_get(1).call(self.set_input).end();
        code.local_get(CONTEXT).local_get(3).i32_const(data).local_get(3).select().call(self.set_data);
        code.local_get(CONTEXT).local_get(0).call(self.set_entrypoint);
        code.local_get(CONTEXT).call(self.eval).i64_extend_i32_u().i64_const(32).i64_shl();
        code.local_get(CONTEXT).call(self.get_result).i64_extend_i32_u().i64_or();
        code.end();
        function
    }
}

/// A number of types or functions, of which a module has at most some millions.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
