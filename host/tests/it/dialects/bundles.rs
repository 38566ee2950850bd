//! Bundles as `opa build` makes them.

use std::{path::Path, process::Command};

use magtape_testing::tools::Tool;

use super::{
    examples::{ADDRESSES, REGISTRY, TAKEN, example, sorted},
    judge::{Check, root},
};

const V0: &[&str] = &["--v0-compatible"];
const WASM_V0: &[&str] = &["--v0-compatible", "-t", "wasm", "-e", "kubernetes/admission/deny"];
const WASM_V1: &[&str] = &["-t", "wasm", "-e", "services/external_addresses/deny"];

fn opa_build(options: &[&str], files: &[&str], to: &Path) {
    let output = Command::new(Tool::Opa.built().unwrap())
        .arg("build")
        .args(options)
        .arg("-o")
        .arg(to)
        .args(files)
        .current_dir(root().join("testing/examples/opa"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_bundle_of_opas_finds_what_its_rego_finds() {
    for (options, files, expected) in [
        (WASM_V0, &["untrusted-registry.rego"][..], sorted(&[REGISTRY])),
        (WASM_V1, &["annotated.rego"], sorted(&[ADDRESSES])),
        (V0, &["untrusted-registry.rego"], sorted(&[REGISTRY])),
        (&[], &["annotated.rego"], sorted(&[ADDRESSES])),
        // One rule of two files, and the data that one of them needs.
        (
            WASM_V0,
            &["untrusted-registry.rego", "unique-pod-name.rego", "data.json"],
            sorted(&[REGISTRY, TAKEN]),
        ),
        (V0, &["untrusted-registry.rego", "unique-pod-name.rego", "data.json"], sorted(&[REGISTRY, TAKEN])),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let bundle = folder.path().join("bundle.tar.gz");
        opa_build(options, files, &bundle);
        let report = Check::with(&[&bundle]).of(&[example("opa/objects")]);
        report.is_whole();
        assert_eq!(report.found(), expected, "{options:?} {files:?}: {}", report.stderr);
    }
}

/// Annotations are in the manifest of a bundle: nothing in the module has them.
#[test]
fn a_bundle_of_an_annotated_policy_looks_at_its_targets_only() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("bundle.tar.gz");
    opa_build(WASM_V1, &["annotated.rego"], &bundle);
    for (level, code) in [("LOW", 0), ("MED", 1)] {
        let report = Check::with(&[&bundle]).option("--deny-level", level).of(&[example("opa/objects")]);
        assert_eq!(report.code, code, "{level}: {}", report.stderr);
    }
}
