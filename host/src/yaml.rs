//! Reads one YAML document as the JSON value that Kubernetes tools, or OPA, make of it.
//!
//! Two dialects exist because two Go libraries do: `kubectl` reads manifests with `sigs.k8s.io/yaml` over
//! go-yaml v2 (YAML 1.1 booleans, later merge keys win), while OPA's `yaml.*` builtins use go-yaml v3. Both scan
//! as libyaml does, which is neither YAML 1.1 nor 1.2 to the letter (no YAML 1.2 parser takes flow collections
//! without indentation, which manifests have), so the scanner here is an own one, after libyaml's rules.
//!
//! The text may come from anyone: depth, aliases and the size of the answer are bounded, nothing panics.
//! Nothing here reads files or knows what a manifest holds.

mod characters;
mod decode;
mod documents;
mod float;
mod mapping;
mod parser;
mod resolve;
mod scanner;
mod timestamp;
mod token;
mod tree;

use serde_json::Value;

pub use documents::documents;
pub use float::{go_json_float, go_shortest};
pub(crate) use resolve::{Resolved, resolve_plain};

use {decode::Decoder, parser::Parser, tree::Tree};

/// Whose reading of YAML is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `sigs.k8s.io/yaml` over go-yaml v2, as in `kubectl` and the API server: `yes` is true, `0644` is 420,
    /// and a merge key overrides what stands before it.
    Kubernetes,
    /// OPA's own conversion over go-yaml v3: `yes` is a string, `0644` is 420, and what a mapping says
    /// itself wins over what it merges.
    Opa,
}

/// Why a text has no value, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct YamlError {
    message: String,
    line: usize,
    column: usize,
    too_large: bool,
}

/// The most bytes that one document may grow to through its aliases. Far more than a Kubernetes object may
/// have (3 MiB), and little enough for a process that answers many.
const MAX_OUTPUT_BYTES: usize = 64 * 1024 * 1024;

/// Reads the first document of `text` as `kubectl` does; empty text is `null`.
///
/// # Errors
/// Names the first place that is not YAML, or that JSON cannot express.
pub fn parse(text: &str) -> Result<Value, YamlError> {
    // `kubectl` tries JSON first where the text looks like it: JSON's escapes are more than YAML's.
    if looks_like_json(text)
        && let Ok(value) = serde_json::from_str(text)
    {
        return Ok(value);
    }
    parse_as(Dialect::Kubernetes, text, MAX_OUTPUT_BYTES)
}

/// Reads the first document of `text` in the given dialect. `max_bytes` bounds the answer, which aliases
/// could make a thousand times the size of the text.
///
/// # Errors
/// Names the first place that is not YAML, or that JSON cannot express.
pub fn parse_as(dialect: Dialect, text: &str, max_bytes: usize) -> Result<Value, YamlError> {
    let mut parser = Parser::new(text)?;
    let Some(root) = parser.document()? else { return Ok(Value::Null) };
    if dialect == Dialect::Opa {
        // OPA wants the rest of the stream to be YAML too; go-yaml v2 does not look at it.
        while parser.document()?.is_some() {}
    }
    let tree = Tree { nodes: parser.nodes, root };
    Decoder::new(dialect, &tree, max_bytes).document()
}

/// Whether the first thing in `text` is an opening brace.
fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

// === impl YamlError ===

impl YamlError {
    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the document was given up because of its size, not because it is wrong.
    pub fn is_too_large(&self) -> bool {
        self.too_large
    }

    fn at(line: usize, column: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), line, column, too_large: false }
    }
}

#[cfg(test)]
mod tests;
