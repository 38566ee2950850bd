//! `magtape capabilities` is what OPA has without what this host refuses, and the host runs all of it.

use std::{
    collections::BTreeSet,
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use magtape::engine::{
    Engine, Limits,
    opa::{Module, builtins},
};
use magtape_testing::tools::Tool;
use serde_json::Value;

fn capabilities() -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_magtape")).arg("capabilities").output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn opas() -> Value {
    let output =
        Command::new(Tool::Opa.built().unwrap()).args(["capabilities", "--current"]).output().unwrap();
    without_descriptions(serde_json::from_slice(&output.stdout).unwrap())
}

fn without_descriptions(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(key, _)| key != "description" && key != "categories")
            .map(|(key, value)| (key, without_descriptions(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_descriptions).collect(),
        other => other,
    }
}

fn list(capabilities: &Value) -> &Vec<Value> {
    capabilities["builtins"].as_array().unwrap()
}

fn names(capabilities: &Value) -> BTreeSet<String> {
    list(capabilities).iter().map(|builtin| builtin["name"].as_str().unwrap().to_owned()).collect()
}

/// A rule that calls a builtin with arguments of the input, which fit every type.
fn rule(index: usize, builtin: &Value) -> String {
    let name = builtin["name"].as_str().unwrap();
    let count = builtin["decl"]["args"].as_array().map_or(0, Vec::len);
    let mut arguments: Vec<String> = (0..count).map(|argument| format!("input.a{argument}")).collect();
    if builtin["relation"] == true {
        arguments.push("x".to_owned());
        return format!("x{index} contains x if {name}({})", arguments.join(", "));
    }
    format!("x{index} := {name}({})", arguments.join(", "))
}

/// Builds a module in which every builtin of these capabilities is called.
fn build(capabilities: &Value, folder: &Path) -> Vec<u8> {
    // These are syntax, and have no call of their own that a user could write.
    let syntax = ["assign", "eq", "print", "rego.metadata.chain", "rego.metadata.rule"];
    let callable = list(capabilities).iter().enumerate().filter(|(_, builtin)| {
        let name = builtin["name"].as_str().unwrap();
        !name.starts_with("internal.") && !syntax.contains(&name) && builtin.get("deprecated").is_none()
    });
    let (indices, rules): (Vec<usize>, Vec<String>) =
        callable.map(|(index, builtin)| (index, rule(index, builtin))).unzip();
    assert!(rules.len() > 150, "{}", rules.len());
    let policy = folder.join("all.rego");
    fs::write(&policy, format!("package p\n\n{}\n", rules.join("\n"))).unwrap();
    let file = folder.join("capabilities.json");
    fs::write(&file, capabilities.to_string()).unwrap();
    let bundle = folder.join("bundle.tar.gz");
    let mut command = Command::new(Tool::Opa.built().unwrap());
    command.args(["build", "-t", "wasm", "--capabilities"]).arg(&file).arg("-o").arg(&bundle);
    indices.iter().for_each(|index| {
        command.args(["-e", &format!("p/x{index}")]);
    });
    let output = command.arg(&policy).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    module(&bundle)
}

fn module(bundle: &PathBuf) -> Vec<u8> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(fs::File::open(bundle).unwrap()));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.path().unwrap().ends_with("policy.wasm") {
            let mut wasm = Vec::new();
            entry.read_to_end(&mut wasm).unwrap();
            return wasm;
        }
    }
    panic!("a bundle without module");
}

#[test]
fn they_are_opas_without_what_is_refused() {
    let (ours, opas) = (capabilities(), opas());
    let by_name = |name: &str, all: &Value| list(all).iter().find(|builtin| builtin["name"] == name).cloned();
    for name in names(&opas) {
        let refused = builtins::refusal(&name).is_some();
        assert_eq!(by_name(&name, &ours), by_name(&name, &opas).filter(|_| !refused), "{name}");
    }
    assert!(names(&ours).is_subset(&names(&opas)));
    assert_eq!((&ours["features"], &ours["future_keywords"]), (&opas["features"], &opas["future_keywords"]));
}

#[test]
fn opa_builds_with_them_and_the_host_loads_what_it_built() {
    let folder = tempfile::tempdir().unwrap();
    let wasm = build(&capabilities(), folder.path());
    let limits = Arc::new(Limits::default());
    let module = Module::load(&Engine::new(limits.memory_bytes).unwrap(), &limits, &wasm, b"{}");
    assert!(module.is_ok(), "{}", module.err().unwrap());
}

#[test]
fn every_builtin_of_the_host_is_one_of_opas_with_as_many_arguments() {
    let opas = opas();
    for builtin in builtins::all() {
        let declared = list(&opas).iter().find(|declared| declared["name"] == builtin.name);
        // OPA knows this one without listing it.
        let Some(declared) = declared else {
            assert!(builtin.name.starts_with("internal."), "{} is not OPA's", builtin.name);
            continue;
        };
        let count = declared["decl"]["args"].as_array().map_or(0, Vec::len);
        let variadic = declared["decl"].get("variadic").is_some();
        assert!(variadic || count == builtin.arity, "{} takes {count} arguments", builtin.name);
        assert_eq!(builtins::refusal(builtin.name), None, "{} is both there and refused", builtin.name);
    }
}

#[test]
fn what_is_refused_is_refused_when_building_and_when_loading() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("p.rego");
    fs::write(&policy, "package p\n\nx := http.send({\"method\": \"get\", \"url\": input.url})\n").unwrap();
    let file = folder.path().join("capabilities.json");
    fs::write(&file, capabilities().to_string()).unwrap();
    let bundle = folder.path().join("b.tar.gz");
    let build = |capabilities: bool| {
        let mut command = Command::new(Tool::Opa.built().unwrap());
        command.args(["build", "-t", "wasm", "-e", "p/x", "-o"]).arg(&bundle).arg(&policy);
        if capabilities {
            command.arg("--capabilities").arg(&file);
        }
        command.output().unwrap()
    };
    let output = build(true);
    assert!(!output.status.success());
    let text = [output.stdout, output.stderr].concat();
    assert!(String::from_utf8_lossy(&text).contains("undefined function http.send"));
    assert!(build(false).status.success());
    let output = Command::new(env!("CARGO_BIN_EXE_magtape"))
        .args(["check", "--policies"])
        .arg(&bundle)
        .arg("/dev/null")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        text.contains("needs the builtin http.send, which this host does not have: a policy has no network"),
        "{text}"
    );
}
