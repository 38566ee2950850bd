//! The twelve policies as a bundle for `opa exec`, with one decision: the texts of all violations.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

/// Where the Rego sources are.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies-rego");

/// The rule that is asked.
pub(super) const DECISION: &str = "magtape/violations";

const MAIN: &str = r#"package magtape

# The object that goes is judged as if it came.
is_deletion if {
	input.request.operation == "DELETE"
	input.request.object == null
}

deletion := json.patch(input, [{"op": "replace", "path": "/request/object", "value": input.request.oldObject}])
"#;

/// Writes the bundle: the policies without their tests, and what binds them together.
pub(super) fn write(folder: &Path) -> Result<()> {
    fs::create_dir(folder)?;
    let mut main = MAIN.to_owned();
    for policy in policies()? {
        let text = fs::read_to_string(policy.join("policy.rego"))?;
        let package = text.lines().find_map(|line| line.strip_prefix("package "));
        let package = package.with_context(|| format!("{} has no package", policy.display()))?;
        main.push_str(&violations(package.trim()));
        let name = policy.file_name().context("a policy's folder has no name")?;
        fs::write(folder.join(name).with_extension("rego"), &text)?;
    }
    fs::write(folder.join("main.rego"), main)?;
    Ok(())
}

fn policies() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(SOURCES).with_context(|| format!("cannot read {SOURCES}"))?;
    let mut folders = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    folders.retain(|folder| folder.join("policy.rego").is_file());
    folders.sort();
    ensure!(!folders.is_empty(), "there is no policy in {SOURCES}");
    Ok(folders)
}

/// What collects one policy's violations. Only deletions pay for having their input replaced.
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
