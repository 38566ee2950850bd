//! One policy, from its source to its Wasm module, by `opa build`.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use tar::Archive;
use tempfile::TempDir;

use crate::command;

/// What the host asks a policy.
const ENTRYPOINTS: [&str; 3] = ["deny", "matches", "policy_metadata"];

/// Compiles `policy.rego` of a folder.
pub(crate) fn module(opa: &Path, folder: &Path) -> Result<Vec<u8>> {
    compiled(opa, folder).with_context(|| format!("cannot compile {}", folder.join("policy.rego").display()))
}

fn compiled(opa: &Path, folder: &Path) -> Result<Vec<u8>> {
    let output = TempDir::new().context("cannot make a temporary folder")?;
    let bundle = output.path().join("bundle.tar.gz");
    let mut command = Command::new(opa);
    // The module's error texts hold the path as it is given here: in the folder it is the same for everyone.
    command.current_dir(folder).args(["build", "--target", "wasm", "--output"]).arg(&bundle);
    for entrypoint in entrypoints(folder)? {
        command.arg("--entrypoint").arg(entrypoint);
    }
    command.arg("policy.rego");
    command::run_quietly(command)?;
    policy_of(&bundle)
}

/// What the host asks the policy of a folder, such as `kubernetes/admission/policy_hostport/deny`.
pub(super) fn entrypoints(folder: &Path) -> Result<Vec<String>> {
    let package = package(&folder.join("policy.rego"))?.replace('.', "/");
    Ok(ENTRYPOINTS.iter().map(|rule| format!("{package}/{rule}")).collect())
}

/// The name after the word `package`.
fn package(policy: &Path) -> Result<String> {
    let source = fs::read_to_string(policy)?;
    let package = source.lines().find_map(|line| line.strip_prefix("package "));
    Ok(package.context("it has no line that begins with `package`")?.trim().to_owned())
}

fn policy_of(bundle: &Path) -> Result<Vec<u8>> {
    let mut archive = Archive::new(GzDecoder::new(File::open(bundle)?));
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.path()?.ends_with("policy.wasm") {
            let mut module = Vec::new();
            entry.read_to_end(&mut module)?;
            return Ok(module);
        }
    }
    anyhow::bail!("OPA's bundle has no policy.wasm")
}
