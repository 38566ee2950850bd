//! Policies that are WebAssembly components of the world in `sdk/wit/policy.wit`, made with the SDK or by anything else
//! that speaks it.
//!
//! In reading order: `load` makes a component of what it is given and links it, if `shape` and `version` have nothing
//! against it; `resettable` gives a module what puts its sandbox back, `run` is one evaluation in an instance that is as
//! new, `documents` and `host` answer the policy, `wasi` answers what a standard library asks for when it starts.
//! docs/adr/0012-rust-policies.md has the reasons and the figures.

mod bindings;
mod config;
mod describe;
mod documents;
mod host;
mod load;
mod resettable;
mod run;
mod shape;
mod version;
mod wasi;

pub use bindings::{Metadata, Operation, Severity, Violation};
pub use describe::{Facts, describe};
pub use host::Documents;
pub(super) use load::Engine;
pub use load::{Component, ComponentError, encoded, is_component};

#[cfg(test)]
mod tests;
