//! Which modules have no more state than one memory and some numbers in globals, as those of the SDK have.

use wasm_encoder::Instruction;
use wasmparser::{DataKind, Operator, Parser, Payload, TypeRef, Validator, WasmFeatures};

use super::{super::super::written::PAGE_BYTES, RESET};

/// What such a module may import. Nothing of it gives the guest anything that stays.
const INTERFACES: &str = "magtape:policy/";

/// Functions that are called once, when an instance is made. What they leave is no state that is known here.
const INITIALIZERS: [&str; 2] = ["_initialize", "cm32p2_initialize"];

/// What is to be known of such a module.
#[derive(Debug, Default)]
pub(super) struct Plain {
    /// How many types it has.
    pub(super) types: u32,
    /// How many functions, those that it imports included.
    pub(super) functions: u32,
    /// The pages of memory that it begins with.
    pub(super) pages: u64,
    /// How many segments are copied into memory at the start.
    pub(super) segments: u32,
    /// Its mutable globals, with the instructions for their first values.
    pub(super) globals: Vec<(u32, Instruction<'static>)>,
}

// === impl Plain ===

impl Plain {
    /// `None` when it has more state than that, or begins with more than `max_bytes` of memory.
    pub(super) fn of(wasm: &[u8], max_bytes: usize) -> Option<Self> {
        let features = WasmFeatures::WASM1
            | WasmFeatures::SIGN_EXTENSION
            | WasmFeatures::SATURATING_FLOAT_TO_INT
            | WasmFeatures::MULTI_VALUE
            | WasmFeatures::BULK_MEMORY
            | WasmFeatures::REFERENCE_TYPES;
        Validator::new_with_features(features).validate_all(wasm).ok()?;
        let mut plain = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            plain.section(payload.ok()?)?;
        }
        let fits = plain.pages > 0 && plain.pages <= (max_bytes / PAGE_BYTES) as u64;
        fits.then_some(plain)
    }

    fn section(&mut self, payload: Payload<'_>) -> Option<()> {
        match payload {
            Payload::TypeSection(types) => {
                for group in types {
                    self.types += u32::try_from(group.ok()?.types().len()).ok()?;
                }
            }
            Payload::ImportSection(imports) => self.imports(imports)?,
            Payload::FunctionSection(functions) => self.functions += functions.count(),
            Payload::MemorySection(memories) => {
                for memory in memories {
                    self.pages = memory.ok()?.initial;
                }
            }
            Payload::GlobalSection(globals) => self.globals(globals)?,
            Payload::ExportSection(exports) => {
                for export in exports {
                    let name = export.ok()?.name;
                    (name != RESET && !INITIALIZERS.contains(&name)).then_some(())?;
                }
            }
            Payload::StartSection { .. } => return None,
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader().ok()? {
                    leaves_nothing(&operator.ok()?).then_some(())?;
                }
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    self.segments += u32::from(matches!(segment.ok()?.kind, DataKind::Active { .. }));
                }
            }
            _ => {}
        }
        Some(())
    }

    fn imports(&mut self, imports: wasmparser::ImportSectionReader<'_>) -> Option<()> {
        for import in imports.into_imports() {
            let import = import.ok()?;
            let is_plain = import.module.starts_with(INTERFACES) && !import.name.starts_with('[');
            (is_plain && matches!(import.ty, TypeRef::Func(_))).then_some(())?;
            self.functions += 1;
        }
        Some(())
    }

    fn globals(&mut self, globals: wasmparser::GlobalSectionReader<'_>) -> Option<()> {
        for (index, global) in (0..).zip(globals) {
            let global = global.ok()?;
            if global.ty.mutable {
                let first = global.init_expr.get_operators_reader().read().ok()?;
                self.globals.push((index, constant(&first)?));
            }
        }
        Some(())
    }
}

/// Whether an instruction changes neither tables nor segments. Those that write memory are noted.
fn leaves_nothing(operator: &Operator<'_>) -> bool {
    !matches!(
        operator,
        Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. }
            | Operator::ElemDrop { .. }
            | Operator::DataDrop { .. }
    )
}

fn constant(operator: &Operator<'_>) -> Option<Instruction<'static>> {
    match operator {
        Operator::I32Const { value } => Some(Instruction::I32Const(*value)),
        Operator::I64Const { value } => Some(Instruction::I64Const(*value)),
        Operator::F32Const { value } => Some(Instruction::F32Const((*value).into())),
        Operator::F64Const { value } => Some(Instruction::F64Const((*value).into())),
        _ => None,
    }
}
