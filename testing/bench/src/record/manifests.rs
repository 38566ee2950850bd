//! The objects of the manifests, in order.

use std::fs;

use anyhow::{Context, Result, ensure};
use magtape::yaml;
use magtape_testing::corpus;
use serde_json::Value;

/// Reads the documents of every file in `testing/corpus/manifests`, files in order of their names.
pub(super) fn read() -> Result<Vec<Value>> {
    let folder = corpus::folder().join("manifests");
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    let mut objects = Vec::new();
    for path in paths {
        let read = || {
            let text = fs::read_to_string(&path)?;
            let documents = yaml::documents(&text)?;
            documents.into_iter().map(|(_, text)| Ok(yaml::parse(text)?)).collect::<Result<Vec<_>>>()
        };
        objects.extend(read().with_context(|| format!("cannot read {}", path.display()))?);
    }
    ensure!(!objects.is_empty(), "{} holds no manifest", folder.display());
    Ok(objects)
}
