//! One object of an install, read without trust: what is missing or of another type reads as empty.

use serde_json::Value;

/// A Kubernetes object and where it is.
#[derive(Clone, Debug)]
pub struct Object {
    /// A file with its document, or the object's own title in a cluster; no two objects have the same.
    pub place: String,
    /// The object.
    pub value: Value,
}

// === impl Object ===

impl Object {
    /// Its kind.
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// Its API group; empty for the core.
    pub fn group(&self) -> &str {
        self.text("/apiVersion").split_once('/').map_or("", |(group, _)| group)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// Its namespace, or empty.
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    /// Kind, namespace and name, for people.
    pub fn title(&self) -> String {
        match (self.namespace(), self.name()) {
            ("", name) => format!("{} {name}", self.kind()),
            (namespace, name) => format!("{} {namespace}/{name}", self.kind()),
        }
    }

    pub(super) fn text(&self, pointer: &str) -> &str {
        self.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn label(&self, name: &str) -> Option<&str> {
        self.value.pointer("/metadata/labels")?.get(name)?.as_str()
    }

    pub(super) fn has_annotation(&self, name: &str) -> bool {
        self.value.pointer("/metadata/annotations").is_some_and(|annotations| annotations.get(name).is_some())
    }

    /// The strings of an object, such as a ConfigMap's `data`.
    pub(super) fn strings(&self, pointer: &str) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.value.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
        entries.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
    }
}

/// The items of a list below `value`; none if there is no list.
pub(super) fn items<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// The strings of a list.
pub(super) fn texts<'v>(value: &'v Value, pointer: &str) -> Vec<&'v str> {
    items(value, pointer).filter_map(Value::as_str).collect()
}
