//! Where policies come from. What is found is handed on as modules with their data; nothing is run here.

mod bundle;
pub mod data;
mod embedded;
mod files;

pub use embedded::embedded;
pub use files::{SourceError, read, text};

/// A policy module as it was found.
#[derive(Clone, Debug)]
pub struct Artefact {
    /// Where, for people.
    pub origin: String,
    /// The WebAssembly module.
    pub wasm: Vec<u8>,
    /// The data document that came with it.
    pub data: serde_json::Map<String, serde_json::Value>,
}
