//! How each guest ends: the kind of the fault or of the refusal, and a part of its text.

use std::{fmt, time::Duration};

use super::DEADLINE;

/// A guest, by the name of its file, and how it ends.
pub(crate) struct Case {
    pub(crate) guest: &'static str,
    pub(crate) end: End,
    /// Part of the text that operators read.
    pub(crate) text: &'static str,
}

/// How a guest ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It is not loaded.
    Refused(&'static str),
    /// It is loaded, and each evaluation is a fault of that kind.
    Failed(&'static str),
    /// Harmless: it finds a violation.
    Violated,
    /// Harmless: it finds nothing.
    Passed,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Refused(kind) => write!(f, "refused, {kind}"),
            End::Failed(kind) => write!(f, "failed, {kind}"),
            End::Violated => f.write_str("violated"),
            End::Passed => f.write_str("passed"),
        }
    }
}

/// Whether the guest is stopped by its deadline, when it is evaluated or when it is loaded.
pub(crate) fn ends_with_deadline(case: &Case) -> bool {
    // Setting up has two seconds at least, whatever the deadline of an evaluation.
    [DEADLINE, Duration::from_secs(2)]
        .iter()
        .any(|time| case.text.contains(&format!("ran longer than {time:?}")))
}

pub(crate) const fn refused(guest: &'static str, kind: &'static str, text: &'static str) -> Case {
    Case { guest, end: End::Refused(kind), text }
}

pub(crate) const fn failed(guest: &'static str, kind: &'static str, text: &'static str) -> Case {
    Case { guest, end: End::Failed(kind), text }
}

pub(crate) const CASES: &[Case] = &[
    // Without end.
    failed("loop-in-eval", "deadline", "ran longer than 100ms"),
    failed("loop-in-matches", "deadline", "ran longer than 100ms"),
    failed("loop-in-input", "deadline", "ran longer than 100ms"),
    failed("loop-in-malloc", "deadline", "ran longer than 100ms"),
    failed("loop-in-free", "deadline", "ran longer than 100ms"),
    failed("loop-in-dump", "deadline", "ran longer than 100ms"),
    failed("loop-of-calls", "deadline", "ran longer than 100ms"),
    failed("loop-of-println", "builtin", "builtin print: more than 1000 calls in all"),
    failed("loop-of-sprintf", "builtin", "builtin sprintf: more than 1000 calls in all"),
    failed("loop-of-undefined-builtins", "builtin", "builtin sprintf: more than 1000 calls in all"),
    refused("loop-in-start", "setup", "failed while it was set up: ran longer than 2s"),
    refused("loop-in-names", "setup", "failed while it was set up: ran longer than 2s"),
    refused("loop-in-data", "data", "the data document was not accepted: ran longer than 2s"),
    refused("loop-in-metadata", "policy", "its metadata could not be read: ran longer than 100ms"),
    // Traps.
    failed("unreachable", "trap", "trapped: wasm trap: wasm `unreachable` instruction executed"),
    failed("division-by-zero", "trap", "integer divide by zero"),
    failed("bad-indirect-call", "trap", "indirect call type mismatch"),
    failed("bad-pointer", "trap", "out of bounds memory access"),
    failed("recursion", "trap", "call stack exhausted"),
    failed("recursion-through-host", "trap", "call stack exhausted"),
    refused("recursion-in-start", "setup", "call stack exhausted"),
    // Memory.
    failed("memory-until-abort", "memory", "needs more than 16777216 bytes of memory"),
    failed("memory-in-one-step", "memory", "needs more than 16777216 bytes of memory"),
    failed("memory-ignores-refusal", "trap", "out of bounds memory access"),
    failed("memory-until-asked", "deadline", "ran longer than 100ms"),
    Case { guest: "memory-in-start", end: End::Passed, text: "" },
    // Addresses.
    failed("malloc-out-of-bounds", "answer", "opa_malloc answered a bad address"),
    failed("malloc-zero", "answer", "could not read the input document"),
    failed("malloc-negative", "answer", "opa_malloc answered a bad address"),
    refused("malloc-negative-for-data", "data", "opa_malloc answered a bad address"),
    failed("parse-null", "answer", "could not read the input document"),
    failed("dump-out-of-bounds", "answer", "handed over an address behind its memory"),
    failed("dump-unterminated", "answer", "handed over text without end"),
    failed("result-null", "answer", "eval left no result"),
    failed("result-out-of-bounds", "answer", "handed over an address behind its memory"),
    // Answers.
    failed("result-huge", "answer", "handed over text longer than allowed (limit 262144 bytes)"),
    failed("result-no-value", "answer", "handed over a value that is none: expected a value at byte 0"),
    failed("result-trailing-text", "answer", "unexpected text after the value at byte 19"),
    failed("result-deep", "answer", "nested too deeply at byte 257"),
    failed("result-deep-keys", "answer", "nested too deeply at byte 257"),
    failed("result-not-utf8", "answer", "handed over text that is not UTF-8"),
    failed("result-bad-escape", "answer", "a string with a bad escape"),
    failed("result-bad-number", "answer", "not a number"),
    failed("result-many-numbers", "answer", "answered more than one result"),
    failed("eval-error-code", "answer", "eval answered the error code 1"),
    failed("deny-number", "answer", "deny is no set"),
    failed("deny-object", "answer", "deny is no set"),
    failed("deny-false", "answer", "deny is no set"),
    failed("deny-undefined", "answer", "deny is undefined"),
    failed("deny-two-bindings", "answer", "answered more than one result"),
    failed("deny-no-result", "answer", "answered a binding without result"),
    failed("deny-bare", "answer", "answered bindings of kind array"),
    failed("deny-binding-no-object", "answer", "answered more than one result"),
    failed("deny-no-message", "answer", "an element of deny has no msg"),
    failed("deny-bad-severity", "answer", "an element of deny: unknown severity"),
    failed("matches-string", "answer", "matches is of kind string, not boolean"),
    failed("matches-null", "answer", "matches is of kind null, not boolean"),
    failed("entrypoints-number-is-a-lie", "answer", "deny is no set"),
    // Aborts.
    failed("abort", "abort", "aborted: enough of this"),
    failed("abort-bad-pointer", "abort", "aborted: handed over an address behind its memory"),
    failed("abort-unterminated", "abort", "aborted: handed over text without end"),
    failed("abort-long", "abort", "aborted: handed over text longer than allowed (limit 4096 bytes)"),
    failed("abort-not-utf8", "abort", "aborted: handed over text that is not UTF-8"),
    refused("abort-in-start", "setup", "failed while it was set up: aborted: not today"),
    failed("println-bad-pointer", "answer", "handed over an address behind its memory"),
    // Builtins.
    failed("builtin-never-asked", "builtin", "builtin number 7: was never asked for"),
    failed("builtin-negative", "builtin", "builtin number -1: was never asked for"),
    failed("builtin-wrong-arity", "builtin", "builtin sprintf: called with 1 arguments"),
    failed("builtin-bad-argument", "answer", "handed over an address behind its memory"),
    failed("builtin-no-value", "answer", "handed over a value that is none: expected a value at byte 0"),
    failed("builtin-huge-argument", "answer", "handed over text longer than allowed (limit 131068 bytes)"),
    failed("builtin-huge-answer", "builtin", "larger than allowed"),
    failed("builtin-no-room", "answer", "opa_malloc answered a bad address"),
    refused("builtin-in-start", "setup", "builtin number 0: was never asked for"),
    refused(
        "builtin-in-metadata",
        "policy",
        "its metadata could not be read: builtin number 0: was never asked",
    ),
    refused("asks-for-unknown-builtin", "builtin", "needs the builtin no.such.builtin"),
    // State.
    Case { guest: "counter", end: End::Violated, text: "counts 111" },
    // Lists of names, and what it says of itself.
    refused("builtins-large-number", "setup", "its list of Builtins has an odd entry"),
    refused("builtins-sparse", "export", "gives builtin sprintf the number 2000000000"),
    refused("builtins-negative", "export", "gives builtin sprintf the number -1"),
    refused("builtins-fraction", "setup", "its list of Builtins has an odd entry"),
    refused("builtins-no-strings", "setup", "its list of Builtins has an odd entry"),
    refused("entrypoints-set", "setup", "its list of Entrypoints is no object"),
    refused("entrypoints-none", "policy", "is no policy: looked for"),
    refused("entrypoints-incomplete", "policy", "lacks the rule policy_metadata"),
    refused("entrypoints-without-end", "setup", "handed over text longer than allowed"),
    refused("metadata-undefined", "policy", "policy_metadata is no object"),
    refused("metadata-nameless", "policy", "policy_metadata.name must be a string that is not empty"),
    refused("metadata-traps", "policy", "its metadata could not be read: trapped"),
    // Imports and memories.
    refused("imports-function", "import", "imports env.foo"),
    refused("imports-wasi", "import", "imports wasi_snapshot_preview1.fd_write"),
    refused("imports-global", "import", "imports env.opa_builtin3"),
    refused("imports-table", "import", "imports env.table"),
    refused("imports-other-type", "invalid", "opa_abort"),
    refused("memory-of-its-own", "export", "does not import env.memory"),
    refused("memory-and-another", "export", "defines its memory"),
    refused("memory-twice", "import", "imports env.memory"),
    refused("memory-2-gib", "invalid", "starts with 32768 pages of memory, more than allowed"),
    refused("memory-shared", "import", "a memory that is shared"),
    refused("memory-64-bit", "import", "a memory that is shared, of 64 bits"),
    refused("data-out-of-bounds", "setup", "out of bounds"),
    refused("elements-out-of-bounds", "setup", "out of bounds"),
    // Features that OPA's modules do not use.
    refused("table-huge", "invalid", "table"),
    refused("table-set", "invalid", "must be enabled"),
    refused("bulk-memory", "invalid", "bulk memory support is not enabled"),
    refused("simd", "invalid", "SIMD support is not enabled"),
    refused("tail-call", "invalid", "tail calls support is not enabled"),
    refused("threads", "invalid", "threads support is not enabled"),
    refused("global-of-references", "invalid", "is mutable and no number"),
    // Exports and versions.
    refused("export-twice", "invalid", "duplicate export name `opa_malloc`"),
    refused("export-of-the-host", "invalid", "duplicate export name `magtape:global:0`"),
    refused("export-other-global", "invalid", ""),
    refused("export-no-memory", "export", "exports no memory"),
    refused("export-missing", "export", "exports no function opa_malloc of the ABI's type"),
    refused("export-other-type", "export", "exports no function opa_malloc of the ABI's type"),
    refused("abi-1-4", "abi", "has OPA Wasm ABI 1.4, and this host knows 1.0 to 1.3"),
    refused("abi-2-0", "abi", "has OPA Wasm ABI 2.0"),
    refused("abi-none", "export", "does not say which OPA Wasm ABI it has"),
    refused("abi-negative", "abi", "has OPA Wasm ABI 1.-1"),
    // No modules of OPA's at all.
    refused("module-empty", "export", "does not say which OPA Wasm ABI it has"),
    refused("component", "invalid", "it is a component, not a module of OPA's"),
    refused("bytes-none", "invalid", "unexpected end"),
    refused("bytes-text", "invalid", "magic header not detected"),
    refused("bytes-truncated", "invalid", "unexpected end"),
    refused("bytes-huge-count", "invalid", "unexpected end-of-file"),
    refused(
        "bytes-20-mb",
        "too large",
        "the module has 20000000 bytes, more than the 1048576 that are allowed",
    ),
];
