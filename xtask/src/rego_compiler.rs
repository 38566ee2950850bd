//! `cargo xtask rego-compiler`: the Wasm module with OPA's front end that the host compiles Rego with.
//!
//! It is built into the cache folder once for each state of its sources, since that takes a minute, and copied
//! from there to where programs built in this tree look for it.

use std::fmt::Write as _;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use magtape_testing::tools as cache;
use sha2::{Digest as _, Sha256};

use crate::{command, repository, steps, tools};

const SOURCES: &str = "host/rego-compiler";

const MODULE: &str = "magtape-rego-compiler.wasm";

/// Builds the module if it is not there, and says where it is.
pub(crate) fn run() -> Result<()> {
    let built = ensure()?;
    let copy = repository::target().join("rego-compiler").join(MODULE);
    {
        let _lock = lock(&cache::cache_folder()?)?;
        if !same(&built, &copy)? {
            write_copy(&built, &copy)?;
        }
    }
    let size = fs::metadata(&copy).with_context(|| format!("cannot read {}", copy.display()))?.len();
    steps::say(format_args!("{}: {size} bytes, from {}", copy.display(), built.display()))
}

/// Builds the module if it is not there. The folder that it is in is named for the state of its sources.
pub(crate) fn ensure() -> Result<PathBuf> {
    tools::go_is_there()?;
    let folder = cache::cache_folder()?;
    let built = folder.join(format!("rego-compiler-{}", key()?)).join(MODULE);
    let _lock = lock(&folder)?;
    if !built.is_file() {
        build(&built).with_context(|| format!("cannot build {SOURCES}"))?;
    }
    Ok(built)
}

/// Builds the same program for this machine, and says where it is.
pub(crate) fn native() -> Result<PathBuf> {
    tools::go_is_there()?;
    let folder = repository::target().join("rego-compiler");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let program = folder.canonicalize().with_context(|| format!("cannot find {}", folder.display()))?;
    let program = program.join("native");
    let mut build = go(&["build", "-trimpath", "-buildvcs=false", "-o"]);
    build.arg(&program).arg(".");
    command::run(build)?;
    Ok(program)
}

/// Builds the module and runs its own tests.
pub(crate) fn test() -> Result<()> {
    run()?;
    command::run(go(&["vet", "./..."]))?;
    command::run(go(&["test", "./..."]))
}

/// Go, in the folder of the module's sources.
pub(crate) fn go(arguments: &[&str]) -> Command {
    let mut command = command::program(Path::new("go"), arguments);
    command.current_dir(repository::path(SOURCES)).env("CGO_ENABLED", "0");
    command
}

/// What the module is made from, in a few digits: its sources and the Go that builds it.
fn key() -> Result<String> {
    let mut digest = Sha256::new();
    for file in sources()? {
        let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        // Lengths keep a move of text from one file to the next from going unnoticed.
        digest.update(format!("{} {}\n", file.display(), text.len()));
        digest.update(text);
    }
    let version = go(&["version"]).output().context("cannot start go")?;
    digest.update(version.stdout);
    digest.finalize().iter().take(8).try_fold(String::new(), |mut key, byte| {
        write!(key, "{byte:02x}")?;
        Ok(key)
    })
}

/// The names of the files that go into the module, in order.
fn sources() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(SOURCES).with_context(|| format!("cannot read {SOURCES}"))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name == "go.mod" || name == "go.sum" || name.ends_with(".go") && !name.ends_with("_test.go")
    });
    files.sort();
    Ok(files)
}

/// Held until it is dropped: neither of two builds at a time sees half of what the other writes.
fn lock(folder: &Path) -> Result<File> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join("rego-compiler.lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    if file.try_lock().is_err() {
        steps::say("waiting for another build of the Rego compiler")?;
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    }
    Ok(file)
}

fn build(module: &Path) -> Result<()> {
    steps::say(format_args!("building {SOURCES}: about a minute on two cores, the first time"))?;
    let partial = module.with_file_name("partial");
    fs::create_dir_all(&partial).with_context(|| format!("cannot make {}", partial.display()))?;
    let mut build = go(&["build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o"]);
    build.arg(partial.join(MODULE)).arg(".").env("GOOS", "wasip1").env("GOARCH", "wasm");
    command::run(build)?;
    // Whatever is usual here: the host believes only what nobody else can write.
    set_mode(&partial.join(MODULE), 0o644)?;
    fs::rename(partial.join(MODULE), module).with_context(|| format!("cannot write {}", module.display()))?;
    set_mode(&module.with_file_name(""), 0o755)?;
    fs::remove_dir_all(&partial).with_context(|| format!("cannot remove {}", partial.display()))
}

fn set_mode(path: &Path, mode: u32) -> Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode))
        .with_context(|| format!("cannot set the mode of {}", path.display()))
}

fn same(built: &Path, copy: &Path) -> Result<bool> {
    let module = fs::read(built).with_context(|| format!("cannot read {}", built.display()))?;
    Ok(fs::read(copy).is_ok_and(|bytes| bytes == module))
}

/// A copy and no link: what happens to a file in the target folder must not happen to the cache.
fn write_copy(built: &Path, copy: &Path) -> Result<()> {
    let partial = copy.with_extension("partial");
    let folder = copy.with_file_name("");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::copy(built, &partial).with_context(|| format!("cannot write {}", partial.display()))?;
    fs::rename(&partial, copy).with_context(|| format!("cannot write {}", copy.display()))
}
