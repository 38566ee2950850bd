//! What a module says of itself, also one that cannot be loaded because it asks for what the host refuses.

use std::{sync::Arc, time::Duration};

use super::{
    super::{Engine, Limits},
    LoadError,
    host::Host,
    module::{SET_UP, prepare, store},
    rewrite,
    setup::SetUp,
};

/// What a module says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its version of OPA's Wasm ABI, major and minor.
    pub abi: (i32, i32),
    /// What can be asked, by OPA's paths, sorted.
    pub entrypoints: Vec<String>,
    /// The builtins that it asks the host for, sorted, whether the host has them or not.
    pub builtins: Vec<String>,
}

/// Asks a module what it is. Its set-up is run in a sandbox with these limits, and no data is given to it.
///
/// # Errors
/// When the module is none of OPA's, or fails in its set-up.
pub fn describe(engine: &Engine, limits: &Arc<Limits>, wasm: &[u8]) -> Result<Facts, LoadError> {
    if wasm.len() > limits.module_bytes {
        return Err(LoadError::TooLarge { size: wasm.len(), limit: limits.module_bytes });
    }
    let pre = prepare(engine, &rewrite::own_memory(wasm, limits.memory_bytes)?)?;
    let host = Host::new(Arc::clone(limits), Arc::default(), Duration::ZERO, limits.deadline.max(SET_UP));
    let mut store = store(pre.module().engine(), host);
    let instance =
        pre.instantiate(&mut store).map_err(|error| LoadError::Setup(store.data().fault(&error)))?;
    let set_up = SetUp::of(&instance, &mut store)?;
    let entrypoints = sorted(set_up.entrypoints(&mut store)?);
    let builtins = sorted(set_up.builtins(&mut store)?);
    Ok(Facts { abi: set_up.version, entrypoints, builtins })
}

fn sorted(names: Vec<(String, i32)>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipped_policy_is_described() {
        let limits = Arc::new(Limits::default());
        let engine = Engine::new(limits.memory_bytes).unwrap();
        let wasm = include_bytes!("../../../../policies-rego/dist/mt1001-liveness-probe.wasm");
        let facts = describe(&engine, &limits, wasm).unwrap();
        let path = |rule: &str| format!("kubernetes/admission/policy_liveness_probe/{rule}");
        assert_eq!(facts.entrypoints, ["deny", "matches", "policy_metadata"].map(path));
        assert_eq!((facts.abi, facts.builtins), ((1, 3), vec!["sprintf".to_owned()]));
        let error = describe(&engine, &limits, b"nonsense").unwrap_err().to_string();
        assert!(error.starts_with("not a valid WebAssembly module"), "{error}");
    }
}
