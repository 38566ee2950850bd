//! OPA's bundles: a gzipped tar with `policy.wasm` and data files
//! (<https://www.openpolicyagent.org/docs/management-bundles>).

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use serde_json::{Map, Value};

use super::{Artefact, data, files};
use crate::yaml::{self, Dialect};

/// The module and the data of a bundle.
pub(super) fn read(origin: &str, bytes: &[u8]) -> Result<Artefact, String> {
    let unpacked = files::bounded(MultiGzDecoder::new(bytes))
        .map_err(|reason| format!("is no bundle of OPA's: {reason}"))?;
    let broken = |cause: io::Error| format!("is no bundle of OPA's: {cause}");
    let mut archive = tar::Archive::new(&*unpacked);
    let (mut wasm, mut data) = (None, Map::new());
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let path = entry.path().map_err(broken)?.to_string_lossy().into_owned();
        let path = path.trim_start_matches("./").trim_start_matches('/');
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(broken)?;
        match file {
            "policy.wasm" if folder.is_empty() => wasm = Some(content),
            "data.json" | "data.yaml" | "data.yml" => {
                let document = document(file, &content).map_err(|reason| format!("{path}: {reason}"))?;
                data::merge(&mut data, &below(folder, document));
            }
            _ => {}
        }
    }
    let wasm = wasm.ok_or("is a bundle without policy.wasm; build it with opa build -t wasm")?;
    Ok(Artefact { origin: origin.to_owned(), wasm, data })
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

    #[test]
    fn data_lands_where_its_folder_says() {
        let files = [
            ("./policy.wasm", "module"),
            ("data.json", r#"{"a": {"x": 1}}"#),
            ("a/b/data.json", r#"{"y": 2}"#),
            ("c/data.yaml", "z: [3]"),
            (".manifest", "{}"),
        ];
        let artefact = read("b", &bundle(&files)).unwrap();
        assert_eq!(artefact.wasm, b"module");
        assert_eq!(Value::Object(artefact.data), json!({"a": {"x": 1, "b": {"y": 2}}, "c": {"z": [3]}}));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (files, expected) in [
            (&[("data.json", "{}")][..], "is a bundle without policy.wasm"),
            (&[("a/data.json", "[]")][..], "a/data.json: a data document must be a JSON object"),
            (&[("data.yaml", "a: [")][..], "data.yaml: line"),
        ] {
            let error = read("b", &bundle(files)).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
        assert!(read("b", b"nonsense").unwrap_err().starts_with("is no bundle of OPA's"));
    }
}
