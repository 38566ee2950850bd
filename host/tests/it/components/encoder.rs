//! Modules that are to become components: whatever their description of themselves says, loading them ends, and never by
//! a panic.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use magtape::{
    engine::{
        ArtefactCache, Engine,
        component::{Component, is_component},
    },
    source::Embedded,
};
use wasmparser::{Parser, Payload};

use super::{MUCH, guest, kind_of, one};
use crate::guests::{PATIENCE, limits};

/// The name of the section that describes a module's world.
pub(super) const DESCRIPTION: &str = "component-type";

/// Mutations of each kind; all of them take some seconds.
const MUTATIONS: usize = 1500;

/// When the machine is slow, fewer will do.
const TIME: Duration = Duration::from_secs(30);

/// No module of some kilobytes takes longer to load, whatever is in it.
const BOUND: Duration = Duration::from_secs(5);

/// A module that ships, as the compiler made it.
fn module() -> Vec<u8> {
    one(Embedded::Rust, "mt1007").wasm
}

/// Where the module's descriptions are, without their names.
fn descriptions(module: &[u8]) -> Vec<Range<usize>> {
    let payloads = Parser::new(0).parse_all(module).map(Result::unwrap);
    let description = |payload| match payload {
        Payload::CustomSection(section) if section.name().starts_with(DESCRIPTION) => {
            let start = usize::try_from(section.data_offset()).unwrap();
            Some(start..start + section.data().len())
        }
        _ => None,
    };
    payloads.filter_map(description).collect()
}

/// How a module that ships describes its world.
pub(super) fn description() -> Vec<u8> {
    let module = module();
    module[descriptions(&module).remove(0)].to_vec()
}

/// A module without its descriptions, and with this one.
fn described(description: &[u8]) -> Vec<u8> {
    let module = module();
    let first = descriptions(&module).first().unwrap().start;
    // The section's head is in front of its data.
    let head =
        module[..first].windows(DESCRIPTION.len()).rposition(|window| window == DESCRIPTION.as_bytes());
    let end = module[..head.unwrap()].iter().rposition(|byte| *byte == 0).unwrap();
    let mut described = module[..end].to_vec();
    section(&mut described, DESCRIPTION, description);
    described
}

/// Appends a custom section.
pub(super) fn section(wasm: &mut Vec<u8>, name: &str, data: &[u8]) {
    let mut content = Vec::new();
    number(&mut content, name.len());
    content.extend_from_slice(name.as_bytes());
    content.extend_from_slice(data);
    wasm.push(0);
    number(wasm, content.len());
    wasm.extend_from_slice(&content);
}

/// Appends a number in LEB128.
pub(super) fn number(wasm: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        wasm.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    wasm.push(u8::try_from(number).unwrap());
}

/// A description of a world with these definitions.
fn world(definitions: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
          (type (component
            (type (component {definitions}))
            (export "a:b/w@1.0.0" (component (type 0)))))
          (export "w" (type 0))
          (@custom "wit-component-encoding" "\04\00"))"#
    );
    wat::parse_str(text).unwrap()
}

/// Lists of lists of lists, so deep.
fn deep(depth: usize) -> Vec<u8> {
    let lists: String = (1..depth).map(|level| format!("(type $l{level} (list $l{}))", level - 1)).collect();
    world(&format!(r#"(type $l0 (list u8)){lists}(import "f" (func (param "x" $l{})))"#, depth - 1))
}

/// Tuples of ten tuples of ten tuples, so many levels.
fn wide(levels: usize) -> Vec<u8> {
    let tuple = |level| format!("(type $t{} (tuple{}))", level + 1, format!(" $t{level}").repeat(10));
    let tuples: String = (0..levels).map(tuple).collect();
    world(&format!(r#"(type $t0 (tuple u8)){tuples}(import "f" (func (param "x" $t{levels})))"#))
}

fn many_functions(count: usize) -> Vec<u8> {
    let functions = (0..count).map(|number| format!(r#"(import "f{number}" (func (param "x" string)))"#));
    world(&functions.collect::<String>())
}

/// Whether it was loaded, or why not, and the time it took.
fn load(engine: &Engine, wasm: &[u8]) -> (Result<(), String>, Duration) {
    let started = Instant::now();
    // What is none is for OPA's loader, which has guests of its own.
    if !is_component(wasm) {
        return (Err("is none".to_owned()), started.elapsed());
    }
    let loaded = Component::load(engine, &limits(PATIENCE), wasm, "mutant");
    (loaded.map(|_| ()).map_err(|error| format!("{}: {error}", kind_of(&error))), started.elapsed())
}

#[test]
fn a_description_that_makes_no_sense_is_refused() {
    let engine = Engine::new(MUCH).unwrap();
    for (name, description, expected) in [
        ("none", Vec::new(), "encode: "),
        ("text", b"world policy {}".to_vec(), "encode: "),
        ("the header alone", b"\0asm\x0d\0\x01\0".to_vec(), "encode: "),
        ("a module", b"\0asm\x01\0\0\0".to_vec(), "encode: "),
        ("an empty world", world(""), "encode: "),
        ("another world", world(r#"(import "f" (func)) (export "evaluate" (func))"#), "encode: "),
        ("lists in lists", deep(90), "encode: "),
        ("too many lists in lists", deep(20_000), "encode: "),
        ("a wide tuple", wide(4), "encode: "),
        ("too wide a tuple", wide(60), "encode: "),
        ("many functions", many_functions(2000), "encode: "),
    ] {
        let (loaded, elapsed) = load(&engine, &described(&description));
        let text = loaded.unwrap_err();
        println!("{name}: {} ms: {text}", elapsed.as_millis());
        assert!(text.starts_with(expected), "{name}: {text}");
        assert!(elapsed < BOUND, "{name}: {elapsed:?}");
    }
}

/// Changes some bytes of `range`: to a random one, to one beside it, to what ends a number, or to a copy of others.
fn mutate(wasm: &mut Vec<u8>, range: &Range<usize>, random: &mut fastrand::Rng) {
    for _ in 0..random.usize(1..4) {
        let end = range.end.min(wasm.len());
        let at = random.usize(range.start.min(end - 1)..end);
        match random.u8(0..6) {
            0 => wasm[at] = random.u8(..),
            1 => wasm[at] ^= 1 << random.u8(0..8),
            2 => wasm[at] = wasm[at].wrapping_add(1),
            3 => wasm[at] = 0xff,
            4 => drop(wasm.remove(at)),
            _ => {
                let from = random.usize(range.start.min(end - 1)..end);
                wasm.insert(at, wasm[from]);
            }
        }
    }
}

/// Loads mutations of a component or of a module, with a seed that is always the same.
fn fuzz(name: &str, wasm: &[u8], range: &Range<usize>, mutations: usize) {
    let folder = tempfile::tempdir().unwrap();
    // Most of what still is a policy is the same policy, which need not be compiled again.
    let cache = ArtefactCache::open(folder.path()).unwrap();
    let engine = Engine::with_cache(MUCH, Some(cache)).unwrap();
    assert_eq!(load(&engine, wasm).0, Ok(()), "{name}");
    let mut random = fastrand::Rng::with_seed(7);
    let (started, mut loaded, mut done, mut slowest) = (Instant::now(), 0, 0, Duration::ZERO);
    while done < mutations && started.elapsed() < TIME {
        let mut mutant = wasm.to_vec();
        mutate(&mut mutant, range, &mut random);
        let (outcome, elapsed) = load(&engine, &mutant);
        loaded += usize::from(outcome.is_ok());
        done += 1;
        slowest = slowest.max(elapsed);
    }
    println!(
        "{name}: {done} mutations in {:.1} s, {loaded} are policies; the slowest took {} ms",
        started.elapsed().as_secs_f64(),
        slowest.as_millis()
    );
    assert!(slowest < BOUND, "{slowest:?}");
}

#[test]
fn mutations_of_a_description_are_loaded_or_refused() {
    let module = module();
    for (number, range) in descriptions(&module).iter().enumerate() {
        fuzz(&format!("description {number}"), &module, range, MUTATIONS);
    }
}

#[test]
fn mutations_of_a_module_are_loaded_or_refused() {
    let module = module();
    fuzz("module", &module, &(0..module.len()), MUTATIONS);
}

#[test]
fn mutations_of_a_component_are_loaded_or_refused() {
    let component = guest::wasm("counter");
    fuzz("component", &component, &(0..component.len()), MUTATIONS);
}

#[test]
fn a_module_of_an_older_wasi_is_refused() {
    let text = r#"(module
      (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1))"#;
    let mut wasm = wat::parse_str(text).unwrap();
    let shipped = module();
    let description = descriptions(&shipped).remove(0);
    section(&mut wasm, DESCRIPTION, &shipped[description]);
    let (loaded, _) = load(&Engine::new(MUCH).unwrap(), &wasm);
    let refused = loaded.unwrap_err();
    assert!(refused.starts_with("encode: ") && refused.contains("wasi_snapshot_preview1"), "{refused}");
}

#[test]
fn a_module_that_is_cut_off_is_refused() {
    let engine = Engine::new(MUCH).unwrap();
    let module = module();
    let first = descriptions(&module).first().unwrap().start;
    for length in [8, 9, first - 1, first, first + 100, module.len() - 1] {
        let (loaded, _) = load(&engine, &module[..length]);
        println!("{length} bytes: {loaded:?}");
        assert!(loaded.is_err(), "{length} of {} bytes", module.len());
    }
}
