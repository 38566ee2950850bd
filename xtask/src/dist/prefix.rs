//! The folder that is distributed: the program, and what it looks for in `lib/magtape` beside its own folder.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::command;

/// Where the program is.
pub(super) const PROGRAM: &str = "bin/magtape";

/// Where the program looks for what came with it.
const LIB: &str = "lib/magtape";

/// How compiled modules end.
const COMPILED: &str = "cwasm";

/// How the folder begins that has the Rego compiler.
const COMPILER: &str = "rego-compiler-";

/// What the Rego compiler is compiled for: any unit tests do. It runs them itself, so no policy is compiled for them.
const TESTS: &str = "policies-rego/mt1001-liveness-probe";

/// The sets of policies in the binary. Some have policies of the same name, so each is loaded by itself.
const SETS: [&str; 3] = ["embedded:rego", "embedded:rust", "embedded:hardening"];

/// What the policies in the binary are compiled for: any object does.
const OBJECT: &str = "testing/samples/deployment-clean.yaml";

/// A folder that is laid out.
pub(super) struct Prefix(PathBuf);

// === impl Prefix ===

impl Prefix {
    /// An empty one. What was there before goes.
    pub(super) fn new(folder: PathBuf) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let folder = folder.canonicalize().with_context(|| format!("cannot find {}", folder.display()))?;
        Ok(Self(folder))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// The program's file.
    pub(super) fn program_file(&self) -> PathBuf {
        self.0.join(PROGRAM)
    }

    /// Writes a file at this path.
    pub(super) fn write(&self, text: &str, to: &str) -> Result<()> {
        let to = self.place(to)?;
        fs::write(&to, text).with_context(|| format!("cannot write {}", to.display()))
    }

    /// Copies a file to this path.
    pub(super) fn copy(&self, from: &Path, to: &str) -> Result<()> {
        let to = self.place(to)?;
        fs::copy(from, &to).with_context(|| format!("cannot write {}", to.display()))?;
        Ok(())
    }

    /// Copies the Rego compiler, with the folder that it is in, whose name tells one state of its sources from another.
    pub(super) fn install_compiler(&self, module: &Path) -> Result<()> {
        let folder = module.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        let file = module.file_name().unwrap_or_default().to_string_lossy();
        self.copy(module, &format!("{LIB}/{folder}/{file}"))
    }

    /// Writes the completion script for a shell to this path.
    pub(super) fn complete(&self, shell: &str, to: &str) -> Result<()> {
        let to = self.place(to)?;
        let mut complete = self.program(&["completions", shell]);
        complete.stdout(File::create(&to).with_context(|| format!("cannot write {}", to.display()))?);
        command::run(complete)
    }

    /// Has the program compile what it compiles, and keeps that.
    pub(super) fn fill(&self) -> Result<()> {
        let lib = self.0.join(LIB);
        // Before there is something to find: nobody else may write where the program is to keep things.
        set_mode(&lib, 0o755)?;
        self.compile(&lib)?;
        for path in entries(&lib)?.into_iter().filter(|path| !is_wanted(path)) {
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.with_context(|| format!("cannot remove {}", path.display()))?;
        }
        Ok(())
    }

    /// Lets everybody read all of it, and nobody but its owner write.
    pub(super) fn open(&self) -> Result<()> {
        set_mode(&self.0, 0o755)?;
        for path in below(&self.0)? {
            let all = path.is_dir() || path == self.0.join(PROGRAM);
            set_mode(&path, if all { 0o755 } else { 0o644 })?;
        }
        Ok(())
    }

    /// Makes sure that the program compiles nothing any more.
    pub(super) fn check(&self) -> Result<()> {
        let cache = tempfile::tempdir().context("cannot make a temporary folder")?;
        self.compile(cache.path())?;
        let compiled = entries(cache.path())?.into_iter().find(|path| is_compiled(path));
        ensure!(compiled.is_none(), "the program does not use what is in {LIB}, and compiles it again");
        Ok(())
    }

    /// Runs the program with this cache in such a way that it needs the policies in the binary and the Rego compiler.
    fn compile(&self, cache: &Path) -> Result<()> {
        for set in SETS {
            let mut check =
                self.program(&["check", "--deny-level", "OFF", "--policies", set, OBJECT, "--cache"]);
            check.arg(cache);
            command::run_quietly(check)?;
        }
        let mut test = self.program(&["test", TESTS, "--cache"]);
        test.arg(cache);
        command::run_quietly(test)
    }

    /// The program, which sees none of this machine's settings.
    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = command::program(&self.program_file(), arguments);
        command.env_clear();
        command
    }

    /// The path of a file, whose folder is made.
    fn place(&self, to: &str) -> Result<PathBuf> {
        let path = self.0.join(to);
        let folder = path.parent().unwrap_or(&self.0);
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(path)
    }
}

/// All that is below a folder, in order.
pub(super) fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in entries(folder)? {
        let more = if path.is_dir() { below(&path)? } else { Vec::new() };
        all.push(path);
        all.extend(more);
    }
    Ok(all)
}

pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>();
    let mut paths = read().with_context(|| format!("cannot read {}", folder.display()))?;
    paths.sort();
    Ok(paths)
}

fn is_compiled(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == COMPILED)
}

/// The rest is what the program keeps for itself, such as answers of the Rego compiler.
fn is_wanted(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    is_compiled(path) || name.starts_with(COMPILER)
}

fn set_mode(path: &Path, mode: u32) -> Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode))
        .with_context(|| format!("cannot set the mode of {}", path.display()))
}
