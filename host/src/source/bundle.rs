//! OPA's bundles: a gzipped tar with `policy.wasm`, or Rego, and data files
//! (<https://www.openpolicyagent.org/docs/management-bundles>).

use std::{collections::BTreeMap, io};

use flate2::read::MultiGzDecoder;
use serde_json::{Map, Value};

use super::{Found, Rego, data, files};
use crate::policy::{Annotations, Candidate};

/// The files of a bundle that matter.
#[derive(Default)]
struct Bundle {
    wasm: Option<Vec<u8>>,
    rego: Vec<(String, String)>,
    data: Map<String, Value>,
    annotations: BTreeMap<String, Annotations>,
}

/// What a file of a bundle is read as.
#[derive(Clone, Copy)]
enum Part {
    Module,
    Manifest,
    Data,
    Rego,
}

/// Adds the module of a bundle with its data, or the Rego of one that was not compiled.
pub(super) fn read(origin: &str, name: &str, bytes: &[u8], found: &mut Found) -> Result<(), String> {
    let Bundle { wasm, rego, data, annotations } = unpack(bytes)?;
    if let Some(wasm) = wasm {
        let candidate = Candidate::new(origin, wasm);
        found.modules.push(Candidate { name: name.to_owned(), data, annotations, ..candidate });
        return Ok(());
    }
    if rego.is_empty() {
        return Err("is a bundle with neither policy.wasm nor Rego; build it with magtape build".to_owned());
    }
    data::merge(&mut found.data, &data);
    found.rego.extend(rego.into_iter().map(|(path, text)| Rego {
        origin: format!("{origin}: {path}"),
        name: format!("{name}/{}", path.strip_suffix(".rego").unwrap_or(&path)),
        text,
    }));
    Ok(())
}

/// Reads the files that matter. Without sparse ones they have no more bytes together than the archive, which is
/// within the limit.
fn unpack(bytes: &[u8]) -> Result<Bundle, String> {
    let unpacked = files::bounded(MultiGzDecoder::new(bytes))
        .map_err(|reason| format!("is no bundle of OPA's: {reason}"))?;
    let broken = |cause: io::Error| format!("is no bundle of OPA's: {cause}");
    let mut archive = tar::Archive::new(&*unpacked);
    let mut bundle = Bundle::default();
    for entry in archive.entries().map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let path = entry.path().map_err(broken)?.to_string_lossy().into_owned();
        let path = path.trim_start_matches("./").trim_start_matches('/');
        let kind = entry.header().entry_type();
        if kind.is_gnu_sparse() {
            return Err(format!("{path}: is a sparse file; pack the bundle without those"));
        }
        let Some(part) = Part::of(path).filter(|_| !kind.is_dir()) else { continue };
        if !kind.is_file() {
            return Err(format!("{path}: is no regular file; pack the file itself"));
        }
        let added = files::bounded(entry).and_then(|content| bundle.add(part, path, content));
        added.map_err(|reason| format!("{path}: {reason}"))?;
    }
    Ok(bundle)
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

// === impl Part ===

impl Part {
    fn of(path: &str) -> Option<Self> {
        match split(path) {
            ("", "policy.wasm") => Some(Self::Module),
            ("", ".manifest") => Some(Self::Manifest),
            (_, file) if data::NAMES.contains(&file) => Some(Self::Data),
            (_, file) => (file.ends_with(".rego") && !file.ends_with("_test.rego")).then_some(Self::Rego),
        }
    }
}

// === impl Bundle ===

impl Bundle {
    fn add(&mut self, part: Part, path: &str, content: Vec<u8>) -> Result<(), String> {
        let (folder, file) = split(path);
        match part {
            Part::Module => self.wasm = Some(content),
            Part::Manifest => self.annotations = annotations(&data::parse(&content)?),
            Part::Data => data::merge(&mut self.data, &data::below(folder, data::document(file, &content)?)?),
            Part::Rego => {
                let text = String::from_utf8(content).map_err(|_| "is not UTF-8")?;
                self.rego.push((path.to_owned(), text));
            }
        }
        Ok(())
    }
}

/// What is annotated of the entrypoints, by their packages.
fn annotations(manifest: &Map<String, Value>) -> BTreeMap<String, Annotations> {
    let mut by_package: BTreeMap<String, Annotations> = BTreeMap::new();
    let resolvers = manifest.get("wasm").and_then(Value::as_array);
    for resolver in resolvers.into_iter().flatten() {
        let entrypoint = resolver.get("entrypoint").and_then(Value::as_str).unwrap_or_default();
        let Some((package, _)) = entrypoint.rsplit_once('/') else { continue };
        let annotated = resolver.get("annotations").and_then(Value::as_array);
        let package = by_package.entry(package.to_owned()).or_default();
        annotated.into_iter().flatten().for_each(|annotations| package.narrow(annotations));
    }
    by_package
}

#[cfg(test)]
mod tests;
