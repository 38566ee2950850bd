//! What is kept between runs: compiled modules and answers of the Rego compiler.

use std::{
    collections::BTreeMap,
    fs::{self, File, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use magtape::{
    compile::{
        Compiler,
        protocol::{Compiled, Op, Request, Source},
    },
    engine::{ArtefactCache, opa::capabilities},
};
use serde_json::Value;
use tempfile::TempDir;

use crate::dialects::judge::{Check, Report, folder, program, root};

const POD: &str = "testing/examples/opa/objects/pod-both-denied.yaml";

/// A policy that is a module already, for which no compiler is prepared.
const MODULE: &str = "policies-rego/dist/mt1001-liveness-probe.wasm";

const LIVENESS: &str =
    "pod-both-denied: LOW MT1001 [FAIL] LOW - Liveness Probe missing for container \"app\" (MT1001)";

/// Whatever is larger is the compiler itself, which takes seconds to prepare.
const LARGE: u64 = 16 * 1024 * 1024;

/// A cache with a policy and a compiler of its own.
struct Kept {
    folder: TempDir,
    compiler: Vec<u8>,
}

/// The files of a folder, each by what tells whether it was written again.
type Files = BTreeMap<PathBuf, (u64, std::time::SystemTime)>;

fn text(message: &str) -> String {
    format!(
        "package kept\n\ndeny contains \"{message}\" if startswith(input.request.object.metadata.name, \"\")\n"
    )
}

fn found(message: &str) -> (i32, Vec<String>) {
    (1, vec![format!("pod-both-denied: HIGH OPA {message}")])
}

// === impl Kept ===

impl Kept {
    fn new() -> Self {
        let built = program().ancestors().nth(2).unwrap().join("rego-compiler/magtape-rego-compiler.wasm");
        let compiler = fs::read(&built)
            .unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask rego-compiler`", built.display()));
        let kept = Self { folder: folder(&[("compiler.wasm", &compiler)]), compiler };
        kept.write(&text("first"));
        kept
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, policy: &str) {
        fs::write(self.path("kept.rego"), policy).unwrap();
    }

    fn judge(&self) -> Report {
        Check::with(&[self.path("kept.rego")])
            .env("MAGTAPE_CACHE", self.path("cache"))
            .env("MAGTAPE_REGO_COMPILER", self.path("compiler.wasm"))
            .of(&[POD])
    }

    fn finds(&self, message: &str, when: &str) {
        let report = self.judge();
        assert_eq!((report.code, report.found()), found(message), "{when}: {}", report.stderr);
    }

    fn files(&self) -> Files {
        let folders = [self.path("cache"), self.path("cache/rego-answers")];
        let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap().map(Result::unwrap));
        let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
        files
            .map(|file| (file.path(), file.metadata().unwrap()))
            .map(|(path, metadata)| (path, (metadata.len(), metadata.modified().unwrap())))
            .collect()
    }

    /// Writes other bytes into the compiler's file in such a way that it still passes for the same.
    fn replace_compiler(&self, bytes: &[u8]) {
        let file = File::options().write(true).open(self.path("compiler.wasm")).unwrap();
        let modified = file.metadata().unwrap().modified().unwrap();
        assert_eq!(bytes.len(), self.compiler.len());
        fs::write(self.path("compiler.wasm"), bytes).unwrap();
        file.set_modified(modified).unwrap();
    }

    /// Makes the compiler's file useless: whatever is judged now was remembered.
    fn without_compiler(&self, then: impl FnOnce()) {
        self.replace_compiler(&vec![0; self.compiler.len()]);
        then();
        self.replace_compiler(&self.compiler);
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// One test, because each part needs the compiler, and it is prepared once only.
#[test]
fn what_is_kept_is_used_and_never_in_the_way() {
    let kept = Kept::new();
    kept.finds("first", "in a fresh cache");
    is_remembered(&kept);
    is_compiled_again_when_it_changes(&kept);
    is_made_again_when_it_is_broken(&kept);
    is_written_by_several_at_once(&kept);
    depends_on_the_compiler(&kept);
    depends_on_the_capabilities(&kept);
}

fn is_remembered(kept: &Kept) {
    let before = kept.files();
    assert!(before.len() >= 4, "the compiler, its answers and the policy: {before:?}");
    kept.without_compiler(|| {
        kept.finds("first", "remembered");
        set_mode(&kept.path("cache"), 0o555);
        kept.finds("first", "remembered where nothing can be written");
        set_mode(&kept.path("cache"), 0o700);
    });
    assert_eq!(kept.files(), before);
}

fn is_compiled_again_when_it_changes(kept: &Kept) {
    kept.write(&text("second"));
    kept.without_compiler(|| {
        let report = kept.judge();
        let refused = report.stderr.contains("kept.rego: the Rego compiler ")
            && report.stderr.contains("does not start");
        assert!(report.code == 2 && refused, "nothing can have remembered it: {}", report.stderr);
    });
    kept.finds("second", "with another text");
    kept.write(&text("first"));
    kept.without_compiler(|| kept.finds("first", "with the first text again"));
}

fn is_made_again_when_it_is_broken(kept: &Kept) {
    type Damage = fn(&[u8]) -> Vec<u8>;
    let damages: [(&str, Damage); 5] = [
        ("empty", |_| Vec::new()),
        ("half", |bytes| bytes[..bytes.len() / 2].to_vec()),
        ("zeroes", |bytes| vec![0; bytes.len()]),
        ("text", |_| b"no answer".to_vec()),
        ("null", |_| b"null".to_vec()),
    ];
    for (what, damage) in damages {
        for path in small(&kept.files()) {
            fs::write(&path, damage(&fs::read(&path).unwrap())).unwrap();
        }
        kept.finds("first", what);
        kept.without_compiler(|| kept.finds("first", "mended"));
    }
}

fn small(files: &Files) -> Vec<PathBuf> {
    files.iter().filter(|(_, (length, _))| *length < LARGE).map(|(path, _)| path.clone()).collect()
}

fn is_written_by_several_at_once(kept: &Kept) {
    kept.write(&text("third"));
    thread::scope(|scope| {
        let judges: Vec<_> = (0..4).map(|_| scope.spawn(|| kept.finds("third", "at once"))).collect();
        judges.into_iter().for_each(|judge| judge.join().unwrap());
    });
    let suspect = |path: &&PathBuf| path.file_name().unwrap().to_string_lossy().starts_with('.');
    assert_eq!(kept.files().keys().find(suspect), None, "nothing half-written is left");
}

/// A compiler of another age is another, which may answer something else.
fn depends_on_the_compiler(kept: &Kept) {
    let answers = || fs::read_dir(kept.path("cache/rego-answers")).unwrap().count();
    let before = answers();
    kept.finds("third", "of the same compiler");
    assert_eq!(answers(), before);
    let file = File::options().write(true).open(kept.path("compiler.wasm")).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    kept.finds("third", "of a newer compiler");
    assert!(answers() > before, "it was asked itself");
}

fn depends_on_the_capabilities(kept: &Kept) {
    let cache = ArtefactCache::open(&kept.path("cache")).unwrap();
    let compiler = Compiler::new(Some(cache), |_| {});
    let all = capabilities().unwrap();
    let mut few = all.clone();
    few["builtins"].as_array_mut().unwrap().retain(|builtin| builtin["name"] != "startswith");
    for (capabilities, expected) in [(&all, ""), (&few, "undefined function startswith"), (&all, "")] {
        assert_eq!(first_error(&compiler, capabilities), expected);
    }
}

fn first_error(compiler: &Compiler, capabilities: &Value) -> String {
    let text = text("asked");
    let source = Source { name: "asked.rego", text: &text, version: "", without: Vec::new() };
    let request = Request {
        entrypoints: vec!["kept/deny".to_owned()],
        capabilities: Some(capabilities),
        ..Request::new(Op::Compile, vec![source])
    };
    let compiled: Compiled = compiler.ask(&request).unwrap();
    assert!(compiled.errors.is_empty() != compiled.wasm.is_empty());
    compiled.errors.into_iter().map(|error| error.text).next().unwrap_or_default()
}

/// What lies there is run, so nobody else may be able to write it. Both commands say why they keep nothing.
#[test]
fn a_cache_that_others_can_write_is_left_alone_and_policies_load() {
    for mode in [0o777, 0o770, 0o702] {
        let cache = tempfile::tempdir().unwrap();
        set_mode(cache.path(), mode);
        let report = Check::with(&[MODULE]).env("MAGTAPE_CACHE", cache.path()).of(&[POD]);
        assert_eq!(
            (report.code, report.found()),
            (0, vec![LIVENESS.to_owned()]),
            "{mode:o}: {}",
            report.stderr
        );
        let warned = format!("others can write it (its mode is {mode:o}); `chmod go-w` ends that");
        assert!(report.stderr.contains("note: compiled policies are not kept: "), "{}", report.stderr);
        assert!(report.stderr.contains(&warned), "{}", report.stderr);
        // No address of this machine: it ends once the policies are loaded.
        let output = Command::new(program())
            .args(["serve", "--self-signed", "--listen", "192.0.2.1:1", "--policies", MODULE])
            .env("MAGTAPE_CACHE", cache.path())
            .env("TMPDIR", cache.path())
            .current_dir(root())
            .output()
            .unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        assert!(log.contains(&warned) && log.contains("cannot listen"), "{log}");
        let kept = fs::read_dir(cache.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let kept: Vec<_> = kept.filter(|name| !name.to_string_lossy().ends_with(".pem")).collect();
        assert!(kept.is_empty(), "{mode:o}: {kept:?}");
    }
}

#[test]
fn policies_load_where_nothing_can_be_kept() {
    let files = folder(&[("file", "no folder")]);
    let file = files.path().join("file");
    // Nobody can make files in /proc, whoever runs this; where there is none, it cannot be made either.
    for cache in [Path::new("/proc"), &file, &file.join("below")] {
        let report = Check::with(&[MODULE]).env("MAGTAPE_CACHE", cache).of(&[POD]);
        assert_eq!((report.code, report.found()), (0, vec![LIVENESS.to_owned()]), "{}", cache.display());
    }
}
