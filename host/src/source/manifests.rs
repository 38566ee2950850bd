//! Policies in Kubernetes manifests: ConfigMaps labelled as kube-mgmt wants them, and Gatekeeper's templates and
//! constraints. Other objects are none of ours.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::read::MultiGzDecoder;
use serde_json::{Map, Value};

use super::{Found, Manifest, Rego, SourceError, bundle, data, files};
use crate::{policy::Candidate, yaml};

/// Why a file of manifests gave nothing.
pub(super) const NOTHING: &str = "holds no policy: looked for ConfigMaps with the label openpolicyagent.org/policy or \
                                  openpolicyagent.org/data, ConstraintTemplates and constraints";

const POLICY: &str = "openpolicyagent.org/policy";
const DATA: &str = "openpolicyagent.org/data";

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
            Ok(object) => add(&origin, object, found),
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

fn add(origin: &str, mut object: Value, found: &mut Found) -> usize {
    let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let group = api_version.split('/').next().unwrap_or_default();
    match (group, kind.as_str()) {
        ("v1", "ConfigMap") => config_map(origin, &object, found),
        ("v1", "List" | "ConfigMapList") => {
            let items =
                object.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
            let nested = |(number, item)| match list(&item) {
                true => 0,
                false => add(&format!("{origin}, item {number}"), item, found),
            };
            (1..).zip(items).map(nested).sum()
        }
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

/// Lists in lists are nothing that `kubectl get` writes.
fn list(object: &Value) -> bool {
    object.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"))
}

fn config_map(origin: &str, object: &Value, found: &mut Found) -> usize {
    let metadata = |field: &str| object.pointer(&format!("/metadata/{field}")).and_then(Value::as_str);
    let label = |name: &str| object.get("metadata")?.get("labels")?.get(name)?.as_str();
    let name = metadata("name").unwrap_or_default();
    let entries = |field: &str| {
        let entries = object.get(field).and_then(Value::as_object);
        entries.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
    };
    match (label(POLICY), label(DATA)) {
        (Some("rego"), _) => {
            let rego =
                entries("data").filter(|(key, _)| !key.ends_with("_test.rego")).map(|(key, text)| Rego {
                    origin: format!("{origin}: {name}/{key}"),
                    name: format!("{name}/{}", key.strip_suffix(".rego").unwrap_or(key)),
                    text: text.to_owned(),
                });
            found.rego.extend(rego);
        }
        (Some("wasm"), _) => {
            for (key, text) in entries("binaryData") {
                let origin = format!("{origin}: {name}/{key}");
                if let Err(reason) = binary(&origin, &format!("{name}/{key}"), text, found) {
                    fail(found, &origin, reason);
                }
            }
        }
        (Some(other), _) => {
            let reason = format!("the label {POLICY} is {other:?}; it must be rego or wasm");
            return fail(found, origin, reason);
        }
        (None, Some("opa")) => {
            let path = [metadata("namespace").unwrap_or("default"), name];
            for (key, text) in entries("data") {
                let origin = format!("{origin}: {name}/{key}");
                match data::parse(text.as_bytes()) {
                    Ok(document) => data::merge(&mut found.data, &below(path, key, document)),
                    Err(reason) => drop(fail(found, &origin, reason)),
                }
            }
        }
        _ => return 0,
    }
    1
}

/// A module in `binaryData`, by the ending of its key.
fn binary(origin: &str, name: &str, text: &str, found: &mut Found) -> Result<(), String> {
    let bytes = BASE64_STANDARD.decode(text).map_err(|cause| format!("is no base64: {cause}"))?;
    let stem = |ending| name.strip_suffix(ending).map(str::to_owned);
    if let Some(name) = stem(".tar.gz").or_else(|| stem(".tgz")) {
        return bundle::read(origin, &name, &bytes, found);
    }
    let (name, wasm) = match (stem(".wasm.gz"), stem(".wasm")) {
        (Some(name), _) => (name, files::bounded(MultiGzDecoder::new(&*bytes))?),
        (None, Some(name)) => (name, bytes),
        (None, None) => return Err("its key must end in .wasm, .wasm.gz or .tar.gz".to_owned()),
    };
    found.modules.push(Candidate { name, ..Candidate::new(origin, wasm) });
    Ok(())
}

/// `data.<namespace>.<name>.<key>`, which is where kube-mgmt puts it.
fn below(path: [&str; 2], key: &str, document: Map<String, Value>) -> Map<String, Value> {
    let names = [key].into_iter().chain(path.into_iter().rev());
    names.fold(document, |inner, name| Map::from_iter([(name.to_owned(), Value::Object(inner))]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(text: &str) -> Found {
        let mut found = Found::default();
        read("f.yaml", text, &mut found);
        found
    }

    #[test]
    fn labelled_config_maps_are_policies_and_data() {
        let found = found(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {openpolicyagent.org/policy: rego}}\n\
             data: {one.rego: package one, two: package two, one_test.rego: package one_test}\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d, namespace: shop, labels: \
             {openpolicyagent.org/data: opa}}\ndata: {k: '{\"x\": 1}'}\n---\napiVersion: v1\nkind: ConfigMap\n\
             metadata: {name: w, labels: {openpolicyagent.org/policy: wasm}}\nbinaryData: {p.wasm: AGFzbQ==}\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n",
        );
        let rego: Vec<_> = found.rego.iter().map(|rego| (rego.origin.as_str(), rego.name.as_str())).collect();
        assert_eq!(
            rego,
            [("f.yaml, document 1: a/one.rego", "a/one"), ("f.yaml, document 1: a/two", "a/two")]
        );
        assert_eq!(Value::Object(found.data), json!({"shop": {"d": {"k": {"x": 1}}}}));
        assert_eq!((found.modules[0].name.as_str(), &*found.modules[0].wasm), ("w/p", &b"\0asm"[..]));
        assert!(found.errors.is_empty(), "{:?}", found.errors);
    }

    #[test]
    fn lists_and_gatekeeper_objects_are_found() {
        let found = found(
            "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: templates.gatekeeper.sh/v1, kind: ConstraintTemplate}\n\
             - {apiVersion: constraints.gatekeeper.sh/v1beta1, kind: K8sRepos}\n- {apiVersion: v1, kind: Pod}\n",
        );
        assert_eq!((found.templates.len(), found.constraints.len()), (1, 1));
        assert_eq!(found.constraints[0].origin, "f.yaml, document 1, item 2");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, origin, expected) in [
            ("a: [", "f.yaml, document 1", "line "),
            (
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {openpolicyagent.org/policy: yes}}",
                "f.yaml, document 1",
                "",
            ),
            (
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {openpolicyagent.org/policy: rgo}}",
                "f.yaml, document 1",
                "the label openpolicyagent.org/policy is \"rgo\"",
            ),
            (
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {openpolicyagent.org/policy: \
                 wasm}}\nbinaryData: {x.wasm: '!'}",
                "f.yaml, document 1: a/x.wasm",
                "is no base64",
            ),
        ] {
            if let Some(error) = found(text).errors.first() {
                assert_eq!(error.origin, origin);
                assert!(error.reason.starts_with(expected), "{error}");
            } else {
                assert_eq!(expected, "");
            }
        }
    }
}
