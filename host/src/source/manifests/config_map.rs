//! ConfigMaps with policies or data, as kube-mgmt labels them.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::read::MultiGzDecoder;
use serde_json::{Map, Value};

use super::{
    super::{Found, Rego, bundle, data, files},
    fail,
};
use crate::policy::Candidate;

const POLICY: &str = "openpolicyagent.org/policy";
const DATA: &str = "openpolicyagent.org/data";

/// What a ConfigMap holds, by its labels.
#[derive(Clone, Copy)]
enum Content {
    Rego,
    Wasm,
    Data,
}

/// A ConfigMap in what is read.
struct ConfigMap<'a> {
    /// Where it is, with its name.
    origin: String,
    name: &'a str,
    namespace: &'a str,
    content: Content,
    object: &'a Value,
}

/// Adds what a ConfigMap has, and says how many were of interest.
pub(super) fn read(origin: &str, object: &Value, found: &mut Found) -> usize {
    let metadata = |field: &str| object.pointer(&format!("/metadata/{field}")).and_then(Value::as_str);
    let label = |name: &str| object.get("metadata")?.get("labels")?.get(name)?.as_str();
    let content = match (label(POLICY), label(DATA)) {
        (Some("rego"), _) => Content::Rego,
        (Some("wasm"), _) => Content::Wasm,
        (Some(other), _) => {
            let reason = format!("the label {POLICY} is {other:?}; it must be rego or wasm");
            return fail(found, origin, reason);
        }
        (None, Some("opa")) => Content::Data,
        _ => return 0,
    };
    let name = metadata("name").unwrap_or_default();
    let namespace = metadata("namespace").unwrap_or("default");
    let origin = format!("{origin}: {name}");
    ConfigMap { origin, name, namespace, content, object }.read(found);
    1
}

// === impl Content ===

impl Content {
    /// The field that has it, and the one that has not.
    fn fields(self) -> (&'static str, &'static str) {
        match self {
            Self::Rego | Self::Data => ("data", "binaryData"),
            Self::Wasm => ("binaryData", "data"),
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Rego => "Rego",
            Self::Wasm => "compiled policies",
            Self::Data => "data documents",
        }
    }
}

// === impl ConfigMap ===

impl ConfigMap<'_> {
    fn read(&self, found: &mut Found) {
        let (field, other) = self.content.fields();
        let errors = found.errors.len();
        let entries = self.entries(field, found);
        for (key, _) in self.entries(other, found) {
            let what = self.content.what();
            self.fail(
                key,
                format!("is in {other}; by its labels the ConfigMap has {what}, which belong in {field}"),
                found,
            );
        }
        if entries.is_empty() && found.errors.len() == errors {
            let reason =
                format!("has nothing in {field}; add {} there, or remove the label", self.content.what());
            fail(found, &self.origin, reason);
        }
        for (key, value) in entries {
            let added = match value {
                Value::String(text) => self.add(key, text, found),
                _ => {
                    Err(format!("its value in {field} is no string; quote it, or write it as a block with |"))
                }
            };
            if let Err(reason) = added {
                self.fail(key, reason, found);
            }
        }
    }

    fn entries(&self, field: &str, found: &mut Found) -> Vec<(&str, &Value)> {
        match self.object.get(field) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Object(entries)) => {
                entries.iter().map(|(key, value)| (key.as_str(), value)).collect()
            }
            Some(_) => {
                fail(found, &self.origin, format!("{field} must map keys to strings"));
                Vec::new()
            }
        }
    }

    fn fail(&self, key: &str, reason: String, found: &mut Found) {
        fail(found, &format!("{}/{key}", self.origin), reason);
    }

    fn add(&self, key: &str, text: &str, found: &mut Found) -> Result<(), String> {
        match self.content {
            Content::Rego if key.ends_with("_test.rego") => {}
            Content::Rego => found.rego.push(self.rego(key, text)),
            Content::Wasm => return self.binary(key, text, found),
            Content::Data => {
                let document = data::parse(text.as_bytes())?;
                data::merge(&mut found.data, &self.below(key, document));
            }
        }
        Ok(())
    }

    fn rego(&self, key: &str, text: &str) -> Rego {
        Rego {
            origin: format!("{}/{key}", self.origin),
            name: format!("{}/{}", self.name, key.strip_suffix(".rego").unwrap_or(key)),
            text: text.to_owned(),
        }
    }

    /// A module or a bundle, by the ending of its key.
    fn binary(&self, key: &str, text: &str, found: &mut Found) -> Result<(), String> {
        let bytes = BASE64_STANDARD.decode(text).map_err(|cause| format!("is no base64: {cause}"))?;
        let origin = format!("{}/{key}", self.origin);
        let stem = |ending| key.strip_suffix(ending).map(|stem| format!("{}/{stem}", self.name));
        if let Some(name) = stem(".tar.gz").or_else(|| stem(".tgz")) {
            return bundle::read(&origin, &name, &bytes, found);
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
    fn below(&self, key: &str, document: Map<String, Value>) -> Map<String, Value> {
        let within = |inner, name: &str| Map::from_iter([(name.to_owned(), Value::Object(inner))]);
        [key, self.name, self.namespace].into_iter().fold(document, within)
    }
}
