//! `magtape build` as a user runs it: what it writes is what OPA writes, and what the host reads.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use flate2::read::GzDecoder;
use magtape_testing::tools::Tool;
use serde_json::Value;

const DENIES_ALL: &str = "\
# METADATA
# title: Nothing passes
# custom:
#   name: nothing-passes
#   severity: MED
#   errcode: ORG7
package org.nothing

deny contains \"nothing passes\"
";

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app}]}\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn magtape(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_magtape"))
        .args(arguments)
        .current_dir(folder)
        .env("MAGTAPE_CACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
        .output()
        .unwrap()
}

fn build(folder: &Path, arguments: &[&str]) -> Output {
    magtape(folder, &[&["build"], arguments].concat())
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Runs OPA, which must succeed.
fn opa(folder: &Path, arguments: &[&str]) -> String {
    let output =
        Command::new(Tool::Opa.built().unwrap()).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The manifest of a crate without dependencies.
fn package(crate_type: &str) -> String {
    format!(
        "[package]\nname = \"p\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"{crate_type}\"]\n[workspace]\n"
    )
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A file of a bundle.
fn file(bundle: &Path, path: &str) -> Vec<u8> {
    let mut archive = tar::Archive::new(GzDecoder::new(fs::File::open(bundle).unwrap()));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.path().unwrap() == Path::new(path) {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            return content;
        }
    }
    panic!("{} has no {path}", bundle.display());
}

fn manifest(bundle: &Path) -> Value {
    serde_json::from_slice(&file(bundle, "/.manifest")).unwrap()
}

/// Builds a policy here and by OPA, in its own folder and so with the same path in the module.
fn compare(folder: &Path, policy: &str, flags: &[&str]) {
    let out = tempfile::tempdir().unwrap();
    let [ours, opas] = ["ours.tar.gz", "opas.tar.gz"].map(|name| out.path().join(name));
    let output = build(folder, &["-o", ours.to_str().unwrap(), policy]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let asked = manifest(&ours);
    let entrypoints = asked["wasm"].as_array().unwrap().iter();
    let entrypoints: Vec<&str> =
        entrypoints.flat_map(|entry| ["-e", entry["entrypoint"].as_str().unwrap()]).collect();
    let fixed = ["build", "-t", "wasm", "-o", opas.to_str().unwrap(), policy];
    opa(folder, &[&fixed[..], flags, &entrypoints].concat());
    let place = folder.join(policy);
    assert!(file(&ours, "/policy.wasm") == file(&opas, "/policy.wasm"), "{}", place.display());
    assert_eq!(file(&ours, "/data.json"), file(&opas, "/data.json"));
    let mut made = asked;
    for resolver in made["wasm"].as_array_mut().unwrap() {
        resolver.as_object_mut().unwrap().remove("annotations");
    }
    assert_eq!(made, manifest(&opas), "{}", place.display());
}

#[test]
fn the_module_is_opas_to_the_byte() {
    let policies = fs::read_dir(root().join("policies-rego")).unwrap().map(|entry| entry.unwrap().path());
    let policies: Vec<PathBuf> = policies.filter(|folder| folder.join("policy.rego").exists()).collect();
    assert!(policies.len() > 10, "{policies:?}");
    policies.iter().for_each(|folder| compare(folder, "policy.rego", &[]));
    let v0 = ["--v0-compatible"];
    compare(&root().join("testing/examples/magtape"), "liveness-probe.rego", &v0);
    compare(&root().join("testing/examples/opa"), "untrusted-registry.rego", &v0);
}

#[test]
fn opa_takes_the_bundle() {
    let folder = folder(&[("p.rego", DENIES_ALL)]);
    assert_eq!(code(&build(folder.path(), &["p.rego"])), 0);
    assert_eq!(names(folder.path()), ["bundle.tar.gz", "p.rego"]);
    let shown = opa(folder.path(), &["inspect", "-f", "json", "-a", "bundle.tar.gz"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["namespaces"]["data.org.nothing.deny"], serde_json::json!(["/policy.wasm"]), "{shown}");
    assert_eq!(shown["annotations"][0]["annotations"]["custom"]["errcode"], "ORG7", "{shown}");
    // An OPA that was built without an engine gets as far as the module, whoever made the bundle.
    opa(folder.path(), &["build", "-t", "wasm", "-e", "org/nothing/deny", "-o", "opas.tar.gz", "p.rego"]);
    let eval = |bundle: &str| {
        let arguments = ["eval", "-f", "json", "-b", bundle, "data.org.nothing.deny"];
        let mut command = Command::new(Tool::Opa.built().unwrap());
        command.args(arguments).current_dir(folder.path()).output().unwrap().stdout
    };
    assert_eq!(eval("bundle.tar.gz"), eval("opas.tar.gz"));
}

#[test]
fn the_same_source_gives_the_same_bytes_in_every_form() {
    let folder = folder(&[("p.rego", "package p\n\ndeny contains \"no\"\n")]);
    let built = |out: &str| {
        let output = build(folder.path(), &["-o", out, "p.rego"]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let said = stderr(&output);
        let content = fs::read(folder.path().join(out)).unwrap();
        assert!(said.contains(&format!("of 1 policy to {out}: {} bytes", content.len())), "{said}");
        content
    };
    for out in ["b.tar.gz", "m.wasm", "m.wasm.gz"] {
        assert_eq!(built(out), built(out), "{out}");
    }
    let module = built("m.wasm");
    assert_eq!(module, file(&folder.path().join("b.tar.gz"), "/policy.wasm"));
    let mut unzipped = Vec::new();
    GzDecoder::new(&*built("m.wasm.gz")).read_to_end(&mut unzipped).unwrap();
    assert_eq!(module, unzipped);
    let output = build(folder.path(), &["-o", "-", "p.rego"]);
    assert_eq!(output.stdout, fs::read(folder.path().join("b.tar.gz")).unwrap());
}

#[test]
fn what_was_built_is_loaded() {
    let folder = folder(&[("in/a/p.rego", DENIES_ALL), ("in/q.rego", "package q\n\ndeny contains \"q\"\n")]);
    fs::write(folder.path().join("pod.yaml"), POD).unwrap();
    for (out, arguments) in
        [("out", &["-o", "out/"][..]), ("out.yaml", &["-o", "out.yaml", "--configmap", "my-policies"])]
    {
        let output = build(folder.path(), &[arguments, &["in"]].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let output = magtape(folder.path(), &["check", "-o", "json", "--policies", out, "pod.yaml"]);
        assert_eq!(code(&output), 1, "{}", stderr(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let violations = report["results"][0]["violations"].as_array().unwrap();
        let said: Vec<_> = violations.iter().map(|found| (&found["severity"], &found["errcode"])).collect();
        assert_eq!(serde_json::json!(said), serde_json::json!([["HIGH", "OPA"], ["MED", "ORG7"]]), "{out}");
    }
    assert_eq!(names(&folder.path().join("out")), ["a-p.tar.gz", "q.tar.gz"]);
    let output = build(folder.path(), &["--configmap", "my-policies", "--namespace", "n", "in", "out.yaml"]);
    assert!(
        code(&output) == 2 && stderr(&output).contains("is taken by the policy from"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn modules_and_bundles_are_taken_as_they_are() {
    let folder = folder(&[("in/p.rego", DENIES_ALL)]);
    let done = |arguments: &[&str]| {
        let output = build(folder.path(), arguments);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        output
    };
    done(&["-o", "p.tar.gz", "in"]);
    done(&["-o", "again.tar.gz", "p.tar.gz"]);
    let [first, again] = ["p.tar.gz", "again.tar.gz"].map(|name| folder.path().join(name));
    assert_eq!(file(&first, "/policy.wasm"), file(&again, "/policy.wasm"));
    assert_eq!(manifest(&first)["wasm"], manifest(&again)["wasm"]);
    // What an earlier run wrote beside the source is not a second policy.
    for _ in 0..2 {
        done(&["-o", "in/out.tar.gz", "in"]);
        fs::remove_file(folder.path().join("in/out.tar.gz")).unwrap();
        done(&["-o", "in", "in"]);
        done(&["-o", "in", "in"]);
        fs::remove_file(folder.path().join("in/p.tar.gz")).unwrap();
    }
    done(&["-o", "in/out.tar.gz", "in"]);
    done(&["-o", "in/out.tar.gz", "in"]);
}

/// Of crates they are made; tests/it/writing.rs has that.
#[test]
fn components_are_written_alone() {
    let shipped = root().join("policies-wasm/dist/mt1001-liveness-probe.wasm");
    let shipped = shipped.to_str().unwrap();
    let folder = folder(&[("p.rego", DENIES_ALL), ("pod.yaml", POD), ("with/data.json", "{\"a\": 1}")]);
    let place = folder.path();
    fs::copy(shipped, place.join("with/p.wasm")).unwrap();
    for (arguments, expected) in [
        (&["-o", "one.wasm"][..], "wrote the component of 1 policy to one.wasm: "),
        (&["-o", "one.wasm.gz"], "wrote the compressed component of 1 policy to one.wasm.gz: "),
        (&["-o", "one/"], "wrote the component of 1 policy to one/: "),
        (&["-o", "two/", "p.rego"], "wrote the bundles and components of 2 policies to two/: "),
        (
            &["-o", "two.yaml", "--configmap", "m", "p.rego"],
            "wrote the ConfigMap of 2 policies to two.yaml: ",
        ),
    ] {
        let output = build(place, &[arguments, &[shipped]].concat());
        assert!(code(&output) == 0 && stderr(&output).contains(expected), "{}", stderr(&output));
        let output = magtape(place, &["check", "-o", "json", "--policies", arguments[1], "pod.yaml"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let violations = report["results"][0]["violations"].as_array().unwrap().iter();
        assert!(violations.clone().any(|found| found["errcode"] == "MT1001"), "{report}");
        assert_eq!(violations.count(), if arguments.len() == 2 { 1 } else { 2 }, "{report}");
    }
    assert_eq!(names(&place.join("two")), ["mt1001-liveness-probe.wasm", "p.tar.gz"]);
    let component = fs::read(place.join("one.wasm")).unwrap();
    assert!(component.starts_with(b"\0asm\x0d\0\x01\0"), "no module any more");
    assert_eq!(component, build(place, &["-o", "-", shipped]).stdout);
    // A component stays as it is.
    assert_eq!(code(&build(place, &["-o", "again.wasm", "one.wasm"])), 0);
    assert_eq!(component, fs::read(place.join("again.wasm")).unwrap());
    for (arguments, expected) in [
        (
            &["-o", "x.tar.gz", shipped][..],
            "is a component, which OPA's bundles do not hold; write it to *.wasm",
        ),
        (&[shipped], "is a component, which OPA's bundles do not hold"),
        (&["-o", "x.wasm", "with"], "has a data document, which a component cannot hold"),
    ] {
        let output = build(place, arguments);
        assert!(code(&output) == 2 && stderr(&output).contains(expected), "{}", stderr(&output));
    }
    assert!(!names(place).iter().any(|name| name.starts_with('x')), "{:?}", names(place));
}

#[test]
fn what_is_broken_is_named_and_nothing_is_written() {
    let folder = folder(&[
        ("in/good.rego", DENIES_ALL),
        ("in/bad.rego", "package bad\n\ndeny contains msg if { msg := nofn(1) }\n"),
        ("in/odd.rego", "# METADATA\n# custom:\n#   severity: GRAVE\npackage odd\n\ndeny contains \"x\"\n"),
        ("crate/Cargo.toml", ""),
        ("library/Cargo.toml", &package("rlib")),
        ("library/src/lib.rs", ""),
        ("empty-crate/Cargo.toml", &package("cdylib")),
        ("empty-crate/src/lib.rs", ""),
        ("empty/notes.txt", ""),
    ]);
    let template = root().join("testing/examples/gatekeeper/allowed-repos");
    let before = names(folder.path());
    let cases: [(&[&str], &str); 17] = [
        (&["-o", "out/", "in"], "in/bad.rego:3:31: rego_type_error: undefined function nofn"),
        (&["-o", "out/", "in"], "in/odd.rego: annotation custom.severity"),
        (&["--configmap", "a", "-o", "out.yaml", "in/bad.rego"], "nothing was written"),
        (&["-o", "out.tar.gz", template.to_str().unwrap()], "constraint.yaml, document 1: is Gatekeeper's"),
        (
            &["-o", "out.tar.gz", "crate"],
            "out.tar.gz: is a bundle of OPA's, and of a crate a component is made",
        ),
        (&["crate"], "cargo could not build crate; nothing was written"),
        (&["-o", "out/", "in/good.rego", "crate/Cargo.toml"], "cargo could not build crate"),
        (&["-o", "out.wasm", "library"], "library makes no module: its Cargo.toml needs `[lib] crate-type"),
        (&["empty-crate"], "empty-crate: p exports no policy: `magtape_sdk::export!(TYPE);`"),
        (&["in/good.rego", "crate"], "bundle.tar.gz: is a bundle of OPA's"),
        (&["-o", "out.tar.gz", "empty"], "holds no policy"),
        (&["-o", "out.tar.gz", "nowhere.rego"], "nowhere.rego: cannot be opened"),
        (&["-o", "out.wasm", "in/good.rego"], "has errcode, name, severity among its annotations"),
        (&["-o", "out.zip", "in/good.rego"], "out.zip: what is written is told from the ending"),
        (&["-o", "out.yaml", "in/good.rego"], "out.yaml: a ConfigMap needs a name"),
        (&["--configmap", "A", "in/good.rego"], "\"A\" is no name of a ConfigMap"),
        (&["--configmap", "a", "--namespace", "a.b", "in/good.rego"], "\"a.b\" is no name of a namespace"),
    ];
    for (arguments, expected) in cases {
        let output = build(folder.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{arguments:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert_eq!(names(folder.path()), before, "{arguments:?}");
    }
}

#[test]
fn several_policies_need_a_place_each() {
    let one = "package a\n\ndeny contains \"x\"\n";
    let folder = folder(&[("in/a/p.rego", one), ("in/a-p.rego", one), ("in/sp ace.rego", one)]);
    for (arguments, expected) in [
        (&["in/a/p.rego", "in/a-p.rego"][..], "name a directory, -o DIR/, or make a ConfigMap"),
        (&["-o", "out/", "in"], "would be written to a-p.tar.gz, like in/a/p.rego"),
        (&["--configmap", "a", "in/sp ace.rego"], "\"sp ace.tar.gz\" is no key of a ConfigMap"),
    ] {
        let output = build(folder.path(), arguments);
        assert_eq!(code(&output), 2, "{}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    assert_eq!(names(folder.path()), ["in"]);
}

#[test]
fn a_config_map_has_a_limit() {
    // Random text, which does not get smaller by compression.
    let mut state = 1_u64;
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
    };
    let text: String = (0..700_000).map(|_| letter()).filter(|c| !"`".contains(*c)).collect();
    let policy = |name: &str| format!("package {name}\n\ndeny contains msg if {{ msg := `{text}` }}\n");
    let folder = folder(&[("a.rego", &policy("a")), ("b.rego", &policy("b"))]);
    let output = build(folder.path(), &["--configmap", "m", "a.rego"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stderr(&output).contains("apply it with kubectl apply --server-side"), "{}", stderr(&output));
    let output = build(folder.path(), &["--configmap", "m", "-o", "m.yaml", "a.rego", "b.rego"]);
    let said = stderr(&output);
    assert_eq!(code(&output), 2, "{said}");
    assert!(said.contains("more than the 1048576 that Kubernetes lets a ConfigMap hold"), "{said}");
    assert_eq!(names(folder.path()), ["a.rego", "b.rego"]);
}
