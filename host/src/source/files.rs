//! Policies in files and directories, told apart by the endings of their names.

use std::{
    ffi::OsStr,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;

use super::{Found, Rego, bundle, manifests};
use crate::policy::Candidate;

/// More than any policy has, and little enough for a file that was made to exhaust memory.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// A file that gave no policy.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{origin}: {reason}")]
pub struct SourceError {
    /// The file.
    pub origin: String,
    /// What is wrong, and what to do where that is known.
    pub reason: String,
}

#[derive(Clone, Copy)]
enum Format {
    Wasm,
    WasmGz,
    Bundle,
    Rego,
    Manifests,
}

/// What the endings are, for whoever has another.
const ENDINGS: &str = "*.rego, *.wasm, *.wasm.gz, *.tar.gz, *.tgz, *.yaml and *.yml";

/// Adds the policies at `path`, a file or a directory, to what was found. Every file that could not be read is an
/// error of its own.
pub(super) fn read(path: &Path, found: &mut Found) {
    match fs::metadata(path) {
        Err(cause) => found.errors.push(unreadable(path, &cause)),
        Ok(metadata) if metadata.is_dir() => directory(path, found),
        Ok(_) => {
            if let Err(error) = load(path, stem(path), found, Named::ByHand) {
                found.errors.push(error);
            }
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
    let before = count(found);
    for file in &paths {
        if let Err(error) = load(file, name_below(path, file), found, Named::ByDirectory) {
            found.errors.push(error);
        }
    }
    if count(found) == before {
        found.errors.push(error(path, format!("holds no policy: looked for {ENDINGS}")));
    }
}

/// How a file came to be read: of one that was named by hand a policy is expected.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    ByHand,
    ByDirectory,
}

fn count(found: &Found) -> usize {
    let Found { modules, rego, templates, constraints, data, errors } = found;
    modules.len() + rego.len() + templates.len() + constraints.len() + data.len() + errors.len()
}

/// A file's bytes, within the limit.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, SourceError> {
    let error = |reason: String| SourceError { origin: path.display().to_string(), reason };
    let file = fs::File::open(path).map_err(|cause| error(format!("cannot be opened: {cause}")))?;
    bounded(file).map_err(error)
}

/// A file's text, within the limit.
///
/// # Errors
/// When it cannot be read or is not UTF-8.
pub fn text(path: &Path) -> Result<String, SourceError> {
    let error = |_| SourceError { origin: path.display().to_string(), reason: "is not UTF-8".to_owned() };
    String::from_utf8(read_file(path)?).map_err(error)
}

/// The policy files below a folder. Hidden entries, such as a mounted ConfigMap's own, are left out, and links to
/// folders are not followed, so this ends; a folder that cannot be read may hide a policy, so that is an error.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), SourceError> {
    for entry in fs::read_dir(folder).map_err(|cause| unreadable(folder, &cause))? {
        let entry = entry.map_err(|cause| unreadable(folder, &cause))?;
        let path = entry.path();
        if name_of(&path).starts_with('.') {
            continue;
        }
        if entry.file_type().map_err(|cause| unreadable(&path, &cause))?.is_dir() {
            collect(&path, found)?;
        } else if format_of(&path).is_some() && !is_test(&path) {
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

fn name_of(path: &Path) -> &str {
    path.file_name().and_then(OsStr::to_str).unwrap_or_default()
}

/// The name without its ending.
fn stem(path: &Path) -> String {
    let name = name_of(path);
    name.split_once('.').map_or(name, |(stem, _)| stem).to_owned()
}

/// The path below the directory that was named, without its ending: as unique as the path.
fn name_below(folder: &Path, path: &Path) -> String {
    let below = path.parent().and_then(|parent| parent.strip_prefix(folder).ok());
    let below = below.map(|below| below.join(stem(path)));
    below.map_or_else(|| stem(path), |below| below.display().to_string())
}

/// Unit tests are no policies.
fn is_test(path: &Path) -> bool {
    name_of(path).ends_with("_test.rego")
}

fn format_of(path: &Path) -> Option<Format> {
    let name = name_of(path);
    [
        (".wasm", Format::Wasm),
        (".wasm.gz", Format::WasmGz),
        (".tar.gz", Format::Bundle),
        (".tgz", Format::Bundle),
        (".rego", Format::Rego),
        (".yaml", Format::Manifests),
        (".yml", Format::Manifests),
    ]
    .into_iter()
    .find_map(|(ending, format)| name.ends_with(ending).then_some(format))
}

fn load(path: &Path, name: String, found: &mut Found, named: Named) -> Result<(), SourceError> {
    let origin = path.display().to_string();
    let failed = |reason: String| error(path, reason);
    let format = format_of(path)
        .or_else(|| (named == Named::ByHand && name_of(path).ends_with(".json")).then_some(Format::Manifests))
        .ok_or_else(|| failed(format!("is no policy: expected {ENDINGS}")))?;
    match format {
        Format::Wasm => found.modules.push(module(origin, name, read_file(path)?)),
        Format::WasmGz => {
            let wasm = bounded(MultiGzDecoder::new(&*read_file(path)?)).map_err(failed)?;
            found.modules.push(module(origin, name, wasm));
        }
        Format::Bundle => bundle::read(&origin, &name, &read_file(path)?, found).map_err(failed)?,
        Format::Rego => found.rego.push(Rego { origin, name, text: text(path)? }),
        Format::Manifests => {
            let read = manifests::read(&origin, &text(path)?, found);
            if read == 0 && named == Named::ByHand {
                return Err(failed(manifests::NOTHING.to_owned()));
            }
        }
    }
    Ok(())
}

fn module(origin: String, name: String, wasm: Vec<u8>) -> Candidate {
    Candidate { name, ..Candidate::new(origin, wasm) }
}

/// All of it, within the limit.
pub(super) fn bounded(reader: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = reader.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|cause| format!("cannot be read: {cause}"))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("has more than {MAX_BYTES} bytes"));
    }
    Ok(bytes)
}
