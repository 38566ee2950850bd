//! Has a module note where it writes: before each store a byte is set in a memory of the host's own, which the module
//! has no instruction to reach. What is noted can be put back, and nothing else has changed.
//!
//! ```text
//! i32.store offset=o      ->      local.set $value
//!                                 local.tee $address
//!                                 i32.const o
//!                                 i32.add
//!                                 i32.const 10
//!                                 i32.shr_u
//!                                 i32.const 1
//!                                 i32.store8 (memory 1)
//!                                 local.get $address
//!                                 local.get $value
//!                                 i32.store offset=o
//! ```
//!
//! What is copied or filled at once is noted before as well, from its first byte to its last. An address that wraps notes
//! another place, and its store traps. Which other instructions write, and that a module has none of them, is said by
//! whoever has one rewritten.

use wasm_encoder::{
    BlockType, CodeSection, Function, Instruction, MemArg, MemArgTarget, ValType,
    reencode::{Reencode, RoundtripReencoder},
};
use wasmparser::{CompositeInnerType, FunctionBody, Parser, Payload};

/// Bytes in a page of WebAssembly memory.
pub(super) const PAGE_BYTES: usize = 64 * 1024;

/// Bytes of a module's memory for which there is one in that memory.
pub(super) const GRAIN_BYTES: usize = 1 << GRAIN;

/// The longest store; one at the end of a grain reaches into the next.
pub(super) const STORE_BYTES: usize = 8;

/// [`GRAIN_BYTES`], as a shift.
pub(super) const GRAIN: i32 = 10;

/// The index of that memory.
pub(super) const MEMORY: u32 = 1;

/// The types of the locals that a function gets: an address, a value of each type, and a length.
const LOCALS: [ValType; 6] =
    [ValType::I32, ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::I32];

/// Which of them is the length.
const LENGTH: u32 = 5;

/// How many pages that memory needs for a module's memory of so many bytes.
pub(super) fn pages(max_bytes: usize) -> u64 {
    max_bytes.div_ceil(GRAIN_BYTES).div_ceil(PAGE_BYTES) as u64
}

/// The number of parameters of each function that the module itself has.
pub(super) fn parameters(wasm: &[u8]) -> Result<Vec<u32>, String> {
    let (mut types, mut functions) = (Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(invalid)? {
            Payload::TypeSection(section) => {
                for group in section {
                    let group = group.map_err(invalid)?;
                    types.extend(group.types().map(|ty| match &ty.composite_type.inner {
                        CompositeInnerType::Func(function) => function.params().len(),
                        _ => 0,
                    }));
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    let parameters = types.get(ty.map_err(invalid)? as usize).copied().unwrap_or_default();
                    functions.push(u32::try_from(parameters).map_err(invalid)?);
                }
            }
            _ => {}
        }
    }
    Ok(functions)
}

/// Adds a function that notes where it writes.
pub(super) fn function(
    code: &mut CodeSection,
    body: &FunctionBody<'_>,
    parameters: u32,
) -> Result<(), String> {
    let mut first = parameters;
    let mut locals = Vec::new();
    for local in body.get_locals_reader().map_err(invalid)? {
        let (count, ty) = local.map_err(invalid)?;
        first = first.checked_add(count).ok_or_else(|| invalid("too many locals"))?;
        locals.push((count, RoundtripReencoder.val_type(ty).map_err(invalid)?));
    }
    locals.extend(LOCALS.map(|ty| (1, ty)));
    let mut function = Function::new(locals);
    let mut reader = body.get_operators_reader().map_err(invalid)?;
    let mut stores = false;
    while !reader.eof() {
        let instruction = RoundtripReencoder.parse_instruction(&mut reader).map_err(invalid)?;
        if let Some((place, value)) = store(&instruction) {
            note(&mut function, place, first, first + value);
            stores = true;
        } else if matches!(
            instruction,
            Instruction::MemoryCopy { .. } | Instruction::MemoryFill(_) | Instruction::MemoryInit { .. }
        ) {
            note_range(&mut function, first);
            stores = true;
        }
        function.instruction(&instruction);
    }
    if stores {
        code.function(&function);
    } else {
        code.raw(body.as_bytes());
    }
    Ok(())
}

/// Where an instruction stores, and which of the locals takes its value.
fn store(instruction: &Instruction<'_>) -> Option<(MemArg, u32)> {
    use Instruction as I;
    match instruction {
        I::I32Store(place) | I::I32Store8(place) | I::I32Store16(place) => Some((*place, 1)),
        I::I64Store(place) | I::I64Store8(place) | I::I64Store16(place) | I::I64Store32(place) => {
            Some((*place, 2))
        }
        I::F32Store(place) => Some((*place, 3)),
        I::F64Store(place) => Some((*place, 4)),
        _ => None,
    }
}

fn note(function: &mut Function, place: MemArg, address: u32, value: u32) {
    let mut code = function.instructions();
    code.local_set(value).local_tee(address);
    if place.offset > 0 {
        #[allow(clippy::cast_possible_truncation, reason = "a memory of 32 bits has offsets of 32 bits")]
        code.i32_const(place.offset as u32 as i32).i32_add();
    }
    code.i32_const(GRAIN).i32_shr_u().i32_const(1);
    code.i32_store8(MemArg { offset: 0, align: 0, target: MemArgTarget::Memory(MEMORY), ordering: None });
    code.local_get(address).local_get(value);
}

/// Before `memory.copy`, `memory.fill` and `memory.init`, which all have an address, a source or value, and a length.
fn note_range(function: &mut Function, first: u32) {
    let (address, source, length) = (first, first + 1, first + LENGTH);
    let mut code = function.instructions();
    code.local_set(length).local_set(source).local_set(address);
    code.local_get(length).if_(BlockType::Empty);
    code.local_get(address).i32_const(GRAIN).i32_shr_u().i32_const(1);
    code.local_get(address).local_get(length).i32_add().i32_const(1).i32_sub();
    code.i32_const(GRAIN).i32_shr_u();
    code.local_get(address).i32_const(GRAIN).i32_shr_u().i32_sub().i32_const(1).i32_add();
    code.memory_fill(MEMORY).end();
    code.local_get(address).local_get(source).local_get(length);
}

fn invalid(cause: impl std::fmt::Display) -> String {
    cause.to_string()
}
