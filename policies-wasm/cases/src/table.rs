//! Reads a table, and makes an AdmissionReview of a case, both as `testing/cases/README.md` says.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value as Json, json};

/// A file of `testing/cases`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) policy: String,
    pub(crate) cases: Vec<Case>,
}

/// An object and what a policy must say of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) kind: String,
    object: Json,
    #[serde(default)]
    data: Data,
    #[serde(default = "no_parameters")]
    pub(crate) parameters: Json,
    #[serde(default = "applies")]
    pub(crate) matches: bool,
    pub(crate) violations: Vec<String>,
}

/// What is known about the cluster.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    /// Objects by resource.
    #[serde(default)]
    kubernetes: BTreeMap<String, Json>,
}

fn no_parameters() -> Json {
    json!({})
}

fn applies() -> bool {
    true
}

// === impl Table ===

impl Table {
    /// A table without cases would check nothing, and of two cases of one name nobody knows which one fails.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let table: Table =
            serde_norway::from_str(text).map_err(|error| format!("the table cannot be read: {error}"))?;
        if table.cases.is_empty() {
            return Err(format!("the table of {} has no cases", table.policy));
        }
        let mut names = BTreeSet::new();
        match table.cases.iter().find(|case| !names.insert(&case.name)) {
            Some(case) => Err(format!("the table of {} has two cases called {:?}", table.policy, case.name)),
            None => Ok(table),
        }
    }
}

// === impl Case ===

impl Case {
    /// What the API server would send when the object is created.
    pub(crate) fn review(&self) -> Json {
        let (group, version) = self.group_version();
        let mut request = json!({
            "uid": "u", "operation": "CREATE", "object": self.object,
            "kind": {"group": group, "version": version, "kind": self.kind},
        });
        if let (Some(namespace), Some(fields)) = (self.namespace(), request.as_object_mut()) {
            fields.insert("namespace".to_owned(), namespace.into());
        }
        json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request})
    }

    /// Both are empty when the object does not say.
    pub(crate) fn group_version(&self) -> (&str, &str) {
        let api_version = self.object.get("apiVersion").and_then(Json::as_str).unwrap_or_default();
        api_version.split_once('/').unwrap_or(("", api_version))
    }

    fn namespace(&self) -> Option<&str> {
        self.object.pointer("/metadata/namespace")?.as_str()
    }

    /// The objects of a kind in the cluster. A policy names it with its group,
    /// `networking.k8s.io/v1/ingresses`, a table by the resource alone.
    pub(crate) fn objects(&self, kind: &str) -> Option<&Json> {
        self.data.kubernetes.get(kind.rsplit('/').next()?)
    }
}
