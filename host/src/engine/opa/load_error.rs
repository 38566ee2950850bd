//! Why a module cannot serve as a policy.

use super::super::Fault;

/// Why a module was refused when it was loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// More bytes than a module may have.
    #[error("the module has {size} bytes, more than the {limit} that are allowed")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Not a WebAssembly module that the engine accepts.
    #[error("not a valid WebAssembly module: {0}")]
    Invalid(String),
    /// An import that OPA's ABI does not have.
    #[error("imports {0}, which OPA's Wasm ABI does not have; was it built by `opa build -t wasm`?")]
    Import(String),
    /// Something that OPA's ABI has is missing or has another type.
    #[error("{0}; was it built by `opa build -t wasm`?")]
    Export(String),
    /// An ABI version that this host does not know.
    #[error("has OPA Wasm ABI {major}.{minor}, and this host knows 1.0 to 1.3")]
    Abi {
        /// `opa_wasm_abi_version`
        major: i32,
        /// `opa_wasm_abi_minor_version`
        minor: i32,
    },
    /// A builtin that the host lacks.
    #[error(
        "needs the builtin {name}, which this host does not have{}; build with --capabilities and the output of \
         `magtape capabilities` to hear of it sooner",
        because(reason)
    )]
    Builtin {
        /// The builtin's name.
        name: String,
        /// Why it is refused; empty when the host never heard of it.
        reason: &'static str,
    },
    /// The module failed while it was set up.
    #[error("failed while it was set up: {0}")]
    Setup(Fault),
    /// The data document does not fit.
    #[error("the data document was not accepted: {0}")]
    Data(Fault),
}

fn because(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": {reason}") }
}
