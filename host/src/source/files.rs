//! Policies in files and directories: `.wasm`, `.wasm.gz`, and bundles `.tar.gz` as `opa build -t wasm` writes
//! them.

use std::{
    ffi::OsStr,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;

use super::{Artefact, bundle};

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

enum Format {
    Wasm,
    WasmGz,
    Bundle,
    Rego,
}

/// Reads the policies at `path`, a file or a directory. Every file that gave none is an error of its own.
pub fn read(path: &Path) -> (Vec<Artefact>, Vec<SourceError>) {
    let paths = match find(path) {
        Ok(paths) => paths,
        Err(error) => return (Vec::new(), vec![error]),
    };
    let (mut artefacts, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        match load(&path) {
            Ok(artefact) => artefacts.push(artefact),
            Err(error) => errors.push(error),
        }
    }
    (artefacts, errors)
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

/// The policy files at `path`, in order.
fn find(path: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let metadata = fs::metadata(path).map_err(|cause| unreadable(path, &cause))?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    collect(path, &mut found)?;
    if found.is_empty() {
        let reason = "holds no policy: looked for *.wasm, *.wasm.gz, *.tar.gz and *.tgz".to_owned();
        return Err(SourceError { origin: path.display().to_string(), reason });
    }
    found.sort();
    Ok(found)
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
        } else if format_of(&path).is_some_and(|format| !matches!(format, Format::Rego)) {
            found.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, cause: &io::Error) -> SourceError {
    SourceError { origin: path.display().to_string(), reason: format!("cannot be opened: {cause}") }
}

fn name_of(path: &Path) -> &str {
    path.file_name().and_then(OsStr::to_str).unwrap_or_default()
}

fn format_of(path: &Path) -> Option<Format> {
    let name = name_of(path);
    [
        (".wasm", Format::Wasm),
        (".wasm.gz", Format::WasmGz),
        (".tar.gz", Format::Bundle),
        (".tgz", Format::Bundle),
        (".rego", Format::Rego),
    ]
    .into_iter()
    .find_map(|(ending, format)| name.ends_with(ending).then_some(format))
}

fn load(path: &Path) -> Result<Artefact, SourceError> {
    let origin = path.display().to_string();
    let error = |reason: String| SourceError { origin: origin.clone(), reason };
    let format = format_of(path);
    let bytes = read_file(path)?;
    match format {
        Some(Format::Wasm) => Ok(Artefact { origin, wasm: bytes, data: Default::default() }),
        Some(Format::WasmGz) => {
            let wasm = bounded(MultiGzDecoder::new(&*bytes)).map_err(error)?;
            Ok(Artefact { origin, wasm, data: Default::default() })
        }
        Some(Format::Bundle) => bundle::read(&origin, &bytes).map_err(error),
        Some(Format::Rego) => Err(error(
            "is Rego source, and this host takes compiled policies; compile it first: opa build -t wasm -e \
             kubernetes/admission/<name>/deny -e …/matches -e …/policy_metadata"
                .to_owned(),
        )),
        None => Err(error("is no policy: expected *.wasm, *.wasm.gz, *.tar.gz or *.tgz".to_owned())),
    }
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
