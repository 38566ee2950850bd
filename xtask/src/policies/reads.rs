//! What the policies can read of their input, as the Rego compiler says.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::compile;
use crate::rego_compiler;

/// One JSON object, a line for each folder: the paths of keys below `input` and below `data` that its policy can read.
pub(super) fn of(folders: &[PathBuf]) -> Result<Vec<u8>> {
    let compiler = rego_compiler::native()?;
    let line = |folder: &PathBuf| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let reads = of_policy(&compiler, folder);
        let reads = reads.with_context(|| format!("cannot tell what {} reads", folder.display()))?;
        Ok(format!("  {}: {reads}", json!(name)))
    };
    let lines = folders.iter().map(line).collect::<Result<Vec<_>>>()?;
    Ok(format!("{{\n{}\n}}\n", lines.join(",\n")).into_bytes())
}

fn of_policy(compiler: &Path, folder: &Path) -> Result<Value> {
    let request = json!({
        "op": "compile",
        "modules": [{"name": "policy.rego", "text": fs::read_to_string(folder.join("policy.rego"))?}],
        "entrypoints": compile::entrypoints(folder)?,
    });
    let answer = ask(compiler, &request)?;
    let part = |key: &str| answer.get(key).cloned().unwrap_or_default();
    ensure!(part("errors") == json!([]), "the Rego compiler says {}", part("errors"));
    ensure!(part("reads").is_array() && part("data").is_array(), "the Rego compiler does not say");
    Ok(json!({"input": part("reads"), "data": part("data")}))
}

fn ask(compiler: &Path, request: &Value) -> Result<Value> {
    let mut command = Command::new(compiler);
    let mut running = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // It reads all of the request before it answers; what it is given is closed then.
    running.stdin.take().context("it takes no request")?.write_all(request.to_string().as_bytes())?;
    let output = running.wait_with_output()?;
    ensure!(output.status.success(), "the Rego compiler failed ({})", output.status);
    Ok(serde_json::from_slice(&output.stdout)?)
}
