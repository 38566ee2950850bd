//! What a policy says of itself. Read once when it is loaded, never while a request waits.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::verdict::{Severity, UnknownSeverity};

const OPERATIONS: [&str; 4] = ["CREATE", "UPDATE", "DELETE", "CONNECT"];

/// As long as a name in Kubernetes may be.
const MAX_CHARS: usize = 253;

/// A policy's own description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Its name; unique in a set.
    pub name: String,
    /// The severity of its violations.
    pub severity: Severity,
    /// Its code, such as `MT1001`.
    pub errcode: String,
    /// The kinds it looks at, such as `Deployment`; empty means all.
    pub targets: BTreeSet<String>,
    /// The operations it looks at, such as `CREATE`; empty means all.
    pub operations: BTreeSet<String>,
}

/// What is wrong with a policy's description.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// It is not an object.
    #[error("policy_metadata is no object")]
    NoObject,
    /// A field is missing, empty, or no string.
    #[error("policy_metadata.{0} must be a string that is not empty")]
    Text(&'static str),
    /// A field is too long or would steer a terminal: names become log fields and labels.
    #[error("policy_metadata.{0} must have at most {MAX_CHARS} characters and no control characters")]
    Unprintable(&'static str),
    /// A field is no list of strings.
    #[error("policy_metadata.{0} must be a set of strings")]
    List(&'static str),
    /// An operation that the API server does not have.
    #[error("policy_metadata.operations has {0:?}: there are CREATE, UPDATE, DELETE and CONNECT")]
    Operation(String),
    /// A severity that is none.
    #[error("policy_metadata.severity: {0}")]
    Severity(#[from] UnknownSeverity),
}

// === impl Metadata ===

impl Metadata {
    /// Reads MagTape's `policy_metadata` object; sets come as arrays.
    ///
    /// # Errors
    /// Names the field that is missing or wrong.
    pub fn parse(metadata: &Value) -> Result<Self, MetadataError> {
        if !metadata.is_object() {
            return Err(MetadataError::NoObject);
        }
        Ok(Self {
            name: text(metadata, "name")?,
            severity: text(metadata, "severity")?.parse()?,
            errcode: text(metadata, "errcode")?,
            targets: list(metadata, "targets")?,
            operations: operations(metadata)?,
        })
    }
}

fn text(metadata: &Value, field: &'static str) -> Result<String, MetadataError> {
    let text = metadata.get(field).and_then(Value::as_str).unwrap_or_default();
    if text.is_empty() {
        return Err(MetadataError::Text(field));
    }
    if text.chars().count() > MAX_CHARS || text.chars().any(char::is_control) {
        return Err(MetadataError::Unprintable(field));
    }
    Ok(text.to_owned())
}

/// A misspelt operation would never be selected, and so would the policy.
fn operations(metadata: &Value) -> Result<BTreeSet<String>, MetadataError> {
    let operations = list(metadata, "operations")?;
    match operations.iter().find(|operation| !OPERATIONS.contains(&operation.as_str())) {
        Some(unknown) => Err(MetadataError::Operation(unknown.chars().take(40).collect())),
        None => Ok(operations),
    }
}

/// A list that is absent is empty.
fn list(metadata: &Value, field: &'static str) -> Result<BTreeSet<String>, MetadataError> {
    match metadata.get(field) {
        None => Ok(BTreeSet::new()),
        Some(Value::Array(items)) => {
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().ok_or(MetadataError::List(field))
        }
        Some(_) => Err(MetadataError::List(field)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_complete_description_is_read() {
        let metadata =
            json!({"name": "n", "severity": "MED", "errcode": "MT1", "targets": ["Pod"], "extra": 1});
        let read = Metadata::parse(&metadata).unwrap();
        assert_eq!((read.name.as_str(), read.severity), ("n", Severity::Med));
        assert_eq!((read.targets.len(), read.operations.len()), (1, 0));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (metadata, expected) in [
            (json!([]), "policy_metadata is no object"),
            (
                json!({"severity": "LOW", "errcode": "MT1"}),
                "policy_metadata.name must be a string that is not empty",
            ),
            (
                json!({"name": "a\nb", "severity": "LOW", "errcode": "MT1"}),
                "policy_metadata.name must have at most 253 characters and no control characters",
            ),
            (
                json!({"name": "n", "severity": "low", "errcode": "MT1"}),
                "policy_metadata.severity: unknown severity \"low\": it is LOW, MED or HIGH",
            ),
            (
                json!({"name": "n", "severity": "LOW", "errcode": 7}),
                "policy_metadata.errcode must be a string that is not empty",
            ),
            (
                json!({"name": "n", "severity": "LOW", "errcode": "E", "operations": ["create"]}),
                "policy_metadata.operations has \"create\": there are CREATE, UPDATE, DELETE and CONNECT",
            ),
            (
                json!({"name": "n", "severity": "LOW", "errcode": "E", "targets": "Pod"}),
                "policy_metadata.targets must be a set of strings",
            ),
        ] {
            assert_eq!(Metadata::parse(&metadata).unwrap_err().to_string(), expected);
        }
    }
}
