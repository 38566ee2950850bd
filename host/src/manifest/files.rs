//! Finds and reads the files that inputs name.

use std::{
    ffi::OsStr,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Far more than any manifest has, and little enough for a file that was made to exhaust memory.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What makes a folder a Helm chart, whose templates are no YAML before Helm has rendered them.
const CHART: &str = "Chart.yaml";

/// A file with its text, or why there is none.
pub(super) struct Found {
    pub(super) source: String,
    pub(super) text: Result<String, String>,
    /// Whether a person named it, or it was in a directory.
    pub(super) is_named: bool,
}

/// What is in directories.
#[derive(Default)]
struct Listed {
    files: Vec<PathBuf>,
    charts: Vec<PathBuf>,
}

/// The files at `input`, in order of their names, and the charts among them, which nobody reads.
pub(super) fn find(input: &Path) -> (Vec<Found>, Vec<PathBuf>) {
    let source = input.display().to_string();
    let one = |text| (vec![Found { source: source.clone(), text, is_named: true }], Vec::new());
    if source == "-" {
        return one(text(io::stdin().lock()));
    }
    match fs::metadata(input) {
        Err(cause) => one(Err(format!("cannot be read: {cause}"))),
        Ok(metadata) if metadata.is_dir() => match directory(input) {
            Ok(Listed { files, charts }) => (files.iter().map(|path| file(path, false)).collect(), charts),
            Err(reason) => one(Err(reason)),
        },
        Ok(_) => (vec![file(input, true)], Vec::new()),
    }
}

fn directory(path: &Path) -> Result<Listed, String> {
    if path.join(CHART).is_file() {
        return Err("is a Helm chart: give what `helm template` makes of it, as -".to_owned());
    }
    let mut listed = Listed::default();
    collect(path, &mut listed).map_err(|cause| format!("cannot be listed: {cause}"))?;
    if listed.files.is_empty() && listed.charts.is_empty() {
        return Err("holds no manifest: looked for *.yaml, *.yml and *.json".to_owned());
    }
    listed.files.sort();
    listed.charts.sort();
    Ok(listed)
}

/// Hidden entries are left out, and links to directories are not followed, so this ends.
fn collect(path: &Path, listed: &mut Listed) -> io::Result<()> {
    if path.join(CHART).is_file() {
        listed.charts.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&path, listed)?;
        } else if matches!(path.extension().and_then(OsStr::to_str), Some("yaml" | "yml" | "json"))
            && path.is_file()
        {
            listed.files.push(path);
        }
    }
    Ok(())
}

fn file(path: &Path, is_named: bool) -> Found {
    let read = fs::File::open(path).map_err(|cause| format!("cannot be opened: {cause}")).and_then(text);
    Found { source: path.display().to_string(), text: read, is_named }
}

fn text(reader: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = reader.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|cause| format!("cannot be read: {cause}"))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("has more than {MAX_BYTES} bytes"));
    }
    String::from_utf8(bytes)
        .map_err(|cause| format!("is not UTF-8 from byte {} on", cause.utf8_error().valid_up_to()))
}
