//! What wasmtime makes of `sdk/wit/policy.wit`: the types of the world, traits for its imports, its exports.
#![allow(missing_docs, unreachable_pub, reason = "the WIT file documents it")]
#![allow(clippy::all, clippy::pedantic, clippy::unwrap_used, reason = "wasmtime writes it")]

wasmtime::component::bindgen!({
    world: "policy",
    path: "../sdk/wit",
    imports: { default: trappable },
});

pub use self::magtape::policy::types::{Operation, Severity};
