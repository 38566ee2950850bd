//! Whatever a guest writes, by every instruction that writes, is put back.

use fastrand::Rng;
use wasmtime::{Engine, ExternType, Instance, Memory, Module, Store, Val};

use super::{Plain, RESET, rewrite};

const PAGES: usize = 3;
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Each function writes in one way: an address and a value, or an address, a source and a length.
const GUEST: &str = r#"(module
  (memory (export "memory") 3)
  (global (export "a") (mut i32) (i32.const 7))
  (global (export "b") (mut i64) (i64.const -7))
  (global (export "c") (mut f32) (f32.const 0.5))
  (global (export "d") (mut f64) (f64.const -0.5))
  (global i32 (i32.const 9))
  (data (i32.const 1000) "across the end of the first of the grains, which has 1024 bytes")
  (data $passive "a segment that is copied when it is asked for, as often as it is")
  (data (i32.const 196600) "the end.")
  (func (export "i32.store") (param i32 i64) (i32.store offset=3 (local.get 0) (i32.wrap_i64 (local.get 1))))
  (func (export "i32.store8") (param i32 i64) (i32.store8 (local.get 0) (i32.wrap_i64 (local.get 1))))
  (func (export "i32.store16") (param i32 i64) (i32.store16 (local.get 0) (i32.wrap_i64 (local.get 1))))
  (func (export "i64.store") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
  (func (export "i64.store8") (param i32 i64) (i64.store8 (local.get 0) (local.get 1)))
  (func (export "i64.store16") (param i32 i64) (i64.store16 offset=1021 (local.get 0) (local.get 1)))
  (func (export "i64.store32") (param i32 i64) (i64.store32 (local.get 0) (local.get 1)))
  (func (export "f32.store") (param i32 i64) (f32.store (local.get 0) (f32.convert_i64_s (local.get 1))))
  (func (export "f64.store") (param i32 i64) (f64.store (local.get 0) (f64.convert_i64_s (local.get 1))))
  (func (export "memory.copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "memory.fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "memory.init") (param i32 i32 i32)
    (memory.init $passive (local.get 0) (i32.and (local.get 1) (i32.const 31)) (i32.and (local.get 2) (i32.const 31))))
  (func (export "globals") (param i64)
    (global.set 0 (i32.wrap_i64 (local.get 0)))
    (global.set 1 (local.get 0))
    (global.set 2 (f32.convert_i64_s (local.get 0)))
    (global.set 3 (f64.convert_i64_s (local.get 0))))
  (func (export "grow") (result i32) (memory.grow (i32.const 1))))"#;

/// An instance of a module that was rewritten.
struct Guest {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

// === impl Guest ===

impl Guest {
    fn new(module: &Module) -> Self {
        let mut store = Store::new(module.engine(), ());
        let instance = Instance::new(&mut store, module, &[]).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        Self { store, instance, memory }
    }

    fn call(&mut self, name: &str, arguments: &[Val]) -> wasmtime::Result<()> {
        let function = self.instance.get_func(&mut self.store, name).unwrap();
        let mut results = vec![Val::I32(0); function.ty(&self.store).results().len()];
        function.call(&mut self.store, arguments, &mut results)
    }

    fn reset(&mut self) -> i32 {
        let reset = self.instance.get_typed_func::<(), i32>(&mut self.store, RESET).unwrap();
        reset.call(&mut self.store, ()).unwrap()
    }

    fn globals(&mut self) -> Vec<String> {
        let value = |guest: &mut Self, name| {
            guest.instance.get_global(&mut guest.store, name).unwrap().get(&mut guest.store)
        };
        ["a", "b", "c", "d"].map(|name| format!("{:?}", value(self, name))).to_vec()
    }

    fn state(&mut self) -> (Vec<u8>, Vec<String>) {
        (self.memory.data(&self.store).to_vec(), self.globals())
    }
}

/// An address, most often near the end of a grain, sometimes at the end of memory or behind it.
fn address(random: &mut Rng) -> i32 {
    let all = i32::try_from(PAGES * 65536).unwrap();
    match random.u8(..8) {
        0 => random.i32(0..all),
        1 => all - random.i32(0..16),
        2 => random.i32(..),
        _ => random.i32(0..all / 1024) * 1024 + 1032 - random.i32(0..16),
    }
}

fn length(random: &mut Rng) -> i32 {
    let bound = random.choice([1, 16, 2000, 70_000]).unwrap();
    random.i32(0..bound)
}

fn rewritten(text: &str) -> Module {
    let wasm = wat::parse_str(text).unwrap();
    let plain = Plain::of(&wasm, MAX_BYTES).expect("it is plain");
    Module::new(&Engine::default(), rewrite(&wasm, &plain, MAX_BYTES).unwrap()).unwrap()
}

/// Writes in some way somewhere.
fn scribble(guest: &mut Guest, functions: &[(String, usize)], random: &mut Rng) -> wasmtime::Result<()> {
    let (name, parameters) = random.choice(functions).unwrap();
    let arguments = match parameters {
        1 => vec![Val::I64(random.i64(..))],
        2 => vec![Val::I32(address(random)), Val::I64(random.i64(..))],
        _ => [address(random), address(random), length(random)].map(Val::I32).to_vec(),
    };
    guest.call(name, &arguments)
}

#[test]
fn whatever_is_written_is_put_back() {
    let module = rewritten(GUEST);
    let parameters = |export: wasmtime::ExportType<'_>| match export.ty() {
        ExternType::Func(function) if function.params().len() > 0 => {
            Some((export.name().to_owned(), function.params().len()))
        }
        _ => None,
    };
    let functions: Vec<_> = module.exports().filter_map(parameters).collect();
    assert_eq!(functions.len(), 13);
    let (mut guest, mut random) = (Guest::new(&module), Rng::with_seed(1));
    let new = guest.state();
    let (mut changed, mut trapped) = (0, 0);
    for round in 0..3000 {
        let ended = (0..random.u8(1..7)).try_for_each(|_| scribble(&mut guest, &functions, &mut random));
        changed += u32::from(guest.state() != new);
        if ended.is_err() {
            // What trapped is never used again.
            (guest, trapped) = (Guest::new(&module), trapped + 1);
            continue;
        }
        assert!(guest.reset() >= 0, "round {round}");
        assert!(guest.state() == new, "round {round}");
        assert_eq!(guest.reset(), 0, "nothing is noted any more in round {round}");
    }
    assert!(
        changed > 2000 && (100..2000).contains(&trapped),
        "{changed} changed something, {trapped} trapped"
    );
}

#[test]
fn what_grew_is_not_put_back() {
    let mut guest = Guest::new(&rewritten(GUEST));
    guest.call("grow", &[]).unwrap();
    assert_eq!(guest.reset(), -1);
}

#[test]
fn only_what_has_no_more_state_than_that_is_plain() {
    let is_plain = |definitions: &str| {
        Plain::of(&wat::parse_str(format!("(module {definitions})")).unwrap(), MAX_BYTES).is_some()
    };
    assert!(is_plain(r#"(import "magtape:policy/host@1.0.0" "now" (func (result i64))) (memory 1)"#));
    for definitions in [
        "",
        "(memory 0)",
        "(memory 1000)",
        "(memory i64 1)",
        "(memory 1 1 shared)",
        "(memory 1) (memory 1)",
        r#"(import "a" "memory" (memory 1))"#,
        r#"(import "magtape:policy/host@1.0.0" "memory" (memory 1))"#,
        r#"(import "a" "f" (func)) (memory 1)"#,
        r#"(import "[export]magtape:policy/x" "f" (func)) (memory 1)"#,
        r#"(import "magtape:policy/x" "[resource-drop]y" (func (param i32))) (memory 1)"#,
        r#"(import "magtape:policy/x" "g" (global i32)) (memory 1)"#,
        r#"(memory 1) (func (export "magtape-reset"))"#,
        r#"(memory 1) (func (export "_initialize"))"#,
        "(memory 1) (func $start) (start $start)",
        "(memory 1) (global (mut externref) (ref.null extern))",
        "(memory 1) (global (mut v128) (v128.const i64x2 0 0))",
        "(memory 1) (table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))",
        "(memory 1) (table 1 funcref) (func (drop (table.grow (ref.null func) (i32.const 1))))",
        "(memory 1) (table 1 funcref) (func (table.fill (i32.const 0) (ref.null func) (i32.const 1)))",
        "(memory 1) (table 1 funcref) (func (table.copy (i32.const 0) (i32.const 0) (i32.const 1)))",
        "(memory 1) (table 1 funcref) (elem func) (func (table.init 0 (i32.const 0) (i32.const 0) (i32.const 0)))",
        "(memory 1) (elem func) (func (elem.drop 0))",
        r#"(memory 1) (data "x") (func (data.drop 0))"#,
        "(memory 1) (func (v128.store (i32.const 0) (v128.const i64x2 1 1)))",
        "(memory 1) (func (i32.atomic.store (i32.const 0) (i32.const 1)))",
        "(memory 1) (tag) (func (throw 0))",
    ] {
        assert!(!is_plain(definitions), "{definitions}");
    }
}
