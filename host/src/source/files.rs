//! Policies in files and directories, told apart by the endings of their names.

mod names;

use std::{
    fs,
    io::{self, Read},
    os::unix::fs::FileTypeExt,
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;

use self::names::{ENDINGS, Format};
use super::{Found, Rego, bundle, data, manifests};
use crate::policy::Candidate;

/// More than any policy has, and little enough for a file that was made to exhaust memory.
pub(super) const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A file that gave no policy.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{origin}: {reason}")]
pub struct SourceError {
    /// The file.
    pub origin: String,
    /// What is wrong, and what to do where that is known.
    pub reason: String,
}

/// How a file came to be read: of one that was named by hand a policy is expected.
#[derive(Clone, Copy)]
enum Named<'a> {
    ByHand,
    /// Below the directory that was named.
    Below(&'a Path),
}

/// Adds the policies at `path`, a file or a directory, to what was found. Every file that could not be read is an
/// error of its own.
pub(super) fn read(path: &Path, found: &mut Found) {
    match fs::metadata(path) {
        Err(cause) => found.errors.push(unreadable(path, &cause)),
        Ok(metadata) if metadata.is_dir() => directory(path, found),
        Ok(_) => {
            load(path, Named::ByHand, found);
        }
    }
}

fn directory(path: &Path, found: &mut Found) {
    let mut paths = Vec::new();
    if let Err(error) = collect(path, &mut paths) {
        found.errors.push(error);
        return;
    }
    paths.sort();
    let read: usize = paths.iter().map(|file| load(file, Named::Below(path), found)).sum();
    if read == 0 {
        found.errors.push(error(path, format!("holds no policy: looked for {ENDINGS}")));
    }
}

/// A file's bytes, within the limit.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, SourceError> {
    let file = fs::File::open(path).map_err(|cause| unreadable(path, &cause))?;
    bounded(file).map_err(|reason| error(path, reason))
}

/// A file's text, within the limit.
///
/// # Errors
/// When it cannot be read or is not UTF-8.
pub fn text(path: &Path) -> Result<String, SourceError> {
    String::from_utf8(read_file(path)?).map_err(|_| error(path, "is not UTF-8".to_owned()))
}

/// The files below a folder that are read. Hidden entries, such as a mounted ConfigMap's own, are left out, and links
/// to folders are not followed, so this ends; a folder that cannot be read may hide a policy, so that is an error.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), SourceError> {
    for entry in fs::read_dir(folder).map_err(|cause| unreadable(folder, &cause))? {
        let entry = entry.map_err(|cause| unreadable(folder, &cause))?;
        let path = entry.path();
        if names::is_hidden(&path) {
            continue;
        }
        if entry.file_type().map_err(|cause| unreadable(&path, &cause))?.is_dir() {
            collect(&path, found)?;
        } else if names::is_wanted(&path) && !path.is_dir() {
            found.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, cause: &io::Error) -> SourceError {
    error(path, format!("cannot be opened: {cause}"))
}

fn error(path: &Path, reason: String) -> SourceError {
    SourceError { origin: path.display().to_string(), reason }
}

/// Adds what a file has, and says how much that is; an error is something too.
fn load(path: &Path, named: Named, found: &mut Found) -> usize {
    let loaded = match named {
        Named::ByHand => by_hand(path, found),
        Named::Below(root) => below(root, path, found),
    };
    loaded.unwrap_or_else(|error| {
        found.errors.push(error);
        1
    })
}

/// A pipe may be named, as the shell does for what a command writes.
fn by_hand(path: &Path, found: &mut Found) -> Result<usize, SourceError> {
    openable(path, |kind| kind.is_file() || kind.is_fifo())?;
    let format = names::format_of(path).or_else(|| names::ends(path, ".json").then_some(Format::Manifests));
    let format = format.ok_or_else(|| error(path, format!("is no policy: expected {ENDINGS}")))?;
    match policies(path, names::stem(path), format, found)? {
        0 if names::is_data(path) => {
            Err(error(path, "holds no policy; a data document is given with --data, as JSON".to_owned()))
        }
        0 => Err(error(path, manifests::NOTHING.to_owned())),
        read => Ok(read),
    }
}

fn below(root: &Path, path: &Path, found: &mut Found) -> Result<usize, SourceError> {
    openable(path, fs::FileType::is_file)?;
    match names::format_of(path) {
        _ if names::is_data(path) => document(root, path, found),
        Some(format) => policies(path, names::name_below(root, path), format, found),
        None => Ok(0),
    }
}

/// Opening anything else, such as a pipe, may wait for ever.
fn openable(path: &Path, is_openable: impl Fn(&fs::FileType) -> bool) -> Result<(), SourceError> {
    let metadata = fs::metadata(path).map_err(|cause| unreadable(path, &cause))?;
    if is_openable(&metadata.file_type()) {
        Ok(())
    } else {
        Err(error(path, "is no regular file".to_owned()))
    }
}

/// A data document, where its folder says that it belongs. Kubernetes objects may have such a name too.
fn document(root: &Path, path: &Path, found: &mut Found) -> Result<usize, SourceError> {
    let text = text(path)?;
    if !names::ends(path, ".json") && manifests::are_in(&text) {
        return Ok(manifests::read(&path.display().to_string(), &text, found));
    }
    let document = data::document(&names::shown(path), text.as_bytes())
        .and_then(|document| data::below(&names::folder_below(root, path), document))
        .map_err(|reason| error(path, reason))?;
    data::merge(&mut found.data, &document);
    Ok(1)
}

fn policies(path: &Path, name: String, format: Format, found: &mut Found) -> Result<usize, SourceError> {
    let origin = path.display().to_string();
    let failed = |reason: String| error(path, reason);
    match format {
        Format::Wasm => found.modules.push(module(origin, name, read_file(path)?)),
        Format::WasmGz => {
            let wasm = bounded(MultiGzDecoder::new(&*read_file(path)?)).map_err(failed)?;
            found.modules.push(module(origin, name, wasm));
        }
        Format::Bundle => bundle::read(&origin, &name, &read_file(path)?, found).map_err(failed)?,
        Format::Rego => found.rego.push(Rego { origin, name, text: text(path)? }),
        Format::Manifests => return Ok(manifests::read(&origin, &text(path)?, found)),
    }
    Ok(1)
}

fn module(origin: String, name: String, wasm: Vec<u8>) -> Candidate {
    Candidate { name, ..Candidate::new(origin, wasm) }
}

/// All of it, within the limit.
pub(super) fn bounded(reader: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = reader.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|cause| format!("cannot be read: {cause}"))?;
    if bytes.len() > MAX_BYTES {
        return Err(format!("has more than {MAX_BYTES} bytes"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
