//! What the names of files say. Endings are matched on bytes: a name that is not UTF-8 has them too.

use std::{borrow::Cow, ffi::OsStr, path::Path};

use super::super::data;

#[derive(Clone, Copy)]
pub(super) enum Format {
    Wasm,
    WasmGz,
    Bundle,
    Rego,
    Manifests,
}

const FORMATS: [(&str, Format); 7] = [
    (".wasm", Format::Wasm),
    (".wasm.gz", Format::WasmGz),
    (".tar.gz", Format::Bundle),
    (".tgz", Format::Bundle),
    (".rego", Format::Rego),
    (".yaml", Format::Manifests),
    (".yml", Format::Manifests),
];

/// What the endings are, for whoever has another.
pub(super) const ENDINGS: &str = "*.rego, *.wasm, *.wasm.gz, *.tar.gz, *.tgz, *.yaml and *.yml";

pub(super) fn format_of(path: &Path) -> Option<Format> {
    FORMATS.into_iter().find_map(|(ending, format)| ends(path, ending).then_some(format))
}

/// Whether a file of a directory is read: unit tests are no policies.
pub(super) fn is_wanted(path: &Path) -> bool {
    is_data(path) || (format_of(path).is_some() && !ends(path, "_test.rego"))
}

pub(super) fn is_data(path: &Path) -> bool {
    path.file_name().is_some_and(|name| data::NAMES.iter().any(|data| name == *data))
}

pub(super) fn is_hidden(path: &Path) -> bool {
    bytes(path).starts_with(b".")
}

pub(super) fn ends(path: &Path, ending: &str) -> bool {
    bytes(path).ends_with(ending.as_bytes())
}

/// The name as it is shown.
pub(super) fn shown(path: &Path) -> Cow<'_, str> {
    path.file_name().map_or(Cow::Borrowed(""), OsStr::to_string_lossy)
}

/// The name without its ending.
pub(super) fn stem(path: &Path) -> String {
    let name = shown(path);
    let ending = FORMATS.iter().find_map(|(ending, _)| name.strip_suffix(ending));
    ending.or_else(|| name.strip_suffix(".json")).unwrap_or(&name).to_owned()
}

/// The path below the directory that was named, without its ending: as unique as the path.
pub(super) fn name_below(root: &Path, path: &Path) -> String {
    let folder = folder_below(root, path);
    if folder.is_empty() { stem(path) } else { format!("{folder}/{}", stem(path)) }
}

/// The folders between the directory that was named and the file.
pub(super) fn folder_below(root: &Path, path: &Path) -> String {
    let below = path.parent().and_then(|parent| parent.strip_prefix(root).ok());
    below.map(|below| below.to_string_lossy().into_owned()).unwrap_or_default()
}

fn bytes(path: &Path) -> &[u8] {
    path.file_name().map(OsStr::as_encoded_bytes).unwrap_or_default()
}
