//! OPA's bundles: a gzipped tar with `policy.wasm`, or Rego, and data files
//! (<https://www.openpolicyagent.org/docs/management-bundles>).

use std::{
    collections::BTreeMap,
    io::{self, Read},
};

use flate2::read::MultiGzDecoder;
use serde_json::{Map, Value};

use super::{Found, Rego, data, files};
use crate::{
    policy::{Annotations, Candidate},
    yaml::{self, Dialect},
};

/// The files of a bundle that matter.
#[derive(Default)]
struct Bundle {
    wasm: Option<Vec<u8>>,
    rego: Vec<(String, String)>,
    data: Map<String, Value>,
    annotations: BTreeMap<String, Annotations>,
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

fn unpack(bytes: &[u8]) -> Result<Bundle, String> {
    let unpacked = files::bounded(MultiGzDecoder::new(bytes))
        .map_err(|reason| format!("is no bundle of OPA's: {reason}"))?;
    let broken = |cause: io::Error| format!("is no bundle of OPA's: {cause}");
    let mut archive = tar::Archive::new(&*unpacked);
    let mut bundle = Bundle::default();
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let path = entry.path().map_err(broken)?.to_string_lossy().into_owned();
        let path = path.trim_start_matches("./").trim_start_matches('/');
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(broken)?;
        bundle.add(path, content).map_err(|reason| format!("{path}: {reason}"))?;
    }
    Ok(bundle)
}

// === impl Bundle ===

impl Bundle {
    fn add(&mut self, path: &str, content: Vec<u8>) -> Result<(), String> {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        match file {
            "policy.wasm" if folder.is_empty() => self.wasm = Some(content),
            ".manifest" if folder.is_empty() => self.annotations = annotations(&data::parse(&content)?),
            "data.json" | "data.yaml" | "data.yml" => {
                data::merge(&mut self.data, &below(folder, document(file, &content)?));
            }
            _ if file.ends_with(".rego") && !file.ends_with("_test.rego") => {
                let text = String::from_utf8(content).map_err(|_| "is not UTF-8")?;
                self.rego.push((path.to_owned(), text));
            }
            _ => {}
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

fn document(file: &str, content: &[u8]) -> Result<Map<String, Value>, String> {
    if file == "data.json" {
        return data::parse(content);
    }
    let text = std::str::from_utf8(content).map_err(|_| "is not UTF-8")?;
    match yaml::parse_as(Dialect::Opa, text, content.len().saturating_mul(16)) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("a data document must be an object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The document where its folder says that it belongs: `a/b/data.json` is `data.a.b`.
fn below(folder: &str, document: Map<String, Value>) -> Map<String, Value> {
    let names = folder.split('/').rev().filter(|name| !name.is_empty());
    names.fold(document, |inner, name| Map::from_iter([(name.to_owned(), Value::Object(inner))]))
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};
    use serde_json::json;

    use super::*;

    fn bundle(files: &[(&str, &str)]) -> Vec<u8> {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, path, content.as_bytes()).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    }

    fn found(files: &[(&str, &str)]) -> Result<Found, String> {
        let mut found = Found::default();
        read("b", "b", &bundle(files), &mut found).map(|()| found)
    }

    #[test]
    fn data_lands_where_its_folder_says() {
        let files = [
            ("./policy.wasm", "module"),
            ("data.json", r#"{"a": {"x": 1}}"#),
            ("a/b/data.json", r#"{"y": 2}"#),
            ("c/data.yaml", "z: [3]"),
            (".manifest", r#"{"wasm": [{"entrypoint": "p/deny", "annotations": [{"title": "t"}]}]}"#),
        ];
        let module = found(&files).unwrap().modules.remove(0);
        assert_eq!(module.wasm, b"module");
        assert_eq!(module.annotations["p"].text("title").unwrap(), "t");
        assert_eq!(Value::Object(module.data), json!({"a": {"x": 1, "b": {"y": 2}}, "c": {"z": [3]}}));
    }

    #[test]
    fn a_bundle_that_was_not_compiled_has_rego() {
        let found = found(&[("a/p.rego", "package p"), ("a/p_test.rego", "package p_test")]).unwrap();
        assert_eq!(found.rego.len(), 1);
        assert_eq!((found.rego[0].origin.as_str(), found.rego[0].name.as_str()), ("b: a/p.rego", "b/a/p"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (files, expected) in [
            (&[("data.json", "{}")][..], "is a bundle with neither policy.wasm nor Rego"),
            (&[("a/data.json", "[]")][..], "a/data.json: a data document must be a JSON object"),
            (&[("data.yaml", "a: [")][..], "data.yaml: line"),
        ] {
            let error = found(files).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
        let error = read("b", "b", b"nonsense", &mut Found::default()).unwrap_err();
        assert!(error.starts_with("is no bundle of OPA's"), "{error}");
    }
}
