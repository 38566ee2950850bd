//! Finds what there is to run: Rego files by their names, suites and tables by what is in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    rego::Set,
    runner::{problem, unread},
};
use crate::{report::Problem, source, yaml};

/// What is looked for, for whoever has something else.
const KINDS: &str = "*_test.rego, Gatekeeper suites (kind: Suite) and tables of cases (policy: and cases:)";

const SUITES: &str = "test.gatekeeper.sh/";

/// Something to run.
pub(super) enum Work {
    /// Rego files, with the tests among them.
    Rego(Set),
    /// A Suite of Gatekeeper's.
    Gatekeeper(Document),
    /// A table of cases.
    Table(Document),
}

/// A YAML document with the file that it is in.
pub(super) struct Document {
    pub(super) path: PathBuf,
    pub(super) value: Value,
}

/// Everything at the paths.
#[derive(Default)]
pub(super) struct Found {
    pub(super) works: Vec<Work>,
    pub(super) errors: Vec<Problem>,
}

/// Looks at each path, in order. Rego files that are named one by one are run together with their folder.
pub(super) fn find(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    let mut named = BTreeMap::<PathBuf, Vec<PathBuf>>::new();
    let mut seen = BTreeSet::new();
    for path in paths.iter().filter(|path| seen.insert(*path)) {
        match fs::metadata(path) {
            Err(cause) => found.errors.push(unreadable(path, &cause)),
            Ok(metadata) if metadata.is_dir() => found.directory(path),
            Ok(_) if ends(path, ".rego") => {
                let folder = path.parent().unwrap_or(Path::new(""));
                named.entry(folder.to_owned()).or_default().push(path.clone());
            }
            Ok(_) => found.file(path),
        }
    }
    for (folder, only) in named {
        found.named(&folder, only);
    }
    found
}

// === impl Found ===

impl Found {
    fn directory(&mut self, root: &Path) {
        let before = (self.works.len(), self.errors.len());
        let mut paths = Vec::new();
        collect(root, true, &mut paths, &mut self.errors);
        paths.sort();
        let set = Set::new(root, &paths, Vec::new());
        if set.has_tests() {
            self.works.push(Work::Rego(set));
        }
        for path in paths.iter().filter(|path| is_document(path)) {
            match source::text(path) {
                Ok(text) if is_interesting(&text) => self.documents(path, &text),
                Ok(_) => {}
                // It may be a test, and nobody would miss it.
                Err(error) => self.errors.push(unread(error)),
            }
        }
        if (self.works.len(), self.errors.len()) == before {
            self.errors
                .push(problem(root.display().to_string(), format!("holds no test: looked for {KINDS}")));
        }
    }

    fn named(&mut self, folder: &Path, only: Vec<PathBuf>) {
        let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let mut paths = Vec::new();
        collect(listed, false, &mut paths, &mut self.errors);
        let paths = paths.iter().filter_map(|path| Some(folder.join(path.file_name()?)));
        let mut paths: Vec<_> = paths.chain(only.iter().cloned()).collect();
        paths.sort();
        paths.dedup();
        self.works.push(Work::Rego(Set::new(folder, &paths, only)));
    }

    fn file(&mut self, path: &Path) {
        let before = (self.works.len(), self.errors.len());
        match source::text(path) {
            Ok(text) if is_document(path) => self.documents(path, &text),
            Ok(_) => {}
            Err(error) => self.errors.push(unread(error)),
        }
        if (self.works.len(), self.errors.len()) == before {
            self.errors.push(problem(path.display().to_string(), format!("is no test: looked for {KINDS}")));
        }
    }

    fn documents(&mut self, path: &Path, text: &str) {
        let place = path.display().to_string();
        let split = match yaml::documents(text) {
            Ok(split) => split,
            Err(error) => return self.errors.push(problem(place, error.to_string())),
        };
        for (first, text) in split {
            match yaml::parse(text) {
                Ok(value) => self.works.extend(work(path, text, value)),
                Err(error) => {
                    let line = first + error.line().saturating_sub(1);
                    let reason = format!("line {line}, column {}: {}", error.column(), error.message());
                    self.errors.push(problem(place.clone(), reason));
                }
            }
        }
    }
}

fn work(path: &Path, text: &str, value: Value) -> Option<Work> {
    let field = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let document = |value| Document { path: path.to_owned(), value };
    if field("kind") == "Suite" && field("apiVersion").starts_with(SUITES) {
        // Gator reads suites by go-yaml v3, to which a bare `yes` is text.
        let read = yaml::parse_as(yaml::Dialect::Opa, text, text.len().saturating_mul(16));
        return Some(Work::Gatekeeper(document(read.unwrap_or(value))));
    }
    let is_table =
        value.get("kind").is_none() && value.get("policy").is_some() && value.get("cases").is_some();
    is_table.then(|| Work::Table(document(value)))
}

/// Whether a file that nobody named may have a test: most YAML near policies is none, and is nothing to complain of.
fn is_interesting(text: &str) -> bool {
    let begins = |field: &str| text.lines().any(|line| line.starts_with(field));
    text.contains(SUITES) || (begins("policy:") && begins("cases:"))
}

/// The files below a folder. Hidden entries are left out and links to folders are not followed, so this ends.
fn collect(folder: &Path, deep: bool, paths: &mut Vec<PathBuf>, errors: &mut Vec<Problem>) {
    let listed = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = listed.unwrap_or_else(|cause| {
        errors.push(unreadable(folder, &cause));
        Vec::new()
    });
    for entry in entries.iter().filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b".")) {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && deep => collect(&path, deep, paths, errors),
            Ok(_) if path.is_file() => paths.push(path),
            _ => {}
        }
    }
}

fn unreadable(path: &Path, cause: &io::Error) -> Problem {
    problem(path.display().to_string(), format!("cannot be read: {cause}"))
}

fn is_document(path: &Path) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| ends(path, ending))
}

/// Whether a path's name ends so.
pub(super) fn ends(path: &Path, ending: &str) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().ends_with(ending.as_bytes()))
}

#[cfg(test)]
mod tests;
