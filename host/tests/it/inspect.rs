//! `magtape inspect` as a user runs it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use magtape_testing::tools::Tool;
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn inspect(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_magtape"))
        .arg("inspect")
        .args(arguments)
        .current_dir(root())
        .env("MAGTAPE_CACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8([output.stdout.clone(), output.stderr.clone()].concat()).unwrap()
}

fn parsed(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A bundle of OPA's that needs what the host refuses.
fn refused(folder: &Path) -> PathBuf {
    let (policy, bundle) = (folder.join("p.rego"), folder.join("p.tar.gz"));
    let text = "package p\n\ndeny contains msg if { msg := http.send({\"method\": \"get\", \"url\": \"u\"}).body }\n\n\
                deny contains sprintf(\"%v\", [input])\n";
    fs::write(&policy, text).unwrap();
    let arguments = ["build", "-t", "wasm", "-e", "p/deny", "-o"];
    let mut command = Command::new(Tool::Opa.built().unwrap());
    let output = command.args(arguments).arg(&bundle).arg(&policy).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    bundle
}

#[test]
fn a_shipped_policy_is_shown_as_the_document_shows_it() {
    let output = inspect(&["-o", "json", "policies-rego/dist/mt1008-host-port.wasm"]);
    assert_eq!(code(&output), 0, "{}", text(&output));
    let page = fs::read_to_string(root().join("docs/build.md")).unwrap();
    let (_, shown) = page.split_once("```json\n").unwrap();
    let shown: Value = serde_json::from_str(shown.split_once("```").unwrap().0).unwrap();
    assert_eq!(parsed(&output), shown);
    let wasm = fs::read(root().join("policies-rego/dist/mt1008-host-port.wasm")).unwrap();
    assert_eq!(shown["modules"][0]["bytes"], wasm.len());
    let output = inspect(&["policies-rego/dist/mt1008-host-port.wasm"]);
    let (_, after) = page.split_once("```text\npolicy-hostport\n").unwrap();
    let shown = format!("policy-hostport\n{}", after.split_once("```").unwrap().0);
    assert_eq!(text(&output).trim_end(), shown.trim_end());
}

#[test]
fn a_component_is_shown_as_the_document_shows_it() {
    let output = inspect(&["policies-wasm/dist/mt2002-nodeport-range.wasm"]);
    assert_eq!(code(&output), 0, "{}", text(&output));
    let page = fs::read_to_string(root().join("docs/build.md")).unwrap();
    let (_, shown) = page.split_once("```text\npolicy-nodeport-range\n").unwrap();
    let shown = shown.split_once("```").unwrap().0;
    // Size and digest change with the compiler.
    let of_bytes = |line: &&str| !line.contains("  size  ") && !line.contains("  SHA-256  ");
    let lines = |text: &str| text.trim_end().lines().filter(of_bytes).map(str::to_owned).collect::<Vec<_>>();
    let printed = text(&output);
    assert_eq!(lines(printed.strip_prefix("policy-nodeport-range\n").unwrap()), lines(shown));
    let output = inspect(&["-o", "json", "embedded:hardening"]);
    assert_eq!(code(&output), 0, "{}", text(&output));
    assert!(parsed(&output)["modules"].as_array().unwrap().len() > 10, "what --policies takes");
}

#[test]
fn a_component_says_what_it_needs_and_takes() {
    let of = |name: &str| format!("policies-wasm/dist/{name}.wasm");
    let names = ["mt2002-nodeport-range", "mt3009-allowed-registries"].map(of);
    let output = inspect(&["-o", "json", &names[0], &names[1]]);
    assert_eq!(code(&output), 0, "{}", text(&output));
    let shown = parsed(&output);
    let module = &shown["modules"][0];
    assert_eq!(
        (&module["abi"], &module["entrypoints"], &module["builtins"]),
        (&Value::Null, &json!([]), &json!([]))
    );
    assert_eq!(module["component"]["world"], "1.0.0");
    let imports = module["component"]["imports"].as_array().unwrap();
    assert!(imports.contains(&json!("magtape:policy/documents@1.0.0")), "{shown}");
    assert!(module["memoryBytes"].as_u64().unwrap() >= 64 * 1024, "{shown}");
    let policy = &module["policies"][0];
    assert_eq!((&policy["dialect"], &policy["dialectFrom"]), (&json!("component"), &json!("exports")));
    assert_eq!(
        (&policy["package"], &policy["reads"], &policy["parameters"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!((&policy["needs"], &policy["targets"]), (&json!(["v1/namespaces"]), &json!(["Service"])));
    let schema = &shown["modules"][1]["policies"][0]["parameters"];
    assert_eq!(schema["properties"]["registries"]["items"]["type"], "string", "{schema}");
    let output = inspect(&[&names[1]]);
    assert!(text(&output).contains("  parameters   registries: array of string"), "{}", text(&output));
}

#[test]
fn a_component_of_a_newer_world_is_shown_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let newer = folder.path().join("newer.wasm");
    let wasm = fs::read(root().join("policies-wasm/dist/mt1001-liveness-probe.wasm")).unwrap();
    let mut component = magtape::engine::component::encoded(wasm.into()).unwrap().into_owned();
    for at in 0..component.len() - 6 {
        if &component[at..at + 6] == b"@1.0.0" {
            component[at + 3] = b'9';
        }
    }
    fs::write(&newer, component).unwrap();
    let output = inspect(&["-o", "json", newer.to_str().unwrap()]);
    assert_eq!(code(&output), 2, "{}", text(&output));
    let shown = parsed(&output);
    let module = &shown["modules"][0];
    assert_eq!((&module["component"]["world"], &module["memoryBytes"]), (&json!("1.9.0"), &Value::Null));
    assert_eq!(
        (&module["policies"][0]["name"], &module["policies"][0]["loaded"]),
        (&json!("newer"), &json!(false))
    );
    let error = shown["errors"][0]["error"].as_str().unwrap();
    assert!(error.starts_with("speaks magtape:policy 1.9.0, and this host speaks 1.0.0"), "{error}");
}

#[test]
fn what_cannot_be_loaded_is_shown_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = refused(folder.path());
    let output = inspect(&["-o", "json", bundle.to_str().unwrap()]);
    assert_eq!(code(&output), 2, "{}", text(&output));
    let shown = parsed(&output);
    let module = &shown["modules"][0];
    assert_eq!(module["builtins"][0]["name"], "http.send");
    assert_eq!(module["builtins"][0]["available"], false);
    assert!(module["builtins"][0]["reason"].as_str().unwrap().contains("no network"), "{shown}");
    assert_eq!(module["builtins"][1], json!({"name": "sprintf", "available": true}));
    assert_eq!((&module["entrypoints"], &module["memoryBytes"]), (&json!(["p/deny"]), &Value::Null));
    let policy = json!({"name": "p", "origin": bundle, "package": "p", "dialect": "opa", "dialectFrom": "rules",
                        "reads": null, "data": null, "loaded": false});
    assert_eq!(module["policies"], json!([policy]));
    assert!(
        shown["errors"][0]["error"].as_str().unwrap().starts_with("needs the builtin http.send"),
        "{shown}"
    );
    assert!(text(&output).contains("error: "), "also on standard error");
    let output = inspect(&[bundle.to_str().unwrap()]);
    let text = text(&output);
    assert!(code(&output) == 2 && text.contains("http.send  refused: a policy has no network"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn rego_and_templates_are_compiled_first() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.rego");
    fs::write(&broken, "package broken\n\ndeny contains x\n").unwrap();
    let examples = ["testing/examples/opa/annotated.rego", "testing/examples/gatekeeper/allowed-repos"];
    let output = inspect(&[&["-o", "json"], &examples[..], &[broken.to_str().unwrap()]].concat());
    assert_eq!(code(&output), 2, "{}", text(&output));
    let shown = parsed(&output);
    let policy = |module: usize| &shown["modules"][module]["policies"][0];
    assert_eq!(
        (&policy(0)["name"], &policy(0)["errcode"]),
        (&json!("annotated"), &json!("ORG1001")),
        "{shown}"
    );
    assert_eq!(policy(0)["targets"], json!(["Service"]));
    let below = |keys: &str| keys.split('.').map(str::to_owned).collect::<Vec<_>>();
    let reads = ["request.object.metadata.name", "request.object.spec.externalIPs"].map(below);
    assert_eq!(policy(0)["reads"], json!(reads));
    let reads = ["parameters.repos", "review.object.spec.containers", "review.object.spec.initContainers"];
    assert_eq!(policy(1)["reads"], json!(reads.map(below)));
    let of_template = json!([policy(1)["name"], policy(1)["dialect"], policy(1)["dialectFrom"]]);
    assert_eq!(of_template, json!(["K8sAllowedRepos/own-registry", "gatekeeper", "template"]));
    assert_eq!(shown["modules"][1]["constraints"], 1);
    assert_eq!(shown["modules"].as_array().unwrap().len(), 2);
    assert!(shown["errors"][0]["error"].as_str().unwrap().starts_with("rego_unsafe_var_error"), "{shown}");
}

#[test]
fn nothing_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = folder.path().join("x.wasm");
    fs::write(&bytes, "\u{1b}[2J").unwrap();
    let output = inspect(&[bytes.to_str().unwrap()]);
    assert!(
        code(&output) == 2 && text(&output).contains("not a valid WebAssembly module"),
        "{}",
        text(&output)
    );
    let alone = root().join("testing/examples/gatekeeper/allowed-repos/template.yaml");
    let output = inspect(&[alone.to_str().unwrap()]);
    assert!(code(&output) == 2 && text(&output).contains("no policy was found"), "{}", text(&output));
}
