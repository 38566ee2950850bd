//! What a component says of itself, also one that cannot be loaded.

use std::borrow::Cow;

use wasmparser::{MemoryType, Parser, Payload};

use super::{
    load::{ComponentError, encoded},
    version,
};

/// A page of memory where none is said.
const PAGE_BYTES: u64 = 64 * 1024;

/// What a component says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The version of the world that it was built for, as far as its imports say.
    pub world: Option<String>,
    /// The interfaces that it asks the host for, sorted.
    pub imports: Vec<String>,
    /// The memory that an evaluation starts with.
    pub memory_bytes: u64,
}

/// Looks into a component, or a module that is to become one. Nothing of it is run.
///
/// # Errors
/// When it is neither.
pub fn describe(wasm: &[u8]) -> Result<Facts, ComponentError> {
    let component = encoded(Cow::Borrowed(wasm))?;
    let mut imports = version::imports(&component).map_err(ComponentError::Invalid)?;
    imports.sort();
    let world = imports.iter().find_map(|import| version::of(import)).map(str::to_owned);
    Ok(Facts { world, imports, memory_bytes: memory_bytes(&component) })
}

/// Of all modules in it. What is not valid in it has been found before.
fn memory_bytes(component: &[u8]) -> u64 {
    let payloads = Parser::new(0).parse_all(component).map_while(Result::ok);
    let memories = payloads.flat_map(|payload| match payload {
        Payload::MemorySection(section) => section.into_iter().map_while(Result::ok).collect(),
        _ => Vec::new(),
    });
    memories.map(bytes).fold(0, u64::saturating_add)
}

fn bytes(memory: MemoryType) -> u64 {
    let page = memory.page_size_log2.map_or(PAGE_BYTES, |log2| 1_u64.checked_shl(log2).unwrap_or(PAGE_BYTES));
    memory.initial.saturating_mul(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipped_policy_is_described() {
        let wasm = include_bytes!("../../../../policies-wasm/dist/mt1001-liveness-probe.wasm");
        let facts = describe(wasm).unwrap();
        assert_eq!(facts.world.as_deref(), Some("1.0.0"));
        assert!(facts.imports.contains(&"magtape:policy/documents@1.0.0".to_owned()), "{facts:?}");
        assert!(facts.memory_bytes > 0 && facts.memory_bytes.is_multiple_of(PAGE_BYTES), "{facts:?}");
        assert_eq!(describe(&encoded(Cow::Borrowed(wasm)).unwrap()).unwrap(), facts);
        assert!(describe(b"nonsense").is_err());
    }
}
