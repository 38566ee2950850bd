//! Drops the fields that a schema does not know, as the API server does
//! (<https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning>).

use serde_json::Value;

use super::{
    super::path::Path,
    node::{Known, Node},
};

/// More dropped fields are counted, not told.
const MAX_NOTES: usize = 10;

/// What was dropped.
#[derive(Debug, Default)]
pub(super) struct Dropped {
    fields: Vec<String>,
    more: usize,
}

// === impl Dropped ===

impl Dropped {
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub(super) fn notes(self) -> impl Iterator<Item = String> {
        let more = (self.more > 0)
            .then(|| format!("{} more fields that the schema does not know are dropped", self.more));
        let note = |field| format!("{field}: the schema does not know this field, it is dropped");
        self.fields.into_iter().map(note).chain(more)
    }

    fn add(&mut self, path: Path<'_>) {
        if self.fields.len() < MAX_NOTES {
            self.fields.push(path.to_string());
        } else {
            self.more += 1;
        }
    }
}

/// Drops what the schema does not know.
pub(super) fn unknown(value: &mut Value, node: &Node, path: Path<'_>, dropped: &mut Dropped) {
    prune(value, Some(node), node.keeps_unknown, path, dropped);
}

/// `keeps` holds for the elements of lists too, but not for fields: those that are known have schemas of their own.
fn prune(value: &mut Value, node: Option<&Node>, keeps: bool, path: Path<'_>, dropped: &mut Dropped) {
    match value {
        Value::Object(fields) => fields.retain(|name, field| {
            let path = path.key(name);
            match node.map_or(Known::No, |node| node.field(name)) {
                Known::As(node) => prune(field, Some(node), node.keeps_unknown, path, dropped),
                Known::Unspecified => prune(field, None, false, path, dropped),
                Known::No if keeps => {}
                Known::No => {
                    dropped.add(path);
                    return false;
                }
            }
            true
        }),
        Value::Array(items) => {
            let node = node.and_then(|node| node.items.as_deref());
            if keeps && node.is_none() {
                return;
            }
            let keeps = keeps || node.is_some_and(|node| node.keeps_unknown);
            for (index, item) in items.iter_mut().enumerate() {
                prune(item, node, keeps, path.index(index), dropped);
            }
        }
        _ => {}
    }
}
