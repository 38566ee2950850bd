//! Finds and reads the files that inputs name.

use std::{
    ffi::OsStr,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Far more than any manifest has, and little enough for a file that was made to exhaust memory.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// A file with its text, or why there is none.
pub(super) struct Found {
    pub(super) source: String,
    pub(super) text: Result<String, String>,
}

/// The files at `input`, in order of their names.
pub(super) fn find(input: &Path) -> Vec<Found> {
    let source = input.display().to_string();
    if source == "-" {
        return vec![Found { source, text: text(io::stdin().lock()) }];
    }
    match fs::metadata(input) {
        Err(cause) => vec![Found { source, text: Err(format!("cannot be read: {cause}")) }],
        Ok(metadata) if metadata.is_dir() => directory(input, source),
        Ok(_) => vec![file(input)],
    }
}

fn directory(path: &Path, source: String) -> Vec<Found> {
    let mut paths = Vec::new();
    if let Err(cause) = collect(path, &mut paths) {
        return vec![Found { source, text: Err(format!("cannot be listed: {cause}")) }];
    }
    if paths.is_empty() {
        let reason = "holds no manifest: looked for *.yaml, *.yml and *.json".to_owned();
        return vec![Found { source, text: Err(reason) }];
    }
    paths.sort();
    paths.iter().map(|path| file(path)).collect()
}

/// Hidden entries are left out, and links to directories are not followed, so this ends.
fn collect(path: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&path, paths)?;
        } else if matches!(path.extension().and_then(OsStr::to_str), Some("yaml" | "yml" | "json"))
            && path.is_file()
        {
            paths.push(path);
        }
    }
    Ok(())
}

fn file(path: &Path) -> Found {
    let read = fs::File::open(path).map_err(|cause| format!("cannot be opened: {cause}")).and_then(text);
    Found { source: path.display().to_string(), text: read }
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
