//! Code that is good on every processor of an architecture, so that it can be compiled where a program is built.

use wasmtime::Config;

/// Has `config` compile for the architecture that this program was built for, and for nothing that only some of its
/// processors have. Policies are hardly slower for it (docs/adr/0006-artefact-cache.md).
pub(in crate::engine) fn portable(config: &mut Config) -> wasmtime::Result<()> {
    // wasmtime looks at the processor only as long as nobody names a target, though it be the one it would take.
    config.target(&target_lexicon::HOST.to_string())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use wasmtime::{Engine, Instance, Module, Store};

    use super::*;

    /// Newer processors count bits and round numbers with one instruction, older ones with many.
    const MODULE: &str = r#"(module (func (export "f") (param i64 f64) (result i64)
        (i64.add (i64.popcnt (local.get 0)) (i64.trunc_f64_s (f64.floor (local.get 1))))))"#;

    fn module(config: &Config) -> Module {
        Module::new(&Engine::new(config).unwrap(), wat::parse_str(MODULE).unwrap()).unwrap()
    }

    fn compiled(config: &Config) -> Vec<u8> {
        module(config).serialize().unwrap()
    }

    fn portably() -> Config {
        let mut config = Config::new();
        portable(&mut config).unwrap();
        config
    }

    #[test]
    fn what_is_compiled_runs_here() {
        let module = module(&portably());
        let mut store = Store::new(module.engine(), ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let f = instance.get_typed_func::<(i64, f64), i64>(&mut store, "f").unwrap();
        assert_eq!(f.call(&mut store, (0xff, -1.5)).unwrap(), 8 - 2);
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn what_only_newer_processors_have_is_not_used() {
        // `popcnt` with a prefix for 64 bits.
        let counts =
            |code: &[u8]| code.windows(4).any(|bytes| matches!(bytes, [0xf3, 0x48..=0x4f, 0x0f, 0xb8]));
        assert!(!counts(&compiled(&portably())));
        assert_eq!(counts(&compiled(&Config::new())), std::is_x86_feature_detected!("popcnt"));
    }
}
