//! What was installed with the program: policies that need not be compiled, and the Rego compiler.

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output},
    time::SystemTime,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::dialects::judge::{program, root};

/// The twelve policies in the binary that judge when nothing is said.
const MODULES: usize = 12;

/// The program as it is installed: `bin/magtape`, and `lib/magtape` once it is filled.
struct Prefix {
    folder: TempDir,
}

/// What a webhook said while it loaded its policies.
struct Log {
    lines: Vec<Value>,
}

/// Each file with what is in it and when it was written.
type Files = BTreeMap<PathBuf, (Vec<u8>, SystemTime)>;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

// === impl Prefix ===

impl Prefix {
    /// The program alone.
    fn new() -> Self {
        let prefix = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(prefix.path("bin")).unwrap();
        // A link where that can be: while a process that another test starts still has a copy open, it cannot be run.
        if fs::hard_link(program(), prefix.program()).is_err() {
            fs::copy(program(), prefix.program()).unwrap();
        }
        prefix
    }

    /// With all that it compiles, as `cargo xtask dist` does it.
    fn filled() -> Self {
        let prefix = Self::new();
        let mut fill = prefix.command(&prefix.program());
        fill.args(["check", "--deny-level", "OFF", "--cache"]).arg(prefix.lib());
        let output = fill.arg("testing/samples/deployment-privileged.yaml").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(prefix.files().len(), MODULES);
        prefix
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self) -> PathBuf {
        self.path("bin/magtape")
    }

    fn lib(&self) -> PathBuf {
        self.path("lib/magtape")
    }

    fn files(&self) -> Files {
        let paths = fs::read_dir(self.lib()).unwrap().map(|entry| entry.unwrap().path());
        let state = |path: &Path| {
            (fs::read(path).unwrap(), fs::metadata(path).and_then(|metadata| metadata.modified()).unwrap())
        };
        paths.map(|path| (path.clone(), state(&path))).collect()
    }

    /// Takes away whatever of it could be written.
    fn seal(&self) {
        self.files().keys().for_each(|file| set_mode(file, 0o444));
        set_mode(&self.lib(), 0o555);
    }

    /// The program at this path, which knows of no folder of the user's.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(root()).env_clear().env("TMPDIR", self.folder.path());
        command
    }

    /// A webhook that ends once its policies are loaded: the address is no machine's.
    fn start(&self) -> Log {
        Log::of(self.serve(&self.program()))
    }

    fn serve(&self, program: &Path) -> Command {
        let mut serve = self.command(program);
        serve.args(["serve", "--self-signed", "--listen", "192.0.2.1:1", "--log-level", "debug"]);
        serve
    }

    /// A check by a policy in Rego, which is there but cannot be compiled.
    fn check_rego(&self) -> String {
        let policy = self.path("policy.rego");
        fs::write(&policy, "package p\n\ndeny contains \"x\" if input.request\n").unwrap();
        let mut check = self.command(&self.program());
        let check = check.arg("check").arg("--policies").arg(policy).arg("testing/samples");
        let Output { status, stderr, .. } = check.output().unwrap();
        assert_eq!(status.code(), Some(2));
        String::from_utf8(stderr).unwrap()
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        // So that the folder can be removed. It may not be there.
        let _ = fs::set_permissions(self.lib(), Permissions::from_mode(0o755));
    }
}

// === impl Log ===

impl Log {
    /// Runs a webhook that cannot listen.
    fn of(mut serve: Command) -> Self {
        let stderr = String::from_utf8(serve.output().unwrap().stderr).unwrap();
        let log = Self { lines: stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
        assert_eq!(log.count("loaded"), 12, "{stderr}");
        assert_eq!(log.count("cannot listen"), 1, "{stderr}");
        log
    }

    /// The lines whose message begins so.
    fn count(&self, message: &str) -> usize {
        let messages = self.lines.iter().filter_map(|line| line["message"].as_str());
        messages.filter(|said| said.starts_with(message)).count()
    }

    fn compiled(&self) -> usize {
        self.count("compiled a module")
    }
}

#[test]
fn what_is_installed_is_not_compiled() {
    let prefix = Prefix::new();
    assert_eq!(prefix.start().compiled(), MODULES, "nothing is installed, and nothing can be kept");
    drop(prefix);
    let prefix = Prefix::filled();
    prefix.seal();
    let before = prefix.files();
    assert_eq!(prefix.start().compiled(), 0);
    // Where a link to the program is does not matter.
    symlink(prefix.program(), prefix.path("link")).unwrap();
    assert_eq!(Log::of(prefix.serve(&prefix.path("link"))).compiled(), 0);
    // What others have in their caches does not either, and nothing is put there.
    let mut serve = prefix.serve(&prefix.program());
    serve.env("XDG_CACHE_HOME", prefix.path("cache"));
    assert_eq!(Log::of(serve).compiled(), 0);
    assert_eq!(fs::read_dir(prefix.path("cache/magtape")).unwrap().count(), 0);
    assert_eq!(prefix.files(), before);
}

#[test]
fn what_others_could_have_written_is_not_used() {
    let prefix = Prefix::filled();
    set_mode(&prefix.lib(), 0o775);
    let log = prefix.start();
    assert_eq!(
        (log.compiled(), log.count("what was installed is not used: others can write it")),
        (MODULES, 1)
    );
    set_mode(&prefix.lib(), 0o755);
    let before = prefix.files();
    set_mode(before.keys().next().unwrap(), 0o646);
    let log = prefix.start();
    assert_eq!((log.compiled(), log.count("a compiled module is not used: others can write it")), (1, 1));
    assert_eq!(prefix.files(), before);
}

#[test]
fn what_is_damaged_is_compiled_and_stays() {
    let prefix = Prefix::filled();
    fs::write(prefix.files().keys().next().unwrap(), "damaged").unwrap();
    let before = prefix.files();
    let with_cache = || {
        let mut serve = prefix.serve(&prefix.program());
        serve.env("XDG_CACHE_HOME", prefix.path("cache"));
        Log::of(serve).compiled()
    };
    assert_eq!(prefix.start().compiled(), 1);
    assert_eq!(with_cache(), 1);
    assert_eq!(with_cache(), 0, "it was kept");
    assert_eq!(prefix.files(), before);
}

#[test]
fn the_rego_compiler_is_found_where_it_is_installed() {
    let prefix = Prefix::new();
    assert!(prefix.check_rego().contains("the Rego compiler is not here"));
    let folder = prefix.lib().join("rego-compiler-0123");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("magtape-rego-compiler.wasm"), "no module").unwrap();
    let path = folder.canonicalize().unwrap().join("magtape-rego-compiler.wasm");
    let found = format!("the Rego compiler {} does not start", path.display());
    assert!(prefix.check_rego().contains(&found), "{}", prefix.check_rego());
    set_mode(&folder, 0o775);
    assert!(prefix.check_rego().contains("the Rego compiler is not here"), "others can write it");
}
