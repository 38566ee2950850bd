//! The twelve policies for OPA, and the rules by which it answers an API server and a command.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

/// Where the Rego sources are.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies-rego");

/// Where the server answers a review: it takes the body as `input`, and answers with this rule's value.
pub(crate) const PATH: &str = "/v0/data/magtape/main";

/// The rule that has the texts of all violations.
pub(crate) const VIOLATIONS: &str = "magtape/violations";

/// How many policies there are.
const POLICIES: usize = 12;

/// What makes a review of the violations, which each policy adds.
const MAIN: &str = r#"package magtape

main := {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}

response := {"uid": input.request.uid, "allowed": true} if count(violations) == 0

response := {
	"uid": input.request.uid,
	"allowed": false,
	"status": {"message": concat(", ", violations), "reason": "Forbidden", "code": 403},
	"warnings": [text | some text in violations],
} if count(violations) > 0

# The object that goes is judged as if it came.
is_deletion if {
	input.request.operation == "DELETE"
	input.request.object == null
}

deletion := json.patch(input, [{"op": "replace", "path": "/request/object", "value": input.request.oldObject}])
"#;

/// All that OPA is to load; the file that binds the policies together is written to `folder`.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(SOURCES).with_context(|| format!("cannot read {SOURCES}"))? {
        let policy = entry?.path().join("policy.rego");
        files.extend(policy.is_file().then_some(policy));
    }
    files.sort();
    ensure!(files.len() == POLICIES, "{SOURCES} has {} policies, not {POLICIES}", files.len());
    let mut main = MAIN.to_owned();
    for file in &files {
        main.push_str(&violations(&package(file)?));
    }
    let path = folder.join("main.rego");
    fs::write(&path, main).with_context(|| format!("cannot write {}", path.display()))?;
    files.push(path);
    Ok(files)
}

/// The rules that collect one policy's violations. Each policy has its own, so OPA sees what it needs; only deletions
/// pay for having their input replaced, as `magtape serve` does it.
fn violations(package: &str) -> String {
    format!(
        "
violations contains info.msg if {{
	not is_deletion
	data.{package}.matches
	some info in data.{package}.deny
}}

violations contains info.msg if {{
	is_deletion
	data.{package}.matches with input as deletion
	some info in data.{package}.deny with input as deletion
}}
"
    )
}

fn package(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let package = text.lines().find_map(|line| line.strip_prefix("package "));
    package.map(|name| name.trim().to_owned()).with_context(|| format!("{} has no package", file.display()))
}
