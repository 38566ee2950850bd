//! `magtape check` as a user runs it: texts, JSON, exit codes.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

const PRIVILEGED: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: demo, ownerReferences: [{kind: ReplicaSet, name: forged}]}
spec:
  containers:
  - name: app
    livenessProbe: {httpGet: {port: 80}}
    readinessProbe: {httpGet: {port: 80}}
    resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1, memory: 1Gi}}
    securityContext: {privileged: true}
";

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testing/samples")
}

fn check(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_magtape"))
        .arg("check")
        .args(arguments)
        .env_remove("MAGTAPE_DENY_LEVEL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its arguments does not read its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_privileged_pod_is_denied_whoever_it_says_owns_it() {
    let output = check(&["-o", "json", "-"], PRIVILEGED);
    assert_eq!(code(&output), 1, "{}", text(&output));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let result = &json["results"][0];
    assert_eq!(result["allowed"], false);
    assert_eq!(result["object"]["name"], "web");
    assert_eq!(
        result["violations"],
        serde_json::json!([{
            "policy": "policy-privileged-pod", "errcode": "MT2001", "severity": "HIGH", "enforcement": "deny",
            "message": "[FAIL] HIGH - Found privileged Security Context for container \"app\" (MT2001)",
            "field": "spec.containers[0].securityContext.privileged"
        }])
    );
    assert_eq!(json["summary"]["denied"], 1);
}

#[test]
fn the_level_decides_the_exit_code() {
    for (level, expected) in [("OFF", 0), ("LOW", 1), ("med", 1), ("HIGH", 1), ("MEDIUM", 2), ("", 2)] {
        let output = check(&["--deny-level", level, "-"], PRIVILEGED);
        assert_eq!(code(&output), expected, "{level}: {}", text(&output));
    }
    let refused = text(&check(&["--deny-level", "MEDIUM", "-"], PRIVILEGED));
    assert!(refused.contains("unknown deny level \"MEDIUM\": it is OFF, LOW"), "{refused}");
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_judged() {
    let input = format!("{PRIVILEGED}---\nkind: [\n---\nkind: Pod\n");
    let output = check(&["-"], &input);
    let text = text(&output);
    assert_eq!(code(&output), 2, "{text}");
    assert!(text.contains("DENIED  Pod demo/web  -, document 1"), "{text}");
    assert!(text.contains("-, document 2: line "), "{text}");
    assert!(text.contains("-, document 3: is no Kubernetes object: it has no apiVersion"), "{text}");
    assert!(text.contains("2 errors"), "{text}");
    for missing in ["nowhere.yaml", env!("CARGO_MANIFEST_DIR")] {
        let output = check(&[missing], "");
        assert!(code(&output) == 2 || missing != "nowhere.yaml", "{missing}");
    }
}

#[test]
fn the_samples_have_findings() {
    let output = check(&[samples().to_str().unwrap()], "");
    let text = text(&output);
    assert_eq!(code(&output), 1, "{text}");
    assert!(text.contains("allowed Deployment shop/storefront"), "{text}");
    assert!(text.contains("DENIED  Deployment shop/sample-privileged-deployment"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn policies_come_from_files_directories_and_bundles() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies-rego/dist");
    let folder = tempfile::tempdir().unwrap();
    let wasm = std::fs::read(dist.join("mt2001-privileged-pod.wasm")).unwrap();
    let gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gz);
    let mut header = tar::Header::new_gnu();
    header.set_size(wasm.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, "policy.wasm", &*wasm).unwrap();
    let bundle = tar.into_inner().unwrap().finish().unwrap();
    std::fs::write(folder.path().join("bundle.tar.gz"), bundle).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no policy").unwrap();
    let one = dist.join("mt1001-liveness-probe.wasm");
    let policies = ["--policies", one.to_str().unwrap(), "--policies", folder.path().to_str().unwrap()];
    let output = check(&[&policies[..], &["-"]].concat(), PRIVILEGED);
    assert_eq!(code(&output), 1, "{}", text(&output));
}

#[test]
fn a_policy_that_cannot_be_loaded_is_named_and_the_others_judge() {
    let folder = tempfile::tempdir().unwrap();
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies-rego/dist");
    std::fs::copy(dist.join("mt2001-privileged-pod.wasm"), folder.path().join("good.wasm")).unwrap();
    std::fs::copy(dist.join("mt2001-privileged-pod.wasm"), folder.path().join("twin.wasm")).unwrap();
    std::fs::write(folder.path().join("broken.wasm"), b"\0asm\x01\0\0\0\x01").unwrap();
    std::fs::write(folder.path().join("broken.tar.gz"), b"not gzip").unwrap();
    let output = check(&["--policies", folder.path().to_str().unwrap(), "-"], PRIVILEGED);
    let text = text(&output);
    assert_eq!(code(&output), 2, "{text}");
    assert!(text.contains("DENIED  Pod demo/web"), "{text}");
    assert!(text.contains("broken.wasm: not a valid WebAssembly module"), "{text}");
    assert!(text.contains("broken.tar.gz: is no bundle of OPA's"), "{text}");
    assert!(
        text.contains("twin.wasm: its name \"policy-privileged-pod\" is taken by the policy from"),
        "{text}"
    );
}

#[test]
fn data_reaches_the_policies() {
    let service = r#"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "edge"},
        "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 31000}]}}"#;
    let data = r#"{"kubernetes": {"namespaces": {"edge": {"metadata": {"annotations":
        {"k8s.t-mobile.com/nodeportRange": "30000-30100"}}}}}}"#;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.json");
    std::fs::write(&file, data).unwrap();
    let output = check(&["--deny-level", "MED", "--data", file.to_str().unwrap(), "-"], service);
    assert_eq!(code(&output), 1, "{}", text(&output));
    assert!(text(&output).contains("nodePort 31000 is out of defined range for Service \"s\""));
    assert_eq!(code(&check(&["--deny-level", "MED", "-"], service)), 0);
    std::fs::write(&file, "[]").unwrap();
    let output = check(&["--data", file.to_str().unwrap(), "-"], service);
    assert!(code(&output) == 2 && text(&output).contains("must be a JSON object"), "{}", text(&output));
}

#[test]
fn help_has_examples_and_completions_are_there() {
    let magtape = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_magtape")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    for arguments in [&["--help"][..], &["check", "--help"], &["serve", "--help"]] {
        assert!(magtape(arguments).contains("Examples:"), "{arguments:?}");
    }
    assert!(magtape(&["completions", "bash"]).contains("_magtape"));
}
