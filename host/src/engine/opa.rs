//! Modules that `opa build -t wasm` made: our own layer over OPA's Wasm ABI, versions 1.0 to 1.3
//! (<https://www.openpolicyagent.org/docs/wasm>).
//!
//! In reading order: `rewrite` gives a module its own memory and later bakes a snapshot into it; `module`
//! loads one with what `setup` asks of it, and `run` is one evaluation in a `sandbox` that is as new, with `image` as
//! its input. `abi` has the functions of the guest, `host` those that the guest may call.

mod abi;
pub mod builtins;
mod capabilities;
mod describe;
mod host;
mod image;
mod load_error;
mod module;
mod rewrite;
mod run;
mod sandbox;
mod setup;
pub mod value;

pub(in crate::engine) use builtins::show;
pub use capabilities::capabilities;
pub use describe::{Facts, describe};
pub use image::{Base, Extension, Image, Tree};
pub use load_error::LoadError;
pub use module::{Entrypoint, Module, NoRoom};
pub use run::Run;
