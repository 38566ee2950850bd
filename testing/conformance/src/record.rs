//! One case as `oracle conformance` writes it; testing/oracle/README.md describes the fields.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) topic: String,
    pub(crate) now_ns: i64,
    #[serde(default)]
    pub(crate) module: Option<PathBuf>,
    #[serde(default)]
    pub(crate) data: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) input: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) input_term: Option<String>,
    #[serde(default)]
    pub(crate) want: Option<String>,
    #[serde(default)]
    pub(crate) error: Option<EvaluationError>,
    #[serde(default)]
    pub(crate) sort_bindings: bool,
    #[serde(default)]
    pub(crate) not_compilable: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct EvaluationError {
    pub(crate) code: String,
}

/// The records in `folder`.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Vec<Record>> {
    let path = folder.join("cases.jsonl");
    let file = File::open(&path).with_context(|| format!("{} cannot be opened", path.display()))?;
    let lines = BufReader::new(file).lines();
    lines.map(|line| serde_json::from_str(&line?).context("a record that cannot be read")).collect()
}
