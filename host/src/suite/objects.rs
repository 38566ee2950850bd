//! The objects that cases are about, from files or from the table itself, and the requests that are made of them.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::{review::Request, source, yaml};

/// Every object in a file, in order.
///
/// # Errors
/// Names the file, when it cannot be read or has none.
pub(super) fn read(path: &Path) -> Result<Vec<Value>, String> {
    let failed = |reason: String| format!("{}: {reason}", path.display());
    let text = source::text(path).map_err(|error| error.to_string())?;
    let split = yaml::documents(&text).map_err(|error| failed(error.to_string()))?;
    let mut objects = Vec::new();
    for (first, text) in split {
        let object = yaml::parse(text).map_err(|error| {
            let line = first + error.line().saturating_sub(1);
            failed(format!("line {line}, column {}: {}", error.column(), error.message()))
        })?;
        if !object.is_null() {
            objects.push(object);
        }
    }
    if objects.is_empty() { Err(failed("holds no object".to_owned())) } else { Ok(objects) }
}

/// The only object in a file.
///
/// # Errors
/// When there are more, or none.
pub(super) fn one(path: &Path) -> Result<Value, String> {
    let mut objects = read(path)?;
    match (objects.pop(), objects.len()) {
        (Some(object), 0) => Ok(object),
        (_, others) => Err(format!("{}: holds {} objects, not one", path.display(), others + 1)),
    }
}

/// The request that Gatekeeper makes of an object: the one that a review holds, or one that nobody sent.
///
/// # Errors
/// Says what is wrong with the object.
pub(super) fn request(object: &Value) -> Result<Request, String> {
    let review = text(object, "/kind") == "AdmissionReview"
        && text(object, "/apiVersion").starts_with("admission.k8s.io/");
    if !review {
        return Request::offline(object).map_err(|error| error.to_string());
    }
    let has = |field: &str| object.pointer(field).is_some_and(Value::is_object);
    if !has("/request/object") && !has("/request/oldObject") {
        return Err("the review has neither object nor oldObject".to_owned());
    }
    Request::parse(object.to_string().into_bytes()).map_err(|error| error.to_string())
}

/// The data that policies find objects in, as Gatekeeper lays it out.
///
/// # Errors
/// When an object does not say what it is.
pub(super) fn inventory(objects: Vec<Value>) -> Result<Map<String, Value>, String> {
    let mut inventory = Map::new();
    for object in objects {
        let field = |path: &str| text(&object, path).to_owned();
        let (version, kind, name) = (field("/apiVersion"), field("/kind"), field("/metadata/name"));
        if version.is_empty() || kind.is_empty() {
            return Err(format!("the object {name:?} has no apiVersion or no kind"));
        }
        let path = match text(&object, "/metadata/namespace") {
            "" => vec!["cluster".to_owned(), version, kind, name],
            namespace => vec!["namespace".to_owned(), namespace.to_owned(), version, kind, name],
        };
        let nested = path.into_iter().rev().fold(object, |inner, key| json!({ key: inner }));
        if let Value::Object(nested) = nested {
            source::data::merge(&mut inventory, &nested);
        }
    }
    Ok(Map::from_iter([("inventory".to_owned(), Value::Object(inventory))]))
}

/// The text at a place, or nothing.
pub(super) fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_where_gatekeeper_has_them() {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "n"}});
        let class = json!({"apiVersion": "x.io/v1", "kind": "Class", "metadata": {"name": "c"}});
        let found = inventory(vec![pod.clone(), class.clone()]).unwrap();
        assert_eq!(
            Value::Object(found),
            json!({"inventory": {
                "cluster": {"x.io/v1": {"Class": {"c": class}}},
                "namespace": {"n": {"v1": {"Pod": {"p": pod}}}},
            }})
        );
        assert!(inventory(vec![json!({"kind": "Pod"})]).is_err());
    }

    #[test]
    fn a_review_is_the_request_and_an_object_is_one_without_operation() {
        let review = |request: Value| json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request});
        let pod = json!({"apiVersion": "v1", "kind": "Pod"});
        let kind = json!({"group": "", "version": "v1", "kind": "Pod"});
        let update =
            review(json!({"uid": "", "operation": "UPDATE", "kind": kind, "object": pod, "oldObject": pod}));
        assert_eq!(request(&update).unwrap().operation, "UPDATE");
        assert_eq!(request(&pod).unwrap().operation, "");
        let empty = review(json!({"uid": "", "operation": "DELETE", "kind": kind, "object": null}));
        assert_eq!(request(&empty).unwrap_err(), "the review has neither object nor oldObject");
    }
}
