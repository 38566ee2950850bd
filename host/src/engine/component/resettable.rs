//! Gives a guest's module what puts its sandbox back as it was: it notes where it writes (`written`), and gets a copy of
//! its initial memory and a function that copies back from there.
//!
//! Component instances keep their memory to themselves, so the host cannot put it back as it does for OPA's modules. The
//! function becomes one more export of the component, which the host calls after an evaluation.
//!
//! ```text
//! magtape-reset() -> i32
//!     if memory.size(guest's) is not the initial one { -1 }
//!     for each grain that is noted { copy it from the third memory, forget the note, count }
//!     set the mutable globals to their initial values
//!     the count
//! ```

use wasm_encoder::{
    BlockType, CodeSection, DataSection, ExportKind, ExportSection, Function, FunctionSection, Instruction,
    InstructionSink, MemArg, MemArgTarget, MemorySection, MemoryType, Module, TypeSection, ValType,
    reencode::{Error, Reencode, RoundtripReencoder, utils},
};
use wasmparser::{DataKind, FunctionBody, Parser};
use wit_component::StringEncoding;

use self::plain::Plain;
use super::super::written::{self, GRAIN, GRAIN_BYTES, MEMORY, PAGE_BYTES, STORE_BYTES};

mod plain;

/// The function, as the component exports it.
pub(super) const RESET: &str = "magtape-reset";

/// What the function's world is to the tool that makes components of modules.
const WORLD: &str = "package magtape:sandbox; world resettable { export magtape-reset: func() -> s32; }";

/// The index of the memory that keeps what the guest's own is at the start.
const INITIAL: u32 = 2;

/// Grains whose notes are looked at together.
const WORD: i32 = 8;

/// The module with that function; `None` when more than its memory and its globals would have to be put back.
///
/// # Errors
/// When it cannot be written so.
pub(super) fn resettable(wasm: &[u8], max_bytes: usize) -> Option<Result<Vec<u8>, String>> {
    Plain::of(wasm, max_bytes).map(|plain| rewrite(wasm, &plain, max_bytes))
}

fn rewrite(wasm: &[u8], plain: &Plain, max_bytes: usize) -> Result<Vec<u8>, String> {
    let parameters = written::parameters(wasm)?;
    let mut module = Module::new();
    let mut rewriter = Rewriter { plain, parameters: parameters.iter(), max_bytes };
    utils::parse_core_module(&mut rewriter, &mut module, Parser::new(0), wasm)
        .map_err(|error| error.to_string())?;
    let mut rewritten = module.finish();
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve.push_str("resettable.wit", WORLD).map_err(|error| format!("{error:#}"))?;
    let world = resolve.select_world(&[package], None).map_err(|error| format!("{error:#}"))?;
    wit_component::embed_component_metadata(&mut rewritten, &resolve, world, StringEncoding::UTF8, false)
        .map_err(|error| format!("{error:#}"))?;
    Ok(rewritten)
}

/// Writes a module as it was, and what is added to each section.
struct Rewriter<'p> {
    plain: &'p Plain,
    /// Of the functions whose bodies are still to come.
    parameters: std::slice::Iter<'p, u32>,
    max_bytes: usize,
}

// === impl Rewriter ===

impl Reencode for Rewriter<'_> {
    type Error = String;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), Error<String>> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([], [ValType::I32]);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Error<String>> {
        utils::parse_function_section(self, functions, section)?;
        functions.function(self.plain.types);
        Ok(())
    }

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        section: wasmparser::MemorySectionReader<'_>,
    ) -> Result<(), Error<String>> {
        utils::parse_memory_section(self, memories, section)?;
        for pages in [written::pages(self.max_bytes), self.plain.pages] {
            memories.memory(MemoryType {
                minimum: pages,
                maximum: Some(pages),
                memory64: false,
                shared: false,
                page_size_log2: None,
            });
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error<String>> {
        utils::parse_export_section(self, exports, section)?;
        exports.export(RESET, ExportKind::Func, self.plain.functions);
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error<String>> {
        let parameters = self.parameters.next().copied().unwrap_or_default();
        written::function(code, &body, parameters).map_err(Error::UserError)?;
        if self.parameters.len() == 0 {
            code.function(&reset(self.plain));
        }
        Ok(())
    }

    fn data_count(&mut self, count: u32) -> Result<u32, Error<String>> {
        Ok(count + self.plain.segments)
    }

    fn parse_data_section(
        &mut self,
        data: &mut DataSection,
        section: wasmparser::DataSectionReader<'_>,
    ) -> Result<(), Error<String>> {
        // Behind those that the module names by their numbers.
        utils::parse_data_section(self, data, section.clone())?;
        for segment in section {
            let segment = segment?;
            if let DataKind::Active { offset_expr, .. } = segment.kind {
                let offset = RoundtripReencoder.const_expr(offset_expr);
                let offset = offset.map_err(|error| Error::UserError(error.to_string()))?;
                data.active(INITIAL, &offset, segment.data.iter().copied());
            }
        }
        Ok(())
    }
}

/// The function's code.
fn reset(plain: &Plain) -> Function {
    const GRAINS: u32 = 0;
    const NOTED: u32 = 1;
    const COUNT: u32 = 2;
    let bytes = plain.pages * PAGE_BYTES as u64;
    let words = number(bytes / GRAIN_BYTES as u64);
    let mut function = Function::new([(3, ValType::I32)]);
    let mut code = function.instructions();
    code.memory_size(0).i32_const(number(plain.pages)).i32_ne();
    code.if_(BlockType::Empty).i32_const(-1).return_().end();
    code.block(BlockType::Empty).loop_(BlockType::Empty);
    code.local_get(GRAINS).i32_const(words).i32_ge_u().br_if(1);
    code.local_get(GRAINS).i64_load(note(3)).i64_const(0).i64_ne().if_(BlockType::Empty);
    code.local_get(GRAINS).local_set(NOTED).loop_(BlockType::Empty);
    code.local_get(NOTED).i32_load8_u(note(0)).if_(BlockType::Empty);
    code.local_get(COUNT).i32_const(1).i32_add().local_set(COUNT);
    copy(&mut code, NOTED, number(bytes));
    code.end();
    code.local_get(NOTED).i32_const(1).i32_add().local_tee(NOTED);
    code.local_get(GRAINS).i32_const(WORD).i32_add().i32_lt_u().br_if(0).end();
    code.local_get(GRAINS).i64_const(0).i64_store(note(3));
    code.end();
    code.local_get(GRAINS).i32_const(WORD).i32_add().local_set(GRAINS).br(0).end().end();
    for (global, first) in &plain.globals {
        function.instruction(first).instruction(&Instruction::GlobalSet(*global));
    }
    function.instructions().local_get(COUNT).end();
    function
}

/// Copies a grain, and what a store at its end reached of the next, if there is one.
fn copy(code: &mut InstructionSink<'_>, grain: u32, bytes: i32) {
    let most = number((GRAIN_BYTES + STORE_BYTES) as u64);
    for _ in ["to", "from"] {
        code.local_get(grain).i32_const(GRAIN).i32_shl();
    }
    code.i32_const(most);
    let left = |code: &mut InstructionSink<'_>| {
        code.i32_const(bytes).local_get(grain).i32_const(GRAIN).i32_shl().i32_sub();
    };
    left(code);
    left(code);
    code.i32_const(most).i32_gt_u().select();
    code.memory_copy(0, INITIAL);
}

/// Where the notes are.
fn note(align: u32) -> MemArg {
    MemArg { offset: 0, align, target: MemArgTarget::Memory(MEMORY), ordering: None }
}

/// An amount of memory, or a part of it, as instructions have it.
#[allow(clippy::cast_possible_truncation, reason = "a memory of 32 bits has sizes of 32 bits")]
fn number(amount: u64) -> i32 {
    amount as u32 as i32
}

#[cfg(test)]
mod tests;
