//! Rewrites a module's binary form, twice.
//!
//! `own_memory` turns the imported memory into one of the module's own, with a maximum, so that instances can
//! come from a pool and a limit holds by construction; it also exports the mutable globals. `snapshot` bakes
//! the state of a running instance, its memory and its globals, back into the module, so that every later
//! instance starts from there without running a start function. docs/adr/0002-snapshot-and-limits.md has the
//! reasons.
//!
//! The snapshot also gets one function more, which `ask` writes: all that an evaluation calls, in one call.

mod ask;

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, GlobalSection, ImportSection,
    MemorySection, MemoryType, Module, RawSection, SectionId,
    reencode::{Reencode, RoundtripReencoder},
};
use wasmparser::{Encoding, Parser, Payload, TypeRef, ValType, Validator, WasmFeatures};

use super::{
    super::written::{self, PAGE_BYTES},
    LoadError,
};
pub(super) use ask::{ASK, code_and_result};

/// The name under which the memory is exported in which a module notes where it writes.
pub(super) const WRITTEN: &str = "magtape:written";

/// Memory that a sandbox has from the start, enough for most requests: OPA's runtime reads the size of its memory once,
/// and grows it itself in small steps later. Resetting a sandbox takes time for each page of the host's in it.
const INITIAL_PAGES: u64 = 12;

/// The names under which mutable globals are exported, followed by their index.
const GLOBAL_EXPORT: &str = "magtape:global:";

/// Functions of OPA's ABI that a module may import.
const FUNCTIONS: [&str; 7] = [
    "opa_abort",
    "opa_println",
    "opa_builtin0",
    "opa_builtin1",
    "opa_builtin2",
    "opa_builtin3",
    "opa_builtin4",
];

/// Memory and mutable globals of an instance at one moment.
pub(super) struct State<'m> {
    pub(super) memory: &'m [u8],
    pub(super) globals: Vec<(u32, wasmtime::Val)>,
    /// The address of the data document.
    pub(super) data: i32,
}

/// The export that holds the mutable global `index`.
pub(super) fn global_export(index: u32) -> String {
    format!("{GLOBAL_EXPORT}{index}")
}

/// The index of the mutable global that an export holds, if it is one.
pub(super) fn exported_global(name: &str) -> Option<u32> {
    name.strip_prefix(GLOBAL_EXPORT)?.parse().ok()
}

/// The module with a memory of its own of at most `max_bytes`, exported as `memory`, and its mutable globals
/// exported.
pub(super) fn own_memory(wasm: &[u8], max_bytes: usize) -> Result<Vec<u8>, LoadError> {
    let mut rewriter = Rewriter::new(wasm);
    let mut memory = None;
    let mut mutable = Vec::new();
    let parameters = written::parameters(wasm).map_err(LoadError::Invalid)?;
    let (mut waiting, mut code) = (parameters.iter(), CodeSection::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(invalid)? {
            Payload::Version { encoding: Encoding::Component, .. } => {
                return Err(LoadError::Invalid("it is a component, not a module of OPA's".to_owned()));
            }
            Payload::ImportSection(section) => memory = Some(rewriter.imports(section, max_bytes)?),
            Payload::MemorySection(_) => {
                return Err(LoadError::Export("defines its memory, which OPA's modules import".to_owned()));
            }
            Payload::GlobalSection(section) => {
                rewriter.memory_now(&mut memory);
                mutable = mutable_globals(section.clone())?;
                rewriter.raw(SectionId::Global as u8, section.range());
            }
            Payload::ExportSection(section) => {
                rewriter.memory_now(&mut memory);
                rewriter.exports(section, &mutable)?;
            }
            Payload::CodeSectionStart { .. } => rewriter.memory_now(&mut memory),
            Payload::CodeSectionEntry(body) => {
                let noted = written::function(&mut code, &body, waiting.next().copied().unwrap_or_default());
                noted.map_err(LoadError::Invalid)?;
                if waiting.len() == 0 {
                    rewriter.section(&code);
                }
            }
            payload => rewriter.copy(&payload, &mut memory),
        }
    }
    // What is refused above has a better reason there.
    validate(wasm)?;
    Ok(rewriter.module.finish())
}

/// Checks a module that is given more. It has only what OPA's modules use: one memory, so that it cannot name the
/// host's, and no instructions that write but stores.
fn validate(wasm: &[u8]) -> Result<(), LoadError> {
    let features = WasmFeatures::WASM1
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::MULTI_VALUE;
    Validator::new_with_features(features).validate_all(wasm).map_err(invalid)?;
    Ok(())
}

/// The module, already given its own memory, with `state` as its initial state and without a start function.
pub(super) fn snapshot(wasm: &[u8], state: &State<'_>, max_bytes: usize) -> Result<Vec<u8>, LoadError> {
    let mut rewriter = Rewriter::new(wasm);
    let pages = (state.memory.len() / PAGE_BYTES) as u64;
    let ask = ask::Ask::of(wasm)?;
    let mut code = CodeSection::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(invalid)? {
            Payload::TypeSection(section) => rewriter.section(&ask.types(section)?),
            Payload::FunctionSection(section) => rewriter.section(&ask.functions(section)?),
            Payload::ExportSection(section) => rewriter.section(&ask.exports(section)?),
            Payload::MemorySection(_) => rewriter.section(&memory_section(pages, max_bytes)),
            Payload::GlobalSection(section) => rewriter.globals(section, &state.globals)?,
            Payload::CodeSectionStart { .. } => {}
            Payload::CodeSectionEntry(body) => {
                code.raw(body.as_bytes());
                if code.len() == ask.defined() {
                    code.function(&ask.function(state.data));
                    rewriter.section(&code);
                }
            }
            Payload::StartSection { .. } | Payload::DataCountSection { .. } | Payload::DataSection(_) => {}
            payload => rewriter.copy(&payload, &mut None),
        }
    }
    rewriter.section(&data_section(state.memory)?);
    Ok(rewriter.module.finish())
}

fn memory_section(minimum: u64, max_bytes: usize) -> MemorySection {
    let maximum = Some((max_bytes / PAGE_BYTES) as u64);
    let mut memories = MemorySection::new();
    let written = written::pages(max_bytes);
    for (minimum, maximum) in [(minimum, maximum), (written, Some(written))] {
        memories.memory(MemoryType {
            minimum,
            maximum,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }
    memories
}

/// One active segment a run of pages that are not all zero; wasmtime makes a copy-on-write image of them.
fn data_section(memory: &[u8]) -> Result<DataSection, LoadError> {
    const HOST_PAGE_BYTES: usize = 4096;
    let mut data = DataSection::new();
    let mut run: Option<(usize, Vec<u8>)> = None;
    for (index, page) in memory.chunks(HOST_PAGE_BYTES).enumerate() {
        if page.iter().any(|&byte| byte != 0) {
            run.get_or_insert_with(|| (index * HOST_PAGE_BYTES, Vec::new())).1.extend_from_slice(page);
        } else if let Some(ended) = run.take() {
            push_segment(&mut data, ended)?;
        }
    }
    if let Some(ended) = run {
        push_segment(&mut data, ended)?;
    }
    Ok(data)
}

fn push_segment(data: &mut DataSection, (offset, bytes): (usize, Vec<u8>)) -> Result<(), LoadError> {
    let offset = i32::try_from(offset).map_err(invalid)?;
    data.active(0, &ConstExpr::i32_const(offset), bytes);
    Ok(())
}

fn mutable_globals(section: wasmparser::GlobalSectionReader<'_>) -> Result<Vec<u32>, LoadError> {
    let mut mutable = Vec::new();
    for (index, global) in (0..).zip(section) {
        let ty = global.map_err(invalid)?.ty;
        if ty.mutable && !matches!(ty.content_type, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64)
        {
            return Err(LoadError::Invalid(format!("global {index} is mutable and no number")));
        }
        if ty.mutable {
            mutable.push(index);
        }
    }
    Ok(mutable)
}

fn invalid(cause: impl std::fmt::Display) -> LoadError {
    LoadError::Invalid(cause.to_string())
}

/// Writes a module section by section, most of them as they were.
struct Rewriter<'w> {
    wasm: &'w [u8],
    module: Module,
}

// === impl Rewriter ===

impl<'w> Rewriter<'w> {
    fn new(wasm: &'w [u8]) -> Self {
        Self { wasm, module: Module::new() }
    }

    fn section(&mut self, section: &impl wasm_encoder::Section) {
        self.module.section(section);
    }

    /// Copies a section as it is. Custom sections, names among them, are left out: nobody reads them here.
    fn copy(&mut self, payload: &Payload<'_>, memory: &mut Option<MemorySection>) {
        let Some((id, range)) = payload.as_section() else { return };
        if id > SectionId::Table as u8 {
            self.memory_now(memory);
        }
        if id != SectionId::Custom as u8 {
            self.raw(id, range);
        }
    }

    fn raw(&mut self, id: u8, range: std::ops::Range<u64>) {
        let bytes = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
        let data = bytes.and_then(|(start, end)| self.wasm.get(start..end)).unwrap_or_default();
        self.module.section(&RawSection { id, data });
    }

    /// Writes the new memory section, which belongs before the first section that comes after tables.
    fn memory_now(&mut self, memory: &mut Option<MemorySection>) {
        if let Some(section) = memory.take() {
            self.module.section(&section);
        }
    }

    /// Keeps the imported functions and answers the memory section that takes the imported memory's place.
    fn imports(
        &mut self,
        section: wasmparser::ImportSectionReader<'_>,
        max_bytes: usize,
    ) -> Result<MemorySection, LoadError> {
        let mut kept = ImportSection::new();
        let mut memory = None;
        for import in section.into_imports() {
            let import = import.map_err(invalid)?;
            match import.ty {
                TypeRef::Memory(ty)
                    if (import.module, import.name) == ("env", "memory") && memory.is_none() =>
                {
                    memory = Some(ty);
                }
                TypeRef::Func(_) if import.module == "env" && FUNCTIONS.contains(&import.name) => {
                    RoundtripReencoder.parse_import(&mut kept, import).map_err(invalid)?;
                }
                _ => return Err(LoadError::Import(format!("{}.{}", import.module, import.name))),
            }
        }
        let ty = memory.ok_or_else(|| LoadError::Export("does not import env.memory".to_owned()))?;
        self.module.section(&kept);
        own_memory_section(ty, max_bytes)
    }

    fn exports(
        &mut self,
        section: wasmparser::ExportSectionReader<'_>,
        mutable: &[u32],
    ) -> Result<(), LoadError> {
        let mut exports = ExportSection::new();
        let mut has_memory = false;
        for export in section {
            let export = export.map_err(invalid)?;
            has_memory |= export.name == "memory";
            RoundtripReencoder.parse_export(&mut exports, export).map_err(invalid)?;
        }
        if !has_memory {
            exports.export("memory", ExportKind::Memory, 0);
        }
        exports.export(WRITTEN, ExportKind::Memory, 1);
        for &index in mutable {
            exports.export(&global_export(index), ExportKind::Global, index);
        }
        self.module.section(&exports);
        Ok(())
    }

    fn globals(
        &mut self,
        section: wasmparser::GlobalSectionReader<'_>,
        values: &[(u32, wasmtime::Val)],
    ) -> Result<(), LoadError> {
        let mut globals = GlobalSection::new();
        for (index, global) in (0..).zip(section) {
            let global = global.map_err(invalid)?;
            match values.iter().find(|(at, _)| *at == index).and_then(|(_, value)| constant(value)) {
                Some(value) => {
                    let ty = RoundtripReencoder.global_type(global.ty).map_err(invalid)?;
                    globals.global(ty, &value);
                }
                None => RoundtripReencoder.parse_global(&mut globals, global).map_err(invalid)?,
            }
        }
        self.module.section(&globals);
        Ok(())
    }
}

fn own_memory_section(ty: wasmparser::MemoryType, max_bytes: usize) -> Result<MemorySection, LoadError> {
    if ty.shared || ty.memory64 || ty.page_size_log2.is_some() {
        return Err(LoadError::Import("a memory that is shared, of 64 bits or of odd pages".to_owned()));
    }
    if ty.initial > (max_bytes / PAGE_BYTES) as u64 {
        return Err(LoadError::Invalid(format!(
            "starts with {} pages of memory, more than allowed",
            ty.initial
        )));
    }
    Ok(memory_section(ty.initial.max(INITIAL_PAGES.min((max_bytes / PAGE_BYTES) as u64)), max_bytes))
}

fn constant(value: &wasmtime::Val) -> Option<ConstExpr> {
    match value {
        wasmtime::Val::I32(value) => Some(ConstExpr::i32_const(*value)),
        wasmtime::Val::I64(value) => Some(ConstExpr::i64_const(*value)),
        wasmtime::Val::F32(bits) => Some(ConstExpr::f32_const(f32::from_bits(*bits).into())),
        wasmtime::Val::F64(bits) => Some(ConstExpr::f64_const(f64::from_bits(*bits).into())),
        _ => None,
    }
}
