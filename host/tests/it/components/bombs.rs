//! Components that are small and say a lot: whether they are refused or not, loading them takes neither all the stack nor
//! all the memory, and ends soon.

use std::time::{Duration, Instant};

use magtape::engine::{Engine, component::Component};

use super::{MUCH, encoder::number, guest::HEADER, kind_of};
use crate::guests::{PATIENCE, limits};

/// None of them takes longer to load, whatever else the machine does.
const BOUND: Duration = Duration::from_secs(10);

/// Components in components, so deep.
fn nested(depth: usize) -> Vec<u8> {
    let head = |length: usize| {
        let mut head = vec![4];
        number(&mut head, length);
        head.extend_from_slice(HEADER);
        head
    };
    // From the inside out, since each says how long it is.
    let (mut heads, mut length) = (Vec::new(), HEADER.len());
    for _ in 0..depth {
        let head = head(length);
        length += head.len();
        heads.push(head);
    }
    HEADER.iter().copied().chain(heads.into_iter().rev().flatten()).collect()
}

/// Types of components in types of components, so deep, or of instances.
fn types_in_types(kind: u8, depth: usize) -> Vec<u8> {
    // A vector of one declaration, which is a type.
    let mut types = vec![1];
    types.extend([kind, 1, 1].repeat(depth));
    types.extend([kind, 0]);
    let mut component = HEADER.to_vec();
    component.push(7);
    number(&mut component, types.len());
    component.extend(types);
    component
}

/// A component of these definitions, with a function of WASI that takes the type `$t`.
fn with_type(definitions: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(component {definitions}
          (import "wasi:cli/odd@0.2.0" (instance (export "f" (func (param "x" $t))))))"#
    ))
    .unwrap()
}

fn lists(depth: usize) -> Vec<u8> {
    let lists: String = (1..depth).map(|level| format!("(type $l{level} (list $l{}))", level - 1)).collect();
    with_type(&format!("(type $l0 (list u8)){lists}(type $t (list $l{}))", depth - 1))
}

/// Tuples of ten tuples of ten tuples, so many levels.
fn tuples(levels: usize) -> Vec<u8> {
    let tuple = |level| format!("(type $t{} (tuple{}))", level + 1, format!(" $t{level}").repeat(10));
    let tuples: String = (0..levels).map(tuple).collect();
    with_type(&format!("(type $t0 (tuple u8)){tuples}(type $t (list $t{levels}))"))
}

fn cases(count: usize) -> Vec<u8> {
    let names: String = (0..count).map(|number| format!(" \"c{number}\"")).collect();
    wat::parse_str(format!(
        r#"(component (import "wasi:cli/odd@0.2.0" (instance
          (type $t' (enum {names})) (export "t" (type $t (eq $t'))) (export "f" (func (param "x" $t))))))"#
    ))
    .unwrap()
}

fn interfaces(count: usize) -> Vec<u8> {
    let interface = |number| format!(r#"(import "wasi:cli/i{number}@0.2.0" (instance (export "f" (func))))"#);
    let interfaces: String = (0..count).map(interface).collect();
    wat::parse_str(format!("(component {interfaces})")).unwrap()
}

fn functions(count: usize) -> Vec<u8> {
    let functions: String = (0..count).map(|number| format!(r#"(export "f{number}" (func))"#)).collect();
    wat::parse_str(format!(r#"(component (import "wasi:cli/odd@0.2.0" (instance {functions})))"#)).unwrap()
}

/// An import with a name of so many characters.
fn name(length: usize) -> Vec<u8> {
    let name = "a".repeat(length);
    wat::parse_str(format!(r#"(component (import "foo:bar/{name}@1.0.0" (instance)))"#)).unwrap()
}

/// A function that the host would have to come back to.
fn asynchronous() -> Vec<u8> {
    let text = r#"(component
      (core module $m (func (export "f") (result i32) (i32.const 0)) (func (export "c") (param i32 i32 i32) (result i32) (i32.const 0)))
      (core instance $i (instantiate $m))
      (func (export "evaluate") async
        (canon lift (core func $i "f") async (callback (core func $i "c")))))"#;
    wat::parse_str(text).unwrap()
}

#[test]
fn loading_ends_soon() {
    let engine = Engine::new(MUCH).unwrap();
    for (name, component, expected) in [
        ("components in components", nested(50_000), "invalid: "),
        ("types of components", types_in_types(0x41, 100_000), "invalid: "),
        ("types of instances", types_in_types(0x42, 100_000), "invalid: "),
        ("lists in lists", lists(90), "world: "),
        ("too many lists in lists", lists(20_000), "invalid: "),
        ("wide tuples", tuples(4), "world: "),
        ("too wide tuples", tuples(40), "invalid: "),
        ("cases of an enum", cases(9_000), "world: "),
        ("interfaces", interfaces(900), "world: "),
        ("too many interfaces", interfaces(5_000), "invalid: "),
        ("functions", functions(20_000), "world: "),
        ("a long name", name(90_000), "world: "),
        ("an asynchronous function", asynchronous(), "invalid: "),
    ] {
        let started = Instant::now();
        let loaded = Component::load(&engine, &limits(PATIENCE), &component, name);
        let refused =
            loaded.map(|_| ()).map_err(|error| format!("{}: {error}", kind_of(&error))).unwrap_err();
        let (bytes, elapsed) = (component.len(), started.elapsed());
        println!("{name}: {bytes} bytes, {} ms: {refused}", elapsed.as_millis());
        assert!(refused.starts_with(expected) && refused.len() < 1200, "{name}: {refused}");
        assert!(elapsed < BOUND, "{name}: {elapsed:?}");
    }
}
