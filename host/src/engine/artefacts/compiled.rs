//! What wasmtime compiles, to a file and back: the one place where compiled code is believed.

use std::{fs::File, os::fd::AsRawFd as _};

use wasmtime::{Engine, Module, component::Component};

/// A module or a component.
pub(in super::super) trait Compiled: Sized {
    /// As the bytes of a file.
    fn serialize(&self) -> wasmtime::Result<Vec<u8>>;

    /// From a file, of which the caller has seen that only this user and root can write it.
    fn map(engine: &Engine, file: &File) -> Result<Self, String>;
}

// === impl Compiled ===

impl Compiled for Module {
    fn serialize(&self) -> wasmtime::Result<Vec<u8>> {
        Module::serialize(self)
    }

    #[allow(
        unsafe_code,
        reason = "there is no safe way to load compiled code; docs/adr/0006-artefact-cache.md"
    )]
    fn map(engine: &Engine, file: &File) -> Result<Self, String> {
        let file = file.try_clone().map_err(|error| error.to_string())?;
        // SAFETY: the file has to be what wasmtime serialised, and to stay so while it is mapped. The callers have
        // looked at the open file: only this user and root can write it, and both only write in these folders what
        // `serialize` gave, under another name, and replace or remove whole files. wasmtime refuses files of other
        // versions and configurations.
        let module = unsafe { Module::deserialize_open_file(engine, file) };
        module.map_err(|error| format!("{error:#}"))
    }
}

impl Compiled for Component {
    fn serialize(&self) -> wasmtime::Result<Vec<u8>> {
        Component::serialize(self)
    }

    #[allow(
        unsafe_code,
        reason = "there is no safe way to load compiled code; docs/adr/0006-artefact-cache.md"
    )]
    fn map(engine: &Engine, file: &File) -> Result<Self, String> {
        // wasmtime opens components by name only. This name is the open file, whatever has come in its place since.
        let open = format!("/proc/self/fd/{}", file.as_raw_fd());
        // SAFETY: as for modules.
        let component = unsafe { Component::deserialize_file(engine, open) };
        component.map_err(|error| format!("{error:#}"))
    }
}
