//! Data documents: what policies read under `data`, from a file.

use std::path::Path;

use serde_json::{Map, Value};

use super::{SourceError, files};
use crate::yaml::{self, Dialect};

/// The files that OPA reads as data, wherever it finds them.
pub(super) const NAMES: [&str; 3] = ["data.json", "data.yaml", "data.yml"];

/// More folders than data is ever kept below, and few enough for documents that nest as deep.
const MAX_FOLDERS: usize = 64;

/// Reads a data document, a JSON object.
///
/// # Errors
/// When the file cannot be read or holds something else.
pub fn read(path: &Path) -> Result<Map<String, Value>, SourceError> {
    let bytes = files::read_file(path)?;
    parse(&bytes).map_err(|reason| SourceError { origin: path.display().to_string(), reason })
}

/// Reads a data document from JSON text.
///
/// # Errors
/// Says why it is none.
pub fn parse(json: &[u8]) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(json) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("a data document must be a JSON object".to_owned()),
        Err(error) => Err(format!("not JSON: {error}")),
    }
}

/// `base` with `over` laid over it, object by object.
pub fn merge(base: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (key, value) in over {
        match (base.get_mut(key), value) {
            (Some(Value::Object(inner)), Value::Object(value)) => merge(inner, value),
            _ => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

/// The data document in a file of one of the [`NAMES`].
pub(super) fn document(file: &str, content: &[u8]) -> Result<Map<String, Value>, String> {
    if file == "data.json" {
        return parse(content);
    }
    let text = std::str::from_utf8(content).map_err(|_| "is not UTF-8")?;
    let max_bytes = content.len().saturating_mul(16).min(files::MAX_BYTES);
    match yaml::parse_as(Dialect::Opa, text, max_bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("a data document must be an object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The document where its folder says that it belongs: `a/b/data.json` is `data.a.b`.
pub(super) fn below(folder: &str, document: Map<String, Value>) -> Result<Map<String, Value>, String> {
    let names = folder.split('/').filter(|name| !name.is_empty());
    if names.clone().count() > MAX_FOLDERS {
        return Err(format!("is below more than {MAX_FOLDERS} folders"));
    }
    let within = |inner, name: &str| Map::from_iter([(name.to_owned(), Value::Object(inner))]);
    Ok(names.rev().fold(document, within))
}
