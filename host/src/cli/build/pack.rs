//! One policy as a file.

use anyhow::{Context, bail};

use crate::{
    engine::component::is_component,
    package::{self, PackageError},
    policy::Candidate,
};

/// What a policy is packed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pack {
    /// OPA's bundle.
    Bundle,
    /// WebAssembly, a module or a component, alone.
    Wasm,
    /// The same, compressed.
    WasmGz,
}

// === impl Pack ===

impl Pack {
    /// What suits the policy. OPA's bundles hold no component, and a component has nothing else to be held.
    pub(super) fn of(candidate: &Candidate) -> Self {
        if is_component(&candidate.wasm) { Self::Wasm } else { Self::Bundle }
    }

    /// The same where little room is.
    pub(super) fn compressed(self) -> Self {
        match self {
            Self::Wasm => Self::WasmGz,
            Self::Bundle | Self::WasmGz => self,
        }
    }

    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Bundle => ".tar.gz",
            Self::Wasm => ".wasm",
            Self::WasmGz => ".wasm.gz",
        }
    }

    /// The file's content.
    ///
    /// # Errors
    /// When the form does not suit the policy.
    pub(super) fn content(self, candidate: &Candidate) -> anyhow::Result<Vec<u8>> {
        let place = || candidate.origin.clone();
        Ok(match self {
            Self::Bundle if is_component(&candidate.wasm) => {
                bail!("{}: is a component, which OPA's bundles do not hold; write it to *.wasm", place())
            }
            Self::Bundle => package::bundle(candidate).with_context(place)?,
            Self::Wasm => wasm(candidate).with_context(place)?.to_vec(),
            Self::WasmGz => package::gzip(wasm(candidate).with_context(place)?)?,
        })
    }
}

fn wasm(candidate: &Candidate) -> Result<&[u8], PackageError> {
    if is_component(&candidate.wasm) { package::component(candidate) } else { package::module(candidate) }
}
