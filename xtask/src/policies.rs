//! The shipped policies. Those in Rego are checked and tested with OPA, and compiled into what the host embeds; `rust` has
//! those in Rust.
//! What a module can read of its input does not show in it, so that is written beside the modules.
//!
//! OPA is deterministic: the same source gives the same bytes on every machine. So `--check` compares.

mod compile;
mod reads;
mod rust;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use magtape_testing::tools::Tool;

use crate::{command, steps, tools};

/// The policies, a folder each.
const SOURCES: &str = "policies-rego";

/// What the host embeds, a file each.
const DIST: &str = "policies-rego/dist";

/// What each of them can read, beside them.
const READS: &str = "reads.json";

/// What becomes of compiled policies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// They are written to `dist`.
    Write,
    /// They are compared with those in `dist`.
    Check,
}

/// Checks, tests and compiles every policy, in both languages.
pub(crate) fn run(mode: Mode) -> Result<()> {
    run_rego(mode)?;
    rust::run(mode)
}

fn run_rego(mode: Mode) -> Result<()> {
    let opa = tools::ensure(Tool::Opa)?;
    let folders = folders()?;
    lint(&opa)?;
    command::run(command::program(&opa, &["test", SOURCES])).context("the policies' own tests fail")?;
    let mut stale = Vec::new();
    let mut made = vec![(Path::new(DIST).join(READS), reads::of(&folders)?)];
    for folder in &folders {
        made.push((dist_file(folder)?, compile::module(&opa, folder)?));
    }
    for (file, content) in made {
        let current = fs::read(&file).is_ok_and(|bytes| bytes == content);
        match mode {
            Mode::Check if !current => stale.push(file.display().to_string()),
            Mode::Write if !current => write(&file, &content)?,
            Mode::Check | Mode::Write => {}
        }
    }
    stale.extend(surplus(&folders, mode)?);
    ensure!(
        stale.is_empty(),
        "not what their sources compile to (run `cargo xtask policies` and commit the result):\n  {}",
        stale.join("\n  ")
    );
    steps::say(format_args!("{} policies compiled from Rego with OPA {}", folders.len(), Tool::Opa.version()))
}

/// The folders that hold a policy, in order.
fn folders() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(SOURCES).with_context(|| format!("cannot read {SOURCES}"))?;
    let mut folders = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    folders.retain(|folder| folder.join("policy.rego").is_file());
    folders.sort();
    ensure!(!folders.is_empty(), "there is no policy in {SOURCES}");
    Ok(folders)
}

fn lint(opa: &Path) -> Result<()> {
    command::run_quietly(command::program(opa, &["check", "--strict", SOURCES]))
        .context("the policies are not sound")?;
    command::run_quietly(command::program(opa, &["fmt", "--fail", "--list", SOURCES]))
        .context("the policies are not formatted: run `opa fmt --write policies-rego`")
}

/// `policies-rego/dist/<folder>.wasm`.
fn dist_file(folder: &Path) -> Result<PathBuf> {
    let name = folder.file_name().context("a policy's folder has no name")?;
    Ok(Path::new(DIST).join(name).with_extension("wasm"))
}

fn write(file: &Path, content: &[u8]) -> Result<()> {
    fs::create_dir_all(DIST).with_context(|| format!("cannot make {DIST}"))?;
    fs::write(file, content).with_context(|| format!("cannot write {}", file.display()))?;
    steps::say(format_args!("wrote {} ({} bytes)", file.display(), content.len()))
}

/// Compiled policies without a source. They are removed, or named.
fn surplus(folders: &[PathBuf], mode: Mode) -> Result<Vec<String>> {
    let expected = folders.iter().map(|folder| dist_file(folder)).collect::<Result<Vec<_>>>()?;
    let mut surplus = Vec::new();
    for entry in fs::read_dir(DIST).with_context(|| format!("cannot read {DIST}"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "wasm") || expected.contains(&path) {
            continue;
        }
        match mode {
            Mode::Check => surplus.push(format!("{} (it has no source)", path.display())),
            Mode::Write => {
                fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?
            }
        }
    }
    Ok(surplus)
}
