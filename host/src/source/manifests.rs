//! Policies in Kubernetes manifests: ConfigMaps labelled as kube-mgmt wants them, and Gatekeeper's templates and
//! constraints. Other objects are none of ours.

mod config_map;

use serde_json::Value;

use super::{Found, Manifest, SourceError};
use crate::yaml;

/// Why a file of manifests gave nothing.
pub(super) const NOTHING: &str = "holds no policy: looked for ConfigMaps with the label openpolicyagent.org/policy or \
                                  openpolicyagent.org/data, ConstraintTemplates and constraints";

/// How many lists a list may be in. `kubectl get` writes none in another.
const MAX_DEPTH: usize = 1;

/// Adds what the manifests in `text` have, and says how many objects were of interest.
pub(super) fn read(origin: &str, text: &str, found: &mut Found) -> usize {
    let split = match yaml::documents(text) {
        Ok(split) => split,
        Err(error) => return fail(found, origin, error.to_string()),
    };
    let mut read = 0;
    for (number, (line, text)) in (1..).zip(split) {
        let origin = format!("{origin}, document {number}");
        read += match yaml::parse(text) {
            Ok(object) => add(&origin, object, 0, found),
            Err(error) => {
                let line = line + error.line().saturating_sub(1);
                let reason = format!("line {line}, column {}: {}", error.column(), error.message());
                fail(found, &origin, reason)
            }
        };
    }
    read
}

fn fail(found: &mut Found, origin: &str, reason: impl Into<String>) -> usize {
    found.errors.push(SourceError { origin: origin.to_owned(), reason: reason.into() });
    1
}

pub(super) fn add(origin: &str, mut object: Value, depth: usize, found: &mut Found) -> usize {
    let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let group = api_version.split('/').next().unwrap_or_default();
    match (group, kind.as_str()) {
        ("v1", "ConfigMap") => config_map::read(origin, &object, found),
        ("v1", "List" | "ConfigMapList") => list(origin, &mut object, depth, found),
        ("templates.gatekeeper.sh", _) => {
            found.templates.push(Manifest { origin: origin.to_owned(), object });
            1
        }
        ("constraints.gatekeeper.sh", _) => {
            found.constraints.push(Manifest { origin: origin.to_owned(), object });
            1
        }
        _ => 0,
    }
}

/// The items of a list, each as an object of its own.
fn list(origin: &str, object: &mut Value, depth: usize, found: &mut Found) -> usize {
    if depth > MAX_DEPTH {
        return fail(found, origin, "is a list in a list in a list; take its items out of it");
    }
    let items = object.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take);
    let item = |(number, item)| add(&format!("{origin}, item {number}"), item, depth + 1, found);
    (1..).zip(items.unwrap_or_default()).map(item).sum()
}

/// Whether a file that could be a data document has Kubernetes objects.
pub(super) fn are_in(text: &str) -> bool {
    let is_object = |value: Value| {
        ["apiVersion", "kind"].iter().all(|field| value.get(field).is_some_and(Value::is_string))
    };
    let split = yaml::documents(text).unwrap_or_default();
    split.into_iter().any(|(_, text)| yaml::parse(text).is_ok_and(is_object))
}

#[cfg(test)]
mod tests;
