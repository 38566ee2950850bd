use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use tar::EntryType;

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

#[test]
fn only_regular_files_are_read_and_only_those_that_matter() {
    for (path, kind, expected) in [
        ("policy.wasm", EntryType::Symlink, "policy.wasm: is no regular file"),
        ("policy.wasm", EntryType::GNUSparse, "policy.wasm: is a sparse file"),
        ("notes.txt", EntryType::GNUSparse, "notes.txt: is a sparse file"),
        ("notes.txt", EntryType::Symlink, "is a bundle with neither"),
        ("policy.wasm", EntryType::Directory, "is a bundle with neither"),
    ] {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        header.as_gnu_mut().unwrap().set_real_size(0);
        tar.append_data(&mut header, path, &b""[..]).unwrap();
        let bytes = tar.into_inner().unwrap().finish().unwrap();
        let error = read("b", "b", &bytes, &mut Found::default()).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_bundle_exhausts_neither_memory_nor_stack() {
    for (depth, is_read) in [(64, true), (65, false), (100_000, false)] {
        let path = format!("{}data.json", "a/".repeat(depth));
        let error = found(&[("p.rego", "package p"), (&path, "{}")]).err();
        assert_eq!(error.is_none(), is_read, "{depth}");
        assert!(error.is_none_or(|error| error.ends_with("data.json: is below more than 64 folders")));
    }
    let large = "x".repeat(files::MAX_BYTES);
    let error = found(&[("policy.wasm", &large)]).unwrap_err();
    assert!(error.ends_with("has more than 33554432 bytes"), "{error}");
}
