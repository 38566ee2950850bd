//! What a policy says of itself. Read once when it is loaded, never while a request waits.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Annotations;
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
    /// The kinds it looks at, such as `Deployment` or `apps/Deployment`; empty means all.
    pub targets: BTreeSet<String>,
    /// The operations it looks at, such as `CREATE`; empty means all.
    pub operations: BTreeSet<String>,
    /// The kinds of objects in the cluster that it reads, such as `networking.k8s.io/v1/ingresses`.
    pub needs: BTreeSet<String>,
    /// What it is about, in a few words.
    pub title: Option<String>,
    /// What it is about, and why.
    pub description: Option<String>,
    /// Where more is said.
    pub url: Option<String>,
}

/// What is wrong with a policy's description.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}{fault}")]
pub struct MetadataError {
    /// Where the description is: `policy_metadata`, or the annotations' `custom`.
    place: &'static str,
    fault: MetadataFault,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum MetadataFault {
    #[error(" is no object")]
    NoObject,
    #[error(".{0} must be a string that is not empty")]
    Text(&'static str),
    /// Names become log fields and labels.
    #[error(".{0} must have at most {MAX_CHARS} characters and no control characters")]
    Unprintable(&'static str),
    #[error(".{0} must be a set of strings")]
    List(&'static str),
    #[error(".operations has {0:?}: there are CREATE, UPDATE, DELETE and CONNECT")]
    Operation(String),
    #[error(".severity: {0}")]
    Severity(#[from] UnknownSeverity),
}

type Fields<'v> = &'v dyn Fn(&str) -> Option<&'v Value>;

// === impl Metadata ===

impl Metadata {
    /// Reads MagTape's `policy_metadata` object; sets come as arrays. Title and description may be annotated.
    ///
    /// # Errors
    /// Names the field that is missing or wrong.
    pub fn parse(metadata: &Value, annotations: &Annotations) -> Result<Self, MetadataError> {
        let error = |fault| MetadataError { place: "policy_metadata", fault };
        if !metadata.is_object() {
            return Err(error(MetadataFault::NoObject));
        }
        let read = Self::read(&|field| metadata.get(field), annotations, None);
        read.map_err(error)
    }

    /// Reads the description of a policy that has it in annotations only. It is of severity HIGH unless they say
    /// something else.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub fn annotated(annotations: &Annotations, name: &str, errcode: &str) -> Result<Self, MetadataError> {
        let defaults = Defaults { name, errcode };
        let read = Self::read(&|field| annotations.custom(field), annotations, Some(&defaults));
        read.map_err(|fault| MetadataError { place: "annotation custom", fault })
    }

    fn read<'v>(
        fields: Fields<'v>,
        annotations: &Annotations,
        defaults: Option<&Defaults<'_>>,
    ) -> Result<Self, MetadataFault> {
        let text = |field, default: Option<&str>| match (fields(field), default) {
            (None, Some(default)) => Ok(default.to_owned()),
            (value, _) => text(value, field),
        };
        let said = |field| fields(field).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            name: text("name", defaults.map(|defaults| defaults.name))?,
            severity: text("severity", defaults.map(|_| "HIGH"))?.parse()?,
            errcode: text("errcode", defaults.map(|defaults| defaults.errcode))?,
            targets: list(fields("targets"), "targets")?,
            operations: operations(fields("operations"))?,
            needs: list(fields("needs"), "needs")?,
            title: said("title").or_else(|| annotations.text("title")),
            description: said("description").or_else(|| annotations.text("description")),
            url: said("url").or_else(|| annotations.url()),
        })
    }
}

/// What holds when nothing is said.
struct Defaults<'d> {
    name: &'d str,
    errcode: &'d str,
}

fn text(value: Option<&Value>, field: &'static str) -> Result<String, MetadataFault> {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    if text.is_empty() {
        return Err(MetadataFault::Text(field));
    }
    if text.chars().count() > MAX_CHARS || text.chars().any(char::is_control) {
        return Err(MetadataFault::Unprintable(field));
    }
    Ok(text.to_owned())
}

/// A misspelt operation would never be selected, and so would the policy.
fn operations(value: Option<&Value>) -> Result<BTreeSet<String>, MetadataFault> {
    let operations = list(value, "operations")?;
    match operations.iter().find(|operation| !OPERATIONS.contains(&operation.as_str())) {
        Some(unknown) => Err(MetadataFault::Operation(unknown.chars().take(40).collect())),
        None => Ok(operations),
    }
}

/// A list that is absent is empty.
fn list(value: Option<&Value>, field: &'static str) -> Result<BTreeSet<String>, MetadataFault> {
    match value {
        None => Ok(BTreeSet::new()),
        Some(Value::Array(items)) => {
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().ok_or(MetadataFault::List(field))
        }
        Some(_) => Err(MetadataFault::List(field)),
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
        let read = Metadata::parse(&metadata, &Annotations::default()).unwrap();
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
            assert_eq!(
                Metadata::parse(&metadata, &Annotations::default()).unwrap_err().to_string(),
                expected
            );
        }
    }

    #[test]
    fn annotations_describe_what_cannot_describe_itself() {
        let mut annotations = Annotations::default();
        let read = |annotations: &Annotations| Metadata::annotated(annotations, "images", "OPA");
        let plain = read(&annotations).unwrap();
        assert_eq!(
            (plain.name.as_str(), plain.severity, plain.errcode.as_str()),
            ("images", Severity::High, "OPA")
        );
        annotations.narrow(&json!({
            "title": "Images",
            "custom": {"severity": "MED", "errcode": "ORG1", "targets": ["Pod"]},
        }));
        let described = read(&annotations).unwrap();
        assert_eq!((described.severity, described.errcode.as_str()), (Severity::Med, "ORG1"));
        assert_eq!(described.title.as_deref(), Some("Images"));
        annotations.narrow(&json!({"custom": {"severity": "medium"}}));
        assert_eq!(
            read(&annotations).unwrap_err().to_string(),
            "annotation custom.severity: unknown severity \"medium\": it is LOW, MED or HIGH"
        );
    }
}
