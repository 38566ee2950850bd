//! From one document to its objects, and to the requests that they stand for.

use serde_json::{Value, json};

use super::Object;
use crate::{
    review::{Place, Request, ReviewError},
    yaml,
};

/// Lists in lists end here; nobody writes them on purpose.
const MAX_LISTS: usize = 8;

/// Reads one document, which begins at line `first_line` of its file.
pub(super) fn read(place: Place, first_line: usize, text: &str) -> Vec<Object> {
    match yaml::parse(text) {
        Ok(value) => flatten(place, value, 0),
        Err(error) => {
            let line = first_line + error.line().saturating_sub(1);
            let reason = format!("line {line}, column {}: {}", error.column(), error.message());
            vec![Object { place, object: Err(reason) }]
        }
    }
}

/// The objects of a list, each by itself.
fn flatten(place: Place, mut value: Value, lists: usize) -> Vec<Object> {
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
    if !kind.ends_with("List") || value.get("items").is_none() {
        return vec![Object { place, object: Ok(value) }];
    }
    let refuse = |reason: &str| vec![Object { place: place.clone(), object: Err(reason.to_owned()) }];
    if lists == MAX_LISTS {
        return refuse("is a list in a list in a list, deeper than anyone writes them");
    }
    if !value.get("items").is_some_and(Value::is_array) {
        return refuse("is a list whose items are no list");
    }
    let items = value.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
    let place = |item| Place { item: Some(item), ..place.clone() };
    (1..).zip(items).flat_map(|(number, item)| flatten(place(number), item, lists + 1)).collect()
}

/// Whether nothing in it says that it would be a Kubernetes object.
pub(super) fn is_none(value: &Value) -> bool {
    value.is_object() && ["apiVersion", "kind"].iter().all(|field| value.get(field).is_none())
}

/// The request that an object stands for.
pub(super) fn request(value: Value) -> Result<Request, String> {
    match value.get("kind").and_then(Value::as_str).unwrap_or_default() {
        "AdmissionReview" => parse(&value),
        "" => Err("is no Kubernetes object: it has no kind".to_owned()),
        _ => creation(value),
    }
}

/// The request that the API server would make of `kubectl create`.
fn creation(object: Value) -> Result<Request, String> {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let api_version = text("/apiVersion");
    if api_version.is_empty() {
        return Err("is no Kubernetes object: it has no apiVersion".to_owned());
    }
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let namespace = Some(text("/metadata/namespace")).filter(|namespace| !namespace.is_empty());
    let mut review = json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "",
            "kind": {"group": group, "version": version, "kind": text("/kind")},
            "name": text("/metadata/name"),
            "operation": "CREATE",
            "userInfo": {},
            "oldObject": null,
            "dryRun": true,
        }
    });
    if let Some(request) = review.get_mut("request").and_then(Value::as_object_mut) {
        request.extend(namespace.map(|namespace| ("namespace".to_owned(), namespace.into())));
        request.insert("object".to_owned(), object);
    }
    parse(&review)
}

fn parse(review: &Value) -> Result<Request, String> {
    Request::parse(review.to_string().into_bytes()).map_err(|error: ReviewError| error.to_string())
}
