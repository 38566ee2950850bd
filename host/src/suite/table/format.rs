//! What a table says; testing/cases/README.md describes it.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use crate::{review::Request, suite::objects::text};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableFormat {
    /// The policy, by one of its names or by its file.
    pub(super) policy: String,
    pub(super) cases: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CaseFormat {
    #[serde(rename = "name")]
    _name: String,
    /// As the object says, if it is absent.
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    object: Value,
    #[serde(default)]
    old_object: Value,
    #[serde(default = "creation")]
    operation: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) data: Map<String, Value>,
    /// What the policy is configured with.
    #[serde(default)]
    pub(super) parameters: Option<Value>,
    /// Whether the policy applies.
    #[serde(default = "yes")]
    pub(super) matches: bool,
    /// Every message.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) violations: Vec<String>,
}

fn creation() -> String {
    "CREATE".to_owned()
}

fn yes() -> bool {
    true
}

fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// The name of a case, or its number when it has none.
pub(super) fn name(number: usize, case: &Value) -> String {
    let name = case.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
    name.map_or_else(|| format!("case {number}"), str::to_owned)
}

// === impl TableFormat ===

impl TableFormat {
    pub(super) fn parse(value: &Value) -> Result<Self, String> {
        let table = Self::deserialize(value).map_err(|error| format!("is no table of cases: {error}"))?;
        if table.cases.is_empty() {
            return Err("is a table without cases".to_owned());
        }
        Ok(table)
    }
}

// === impl CaseFormat ===

impl CaseFormat {
    pub(super) fn parse(value: &Value) -> Result<Self, String> {
        let case = Self::deserialize(value).map_err(|error| error.to_string())?;
        if !case.matches && !case.violations.is_empty() {
            return Err("expects violations of a policy that does not apply".to_owned());
        }
        Ok(case)
    }

    /// The request that is judged.
    pub(super) fn request(&self) -> Result<Request, String> {
        let object = if self.object.is_null() { &self.old_object } else { &self.object };
        let api_version = text(object, "/apiVersion");
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let kind = self.kind.as_deref().unwrap_or(text(object, "/kind"));
        let mut request = json!({
            "uid": "",
            "kind": {"group": group, "version": version, "kind": kind},
            "name": text(object, "/metadata/name"),
            "operation": self.operation,
            "userInfo": {},
            "object": self.object,
            "oldObject": self.old_object,
        });
        let namespace = text(object, "/metadata/namespace");
        if let (false, Some(fields)) = (namespace.is_empty(), request.as_object_mut()) {
            fields.insert("namespace".to_owned(), namespace.into());
        }
        let review =
            json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request});
        Request::parse(review.to_string().into_bytes()).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_becomes_a_request() {
        let pod =
            json!({"apiVersion": "apps/v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "n"}});
        for (case, operation, kind, namespace) in [
            (json!({"name": "c", "object": pod}), "CREATE", "Pod", "n"),
            (json!({"name": "c", "kind": "Job", "object": pod}), "CREATE", "Job", "n"),
            (json!({"name": "c", "kind": "Job", "object": null, "data": null}), "CREATE", "Job", ""),
            (json!({"name": "c", "operation": "DELETE", "oldObject": pod}), "DELETE", "Pod", "n"),
            (
                json!({"name": "c", "operation": "UPDATE", "object": pod, "oldObject": pod}),
                "UPDATE",
                "Pod",
                "n",
            ),
        ] {
            let request = CaseFormat::parse(&case).unwrap().request().unwrap();
            let got = (&*request.operation, &*request.kind.kind, &*request.namespace);
            assert_eq!(got, (operation, kind, namespace), "{case}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (case, expected) in [
            (json!({}), "missing field `name`"),
            (json!({"name": "c", "violation": []}), "unknown field `violation`"),
            (json!({"name": "c", "matches": false, "violations": ["m"]}), "expects violations of a policy"),
            (json!({"name": "c"}), "the review cannot be judged: it has no request.kind.kind"),
        ] {
            let error = CaseFormat::parse(&case).and_then(|case| case.request()).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
        assert!(TableFormat::parse(&json!({"policy": "p", "cases": []})).is_err());
        assert!(TableFormat::parse(&json!({"policy": 1, "cases": [{}]})).is_err());
    }
}
