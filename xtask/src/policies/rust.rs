//! The policies in Rust: linted, tested natively, and built into what the host embeds.
//!
//! The same source gives the same bytes only with the same compiler and in a folder of the same name: the order of
//! functions goes by the names of symbols, which have a digest of the folder. So beside the modules is a record, with the
//! digest of the sources that they were built of, and that of each module. It is checked, and that the sources still build.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use magtape_sdk_build::Toolchain;
use sha2::{Digest, Sha256};

use super::Mode;
use crate::{command, steps};

/// The workspace of the policies.
const SOURCES: &str = "policies-wasm";

/// What the host embeds, a file each.
const DIST: &str = "policies-wasm/dist";

/// What they were built of, beside them.
const RECORD: &str = "policies-wasm/dist/sources.txt";

/// All that a module depends on beside its compiler.
const INPUTS: [&str; 3] = ["policies-wasm", "sdk/src", "sdk/wit"];

/// The README promises it.
const MAX_BYTES: usize = 40_000;

/// Checks, tests and builds every policy.
pub(super) fn run(mode: Mode) -> Result<()> {
    let folder = Path::new(SOURCES);
    command::run_quietly(cargo(&["fmt", "--check"])).context("the policies in Rust are not formatted")?;
    command::run_quietly(cargo(&["clippy", "--all-targets", "--quiet", "--", "-D", "warnings"]))
        .context("the policies in Rust are not sound")?;
    command::run_quietly(cargo(&["test", "--quiet"])).context("the policies' own tests fail")?;
    let toolchain = Toolchain::find(folder)?;
    let modules = modules(&toolchain.build(folder, &remapped()?)?)?;
    match mode {
        Mode::Write => write(&modules)?,
        Mode::Check => check(&modules)?,
    }
    steps::say(format_args!("{} policies built from Rust", modules.len()))
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = command::cargo(arguments);
    command.current_dir(SOURCES);
    command
}

/// Paths of this machine appear in no module: panics say where they happened.
fn remapped() -> Result<Vec<String>> {
    let here = std::env::current_dir()?;
    let home = std::env::home_dir().unwrap_or_default();
    let cargo = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let mut flags = vec![format!("--remap-path-prefix={}=magtape", here.display())];
    // The folder of a registry has its host's name in it.
    for registry in fs::read_dir(cargo.join("registry/src")).into_iter().flatten().flatten() {
        flags.push(format!("--remap-path-prefix={}=crates", registry.path().display()));
    }
    Ok(flags)
}

/// The modules by the name of their policy's folder.
fn modules(built: &[magtape_sdk_build::Module]) -> Result<BTreeMap<String, Vec<u8>>> {
    let module = |module: &magtape_sdk_build::Module| {
        let bytes =
            fs::read(&module.file).with_context(|| format!("cannot read {}", module.file.display()))?;
        ensure!(bytes.len() <= MAX_BYTES, "{} has {} bytes, more than {MAX_BYTES}", module.name, bytes.len());
        Ok((module.name.replace('_', "-"), bytes))
    };
    built.iter().map(module).collect()
}

fn dist(name: &str) -> PathBuf {
    Path::new(DIST).join(name).with_extension("wasm")
}

fn write(modules: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    fs::create_dir_all(DIST).with_context(|| format!("cannot make {DIST}"))?;
    for surplus in surplus(modules)? {
        fs::remove_file(&surplus).with_context(|| format!("cannot remove {}", surplus.display()))?;
    }
    for (name, bytes) in modules {
        fs::write(dist(name), bytes).with_context(|| format!("cannot write {}", dist(name).display()))?;
    }
    fs::write(RECORD, record(modules)?).with_context(|| format!("cannot write {RECORD}"))
}

/// Whether what is shipped is what was built of these sources, wherever that was.
fn check(modules: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let recorded = fs::read_to_string(RECORD).with_context(|| format!("cannot read {RECORD}"))?;
    let sources = record_of_sources()?;
    let mut stale: Vec<String> = surplus(modules)?.iter().map(|path| path.display().to_string()).collect();
    if !recorded.lines().any(|line| line == sources) {
        stale.push(RECORD.to_owned());
    }
    for name in modules.keys() {
        let shipped = fs::read(dist(name)).map(|bytes| record_of(name, &bytes)).unwrap_or_default();
        if !recorded.lines().any(|line| line == shipped) {
            stale.push(dist(name).display().to_string());
        }
    }
    ensure!(
        stale.is_empty(),
        "not what their sources make (run `cargo xtask policies` and commit the result):\n  {}",
        stale.join("\n  ")
    );
    Ok(())
}

/// Modules without a source.
fn surplus(modules: &BTreeMap<String, Vec<u8>>) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(DIST).with_context(|| format!("cannot read {DIST}"))? {
        files.push(entry?.path());
    }
    let is_module = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "wasm");
    files.retain(|path| is_module(path) && !modules.keys().any(|name| dist(name) == *path));
    Ok(files)
}

/// What compiled, the digest of what was compiled, and that of each module.
fn record(modules: &BTreeMap<String, Vec<u8>>) -> Result<String> {
    let mut compiler = Command::new("rustc");
    let compiler = compiler.arg("--version").current_dir(SOURCES).output().context("cannot run rustc")?;
    let compiler = format!("compiler {}", String::from_utf8_lossy(&compiler.stdout).trim());
    let modules = modules.iter().map(|(name, bytes)| record_of(name, bytes));
    let lines: Vec<String> = [compiler, record_of_sources()?].into_iter().chain(modules).collect();
    Ok(lines.join("\n") + "\n")
}

fn record_of(name: &str, bytes: &[u8]) -> String {
    format!("{name} {}", hexadecimal(Sha256::digest(bytes).as_slice()))
}

fn record_of_sources() -> Result<String> {
    let mut digest = Sha256::new();
    for file in inputs()? {
        // Their order and names count as well.
        digest.update(file.display().to_string());
        digest.update([0]);
        digest.update(fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
        digest.update([0]);
    }
    Ok(format!("sources {}", hexadecimal(digest.finalize().as_slice())))
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files that Git knows, or would know, in order.
fn inputs() -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard", "--"]).args(INPUTS);
    let listed = git.output().context("cannot run git")?;
    let listed = String::from_utf8(listed.stdout).context("git names a file that is not UTF-8")?;
    let matters = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        !path.starts_with(DIST) && matches!(extension, "rs" | "toml" | "lock" | "wit") && path.exists()
    };
    let mut files: Vec<PathBuf> = listed.lines().map(PathBuf::from).filter(matters).collect();
    files.sort();
    files.dedup();
    ensure!(!files.is_empty(), "there is no policy in {SOURCES}");
    Ok(files)
}
