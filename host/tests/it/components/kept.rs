//! Sandboxes that are kept hold nothing of the evaluation before.

use std::time::Duration;

use magtape::engine::{
    Engine, Limits,
    component::{Component, Violation},
};

use super::{documents, encoder};
use crate::guests::BUDGET;

/// A module, as Cargo makes them, that counts its evaluations in a global and in two places of its memory, and has as
/// many violations as it counts in all.
const COUNTER: &str = r#"(module
  (memory (export "memory") 2)
  (global $count (mut i32) (i32.const 0))
  (data (i32.const 1024) "\00\00\00\00\01")
  (data (i32.const 2048) "counts")
  (func (export "metadata") (result i32) (unreachable))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (unreachable))
  (func (export "evaluate") (result i32)
    (local $violations i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.const 4096) (i32.add (i32.load (i32.const 4096)) (i32.const 1)))
    (memory.fill (i32.const 70000) (i32.add (i32.load8_u (i32.const 70000)) (i32.const 1)) (i32.const 1))
    (local.set $violations (i32.add (i32.add (global.get $count) (i32.load (i32.const 4096)))
      (i32.load8_u (i32.const 70000))))
    (i32.store (i32.const 1032) (i32.const 8192))
    (i32.store (i32.const 1036) (local.get $violations))
    (loop $next
      (local.set $violations (i32.sub (local.get $violations) (i32.const 1)))
      (i32.store offset=8192 (i32.mul (local.get $violations) (i32.const 32)) (i32.const 2048))
      (i32.store offset=8196 (i32.mul (local.get $violations) (i32.const 32)) (i32.const 6))
      (br_if $next (local.get $violations)))
    (i32.const 1024)))"#;

/// How many violations it has.
fn count(component: &Component) -> usize {
    let found = component.evaluate(documents(), Duration::ZERO, BUDGET).unwrap();
    let is_told = |violation: &Violation| violation.message == "counts";
    found.unwrap().iter().filter(|violation| is_told(violation)).count()
}

#[test]
fn nothing_is_left_of_the_evaluation_before() {
    let engine = Engine::new(Limits::default().memory_bytes).unwrap();
    let mut module = wat::parse_str(COUNTER).unwrap();
    encoder::section(&mut module, encoder::DESCRIPTION, &encoder::description());
    let component = Component::load(&engine, &Default::default(), &module, "counter").unwrap();
    let counts: Vec<usize> = (0..100).map(|_| count(&component)).collect();
    assert_eq!(counts, [3; 100]);
}
