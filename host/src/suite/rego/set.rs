//! A set of Rego files with its data, as it is found and as it is read.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::{
    compile::protocol::Source,
    report::Problem,
    source::{self, data},
    suite::{
        find::ends,
        runner::{Done, problem, unread},
    },
    yaml,
};

/// Rego files that are compiled together, with their data.
pub(in crate::suite) struct Set {
    root: PathBuf,
    files: Vec<PathBuf>,
    data: Vec<PathBuf>,
    /// The files whose tests are run; all, if it is empty.
    only: Vec<PathBuf>,
}

/// A file.
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) name: String,
    text: String,
}

/// A set that was read.
pub(super) struct Read {
    /// What the set is to whoever named it.
    pub(super) root: String,
    pub(super) files: Vec<File>,
    pub(super) data: Map<String, Value>,
}

// === impl Set ===

impl Set {
    /// The Rego files and the data among `paths`, which are below `root`.
    pub(in crate::suite) fn new(root: &Path, paths: &[PathBuf], only: Vec<PathBuf>) -> Self {
        let of = |wanted: &dyn Fn(&Path) -> bool| paths.iter().filter(|path| wanted(path)).cloned().collect();
        Self {
            root: root.to_owned(),
            files: of(&|path| ends(path, ".rego")),
            data: of(&|path| ["data.json", "data.yaml", "data.yml"].iter().any(|name| path.ends_with(name))),
            only,
        }
    }

    pub(in crate::suite) fn has_tests(&self) -> bool {
        self.files.iter().any(|path| ends(path, "_test.rego"))
    }

    /// Whether tests are looked for in a file.
    pub(super) fn is_test(&self, path: &PathBuf) -> bool {
        if self.only.is_empty() { ends(path, "_test.rego") } else { self.only.contains(path) }
    }

    /// What the set is to whoever named it.
    fn called(&self) -> String {
        let only: Vec<String> = self.only.iter().map(|path| path.display().to_string()).collect();
        if only.is_empty() { self.root.display().to_string() } else { only.join(", ") }
    }

    /// What was asked for: the tests of all files, or those of the files that were named.
    pub(super) fn chosen(&self, mut done: Done) -> Done {
        let names: Vec<String> = self.only.iter().map(|path| path.display().to_string()).collect();
        done.suites.retain(|suite| names.is_empty() || names.contains(&suite.source));
        done
    }
}

// === impl Read ===

impl Read {
    pub(super) fn new(set: &Set, over: &Map<String, Value>) -> Result<Self, Vec<Problem>> {
        let mut errors = Vec::new();
        let mut files = Vec::new();
        for path in &set.files {
            match source::text(path) {
                Ok(text) => files.push(File::new(path.clone(), text)),
                Err(error) => errors.push(unread(error)),
            }
        }
        let mut merged = Map::new();
        for path in &set.data {
            match document(&set.root, path) {
                Ok(document) => data::merge(&mut merged, &document),
                Err(error) => errors.push(error),
            }
        }
        data::merge(&mut merged, over);
        let root = set.called();
        if errors.is_empty() { Ok(Self { root, files, data: merged }) } else { Err(errors) }
    }

    pub(super) fn name(&self, index: usize) -> &str {
        self.files.get(index).map_or("", |file| &file.name)
    }
}

/// A data file where its folder says that it belongs: `a/b/data.json` is `data.a.b`.
fn document(root: &Path, path: &Path) -> Result<Map<String, Value>, Problem> {
    let failed = |reason: String| problem(path.display().to_string(), reason);
    let text = source::text(path).map_err(unread)?;
    let document = if ends(path, ".json") {
        data::parse(text.as_bytes()).map_err(failed)?
    } else {
        match yaml::parse_as(yaml::Dialect::Opa, &text, text.len().saturating_mul(16)) {
            Ok(Value::Object(document)) => document,
            Ok(_) => return Err(failed("a data document must be an object".to_owned())),
            Err(error) => return Err(failed(error.to_string())),
        }
    };
    let folders = path.parent().and_then(|folder| folder.strip_prefix(root).ok()).unwrap_or(Path::new(""));
    let names = folders.iter().rev().map(|name| name.to_string_lossy().into_owned());
    Ok(names.fold(document, |inner, name| Map::from_iter([(name, Value::Object(inner))])))
}

// === impl File ===

impl File {
    pub(super) fn new(path: PathBuf, text: String) -> Self {
        Self { name: path.display().to_string(), path, text }
    }

    pub(super) fn source(&self) -> Source<'_> {
        Source { name: &self.name, text: &self.text, version: "", without: Vec::new() }
    }
}
