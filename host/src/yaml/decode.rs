//! From the tree of a document to its JSON value: aliases followed, scalars resolved, sizes watched.
//!
//! The rule against aliases that multiply is go-yaml's own, with its numbers, so that a document is refused
//! here when it is refused there; a bound on the bytes of the answer stands beside it.

use std::collections::HashSet;

use base64::{
    Engine as _, alphabet,
    engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::Value;

use super::{
    Dialect, YamlError,
    resolve::{Resolved, resolve_tagged},
    tree::{Kind, MAX_DEPTH, Node, NodeId, Tree},
};

/// What a value takes besides its text; only the order of magnitude matters.
const BYTES_PER_NODE: usize = 16;

/// Go's decoder does not mind bits that the last character of base64 has too many.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

pub(super) struct Decoder<'t> {
    pub(super) dialect: Dialect,
    pub(super) tree: &'t Tree,
    bytes_left: usize,
    decoded: u64,
    decoded_in_alias: u64,
    /// The targets of the aliases that are being followed.
    following: HashSet<NodeId>,
    depth: usize,
}

/// The meaning of a scalar node, with its text where it is a string.
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    String(String),
}

// === impl Decoder ===

impl<'t> Decoder<'t> {
    pub(super) fn new(dialect: Dialect, tree: &'t Tree, max_bytes: usize) -> Self {
        Self {
            dialect,
            tree,
            bytes_left: max_bytes,
            decoded: 1,
            decoded_in_alias: 0,
            following: HashSet::new(),
            depth: 0,
        }
    }

    pub(super) fn document(mut self) -> Result<Value, YamlError> {
        self.value(self.tree.root)
    }

    /// The value of a node.
    pub(super) fn value(&mut self, id: NodeId) -> Result<Value, YamlError> {
        let Some(node) = self.tree.get(id) else { return Ok(Value::Null) };
        self.count(node)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(node.error("nested too deeply"));
        }
        let value = match &node.kind {
            Kind::Alias(target) => self.follow(node, *target, |decoder| decoder.value(*target)),
            Kind::Scalar { .. } => self.scalar(node).and_then(|scalar| scalar.into_json(node)),
            Kind::Sequence(items) => items.iter().map(|item| self.value(*item)).collect(),
            Kind::Mapping(entries) => self.mapping(node, entries),
        };
        self.depth -= 1;
        value
    }

    /// Does `what` inside the target of an alias, which must not hold that alias.
    pub(super) fn follow<T>(
        &mut self,
        node: &Node,
        target: NodeId,
        what: impl FnOnce(&mut Self) -> Result<T, YamlError>,
    ) -> Result<T, YamlError> {
        if !self.following.insert(target) {
            return Err(node.error("an anchor's value contains itself"));
        }
        let result = what(self);
        self.following.remove(&target);
        result
    }

    /// Counts a node as go-yaml does, and its bytes.
    pub(super) fn count(&mut self, node: &Node) -> Result<(), YamlError> {
        self.decoded += 1;
        if !self.following.is_empty() {
            self.decoded_in_alias += 1;
        }
        if self.decoded_in_alias > 100
            && self.decoded > 1000
            && ratio(self.decoded_in_alias, self.decoded) > allowed_ratio(self.decoded)
        {
            return Err(node.error("document contains excessive aliasing"));
        }
        let size = BYTES_PER_NODE
            + match &node.kind {
                Kind::Scalar { text, .. } => text.len(),
                _ => 0,
            };
        match self.bytes_left.checked_sub(size) {
            Some(left) => self.bytes_left = left,
            None => return Err(YamlError { too_large: true, ..node.error("document is too large") }),
        }
        Ok(())
    }

    /// The meaning of a scalar node.
    pub(super) fn scalar(&self, node: &Node) -> Result<Scalar, YamlError> {
        let Kind::Scalar { text, plain } = &node.kind else { return Ok(Scalar::Null) };
        let string = || Scalar::String(text.clone());
        let tag = match (self.dialect, node.tag.as_str()) {
            // The non-specific tag: go-yaml v3 drops it, v2 takes it for a tag of its own.
            (Dialect::Opa, "!") => "",
            (_, tag) => tag,
        };
        if tag == "!!binary" {
            return binary(text).map(Scalar::String).ok_or_else(|| node.error("no valid base64 data"));
        }
        if !plain && tag.is_empty() {
            return Ok(string());
        }
        let resolved = resolve_tagged(self.dialect, tag, text);
        Ok(match resolved.ok_or_else(|| node.error(format!("cannot decode `{text}` as a {tag}")))? {
            Resolved::Null => Scalar::Null,
            Resolved::Bool(truth) => Scalar::Bool(truth),
            Resolved::Int(integer) => Scalar::Int(integer),
            Resolved::Uint(integer) => Scalar::Uint(integer),
            Resolved::Float(float) => Scalar::Float(float),
            Resolved::Timestamp | Resolved::String => string(),
        })
    }
}

// === impl Scalar ===

impl Scalar {
    fn into_json(self, node: &Node) -> Result<Value, YamlError> {
        Ok(match self {
            Scalar::Null => Value::Null,
            Scalar::Bool(truth) => truth.into(),
            Scalar::Int(integer) => integer.into(),
            Scalar::Uint(integer) => integer.into(),
            Scalar::Float(float) if float.is_finite() => json_number(float),
            Scalar::Float(_) => return Err(node.error("JSON has no such number")),
            Scalar::String(text) => text.into(),
        })
    }
}

// === impl Node ===

impl Node {
    pub(super) fn error(&self, message: impl Into<String>) -> YamlError {
        YamlError::at(self.line, self.column, message)
    }
}

/// Go writes a float without a fraction as an integer, and so it is read back.
fn json_number(float: f64) -> Value {
    let text = super::go_json_float(float);
    match text.parse::<i64>() {
        Ok(integer) if text != "-0" => integer.into(),
        _ => text.parse::<u64>().map_or_else(|_| float.into(), Into::into),
    }
}

fn binary(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let bytes = BASE64.decode(compact).ok()?;
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        // Go replaces each byte that is no UTF-8, not each run of them.
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Some(out)
}

#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// How much of what was decoded may come from aliases: go-yaml's numbers, 99 % for the first 400,000 nodes and
/// then less and less, down to 10 % at 4,000,000.
fn allowed_ratio(decoded: u64) -> f64 {
    const LOW: u64 = 400_000;
    const HIGH: u64 = 4_000_000;
    match decoded {
        ..=LOW => 0.99,
        HIGH.. => 0.10,
        _ => 0.99 - 0.89 * ratio(decoded - LOW, HIGH - LOW),
    }
}
