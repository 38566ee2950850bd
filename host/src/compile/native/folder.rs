//! A temporary folder with the files that OPA is asked about.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::compile::protocol::Source;

/// Enough of a name to recognise it, and few enough for any file system.
const MAX_NAME: usize = 100;

/// The folder, which is removed in the end.
#[derive(Debug)]
pub(super) struct Folder<'r> {
    folder: TempDir,
    files: Vec<File<'r>>,
}

/// A file under a name that is safe: what it is really called may be a path, or have characters that OPA gives a
/// meaning.
#[derive(Clone, Debug)]
pub(super) struct File<'r> {
    pub(super) safe: String,
    pub(super) source: &'r Source<'r>,
}

// === impl Folder ===

impl<'r> Folder<'r> {
    /// Writes the files.
    ///
    /// # Errors
    /// When the system's folder for temporary files takes none.
    pub(super) fn new(sources: &'r [Source<'r>]) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|cause| format!("there is no temporary folder: {cause}"))?;
        let folder = Self { folder, files: files(sources) };
        folder.files.iter().try_for_each(|file| folder.put(&file.safe, file.source.text.as_bytes()))?;
        Ok(folder)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The files, in the order of the question.
    pub(super) fn files(&self) -> &[File<'r>] {
        &self.files
    }

    /// Writes a further file.
    ///
    /// # Errors
    /// When the folder does not take it.
    pub(super) fn put(&self, name: &str, content: &[u8]) -> Result<(), String> {
        let path = self.path().join(name);
        fs::write(&path, content).map_err(|cause| format!("{} cannot be written: {cause}", path.display()))
    }

    /// OPA's text with the files' own names.
    pub(super) fn restore(&self, text: &str) -> String {
        self.files.iter().fold(text.to_owned(), |text, file| text.replace(&file.safe, file.source.name))
    }
}

fn files<'r>(sources: &'r [Source<'r>]) -> Vec<File<'r>> {
    let mut names: Vec<&str> = sources.iter().map(|source| source.name).collect();
    names.sort_unstable();
    // OPA puts files in the order of their names, so this keeps it. No name is a part of another one.
    let number = |source: &Source<'_>| names.partition_point(|name| *name < source.name);
    let safe = |(index, source)| format!("{:04}-{index}-{}.rego", number(source), readable(source.name));
    sources.iter().enumerate().map(|(index, source)| File { safe: safe((index, source)), source }).collect()
}

/// The end of a name, which says most, as plain letters.
fn readable(name: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let stem = name.strip_suffix(".rego").unwrap_or(name);
    stem.chars().skip(stem.chars().count().saturating_sub(MAX_NAME)).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str) -> Source<'_> {
        Source { name, text: "package a", version: "", without: Vec::new() }
    }

    #[test]
    fn any_name_has_a_safe_one() {
        let long = "long/".repeat(100);
        let sources = ["/b/../é.rego", "cm.yaml, document 1: a/b.rego", "-o", "", &long].map(source);
        let folder = Folder::new(&sources).unwrap();
        let written = fs::read_dir(folder.path()).unwrap();
        assert_eq!(written.count(), 5);
        let names: Vec<_> = folder.files().iter().map(|file| file.safe.as_str()).collect();
        assert_eq!(
            names[..3],
            ["0002-0-_b_____.rego", "0003-1-cm_yaml__document_1__a_b.rego", "0001-2-_o.rego"]
        );
    }

    #[test]
    fn texts_get_the_names_back() {
        let sources = ["b/x.rego", "a, document 1: x.rego"].map(source);
        let folder = Folder::new(&sources).unwrap();
        let text = format!("{}:1 and {}:2", folder.files()[0].safe, folder.files()[1].safe);
        assert_eq!(folder.restore(&text), "b/x.rego:1 and a, document 1: x.rego:2");
    }
}
