//! Data documents: what policies read under `data`, from a file.

use std::path::Path;

use serde_json::{Map, Value};

use super::{SourceError, files};

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
