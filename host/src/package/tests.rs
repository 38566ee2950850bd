use std::{collections::BTreeMap, io::Read};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::*;

fn candidate(annotations: &Value) -> Candidate {
    let mut annotated = Annotations::default();
    annotated.narrow(annotations);
    Candidate {
        origin: "p.rego".to_owned(),
        name: "p".to_owned(),
        wasm: b"module".to_vec(),
        manifest: manifest(&["a/p/deny".to_owned(), "a/p/matches".to_owned()]),
        annotations: BTreeMap::from([("a/p".to_owned(), annotated)]),
        ..Candidate::default()
    }
}

/// The files of its bundle.
fn unpack(candidate: &Candidate) -> Vec<(String, Vec<u8>)> {
    let bundle = bundle(candidate).unwrap();
    let mut archive = tar::Archive::new(GzDecoder::new(&*bundle));
    let file = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (entry.path().unwrap().display().to_string(), content)
    };
    archive.entries().unwrap().map(file).collect()
}

/// The annotations that the last entrypoint has in the bundle's manifest.
fn shipped(candidate: &Candidate) -> Value {
    let (path, manifest) = unpack(candidate).remove(0);
    assert_eq!(path, "/.manifest");
    serde_json::from_slice::<Value>(&manifest).unwrap()["wasm"][1]["annotations"].take()
}

#[test]
fn a_bundle_has_opas_files() {
    let mut policy = candidate(&json!({}));
    policy.data = json!({"k": [1]}).as_object().unwrap().clone();
    let files = unpack(&policy);
    let manifest = "{\"revision\":\"\",\"roots\":[\"\"],\"wasm\":[{\"entrypoint\":\"a/p/deny\",\"module\":\"/policy.wasm\"},\
                    {\"entrypoint\":\"a/p/matches\",\"module\":\"/policy.wasm\"}]}\n";
    let expected = [("/.manifest", manifest), ("/data.json", "{\"k\":[1]}\n"), ("/policy.wasm", "module")];
    let files: Vec<_> = files.iter().map(|(path, text)| (&**path, str::from_utf8(text).unwrap())).collect();
    assert_eq!(files, expected);
}

#[test]
fn what_the_host_reads_of_annotations_is_shipped() {
    let custom = json!({
        "name": "n", "severity": "LOW", "errcode": "E1", "targets": ["Pod"], "operations": ["CREATE"],
        "dialect": "gatekeeper", "parameters": {"x": 1}, "title": "t", "description": "d", "url": "u",
    });
    let annotations = json!({
        "title": "t", "description": "d", "related_resources": [{"ref": "https://example.com"}], "custom": custom,
        "scope": "package",
    });
    assert_eq!(shipped(&candidate(&annotations)), json!([annotations]));
}

/// The narrower annotation comes last, and the host reads those of all entrypoints.
#[test]
fn what_is_in_force_comes_after_what_opa_wrote() {
    let mut policy = candidate(&json!({"title": "in force"}));
    let other = json!({"scope": "rule", "title": "of another rule"});
    policy.manifest["wasm"][1]["annotations"] = json!([other]);
    assert_eq!(shipped(&policy), json!([other, {"scope": "package", "title": "in force"}]));
}

#[test]
fn the_same_policy_gives_the_same_bytes() {
    let policy = candidate(&json!({}));
    let packed = bundle(&policy).unwrap();
    assert_eq!(packed, bundle(&policy.clone()).unwrap());
    // No name and no time in the head of the file.
    assert_eq!(packed[3..8], [0; 5]);
    assert_eq!(gzip(b"module").unwrap()[3..8], [0; 5]);
}

#[test]
fn a_module_alone_must_not_lose_anything() {
    assert!(module(&candidate(&json!({"title": "t"}))).is_ok());
    let lost =
        module(&candidate(&json!({"custom": {"severity": "LOW", "name": "n"}}))).unwrap_err().to_string();
    assert!(lost.starts_with("has name, severity among its annotations"), "{lost}");
    let with_data =
        Candidate { data: [("k".to_owned(), json!(1))].into_iter().collect(), ..candidate(&json!({})) };
    assert!(module(&with_data).is_err());
}

#[test]
fn a_component_must_not_lose_its_data() {
    let mut policy = candidate(&json!({}));
    assert_eq!(component(&policy), Ok(&policy.wasm[..]));
    policy.data.insert("k".to_owned(), json!(1));
    assert!(component(&policy).unwrap_err().to_string().contains("give it with --data"));
}

#[test]
fn files_are_named_after_policies() {
    let named = |origin: &str, name: &str| Candidate {
        origin: origin.to_owned(),
        name: name.to_owned(),
        ..Candidate::default()
    };
    let names = |policies: &[(Candidate, &str)]| {
        file_names(policies.iter().map(|(policy, ending)| (policy, *ending)))
    };
    let files = names(&[(named("1", "a/b"), ".tar.gz"), (named("2", "a-b"), ".wasm")]).unwrap();
    assert_eq!(files, ["a-b.tar.gz", "a-b.wasm"]);
    let same = names(&[(named("1", "a/b"), ".tar.gz"), (named("2", "a-b"), ".tar.gz")]);
    let (origin, error) = same.unwrap_err();
    assert_eq!(
        (origin.as_str(), error.to_string().as_str()),
        ("2", "would be written to a-b.tar.gz, like 1; name the folder above them, or rename one")
    );
    for name in ["", ".p", "..", "."] {
        let (origin, error) = names(&[(named("1", name), ".tar.gz")]).unwrap_err();
        let expected =
            format!("would be written to \"{name}.tar.gz\", a hidden file; rename the policy's file");
        assert_eq!((origin, error.to_string()), ("1".to_owned(), expected));
    }
}
