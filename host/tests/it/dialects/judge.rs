//! `magtape check -o json` with policies of its own, and what came of it.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

/// A `magtape check` at the root of the repository, so that paths in texts are the same on every machine.
pub struct Check {
    command: Command,
}

/// What it said.
pub struct Report {
    pub code: i32,
    /// Null when nothing was judged.
    pub json: Value,
    pub stderr: String,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The `magtape` that the tests are about.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_magtape"))
}

/// A folder with these files, gone with the value.
pub fn folder<C: AsRef<[u8]>>(files: &[(&str, C)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, content)| fs::write(folder.path().join(name), content).unwrap());
    folder
}

/// The files of this name in a folder of the repository.
pub fn files(below: &str, is_one: impl Fn(&str) -> bool) -> Vec<String> {
    let entries = fs::read_dir(root().join(below)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| is_one(name)).collect();
    names.sort();
    names
}

// === impl Check ===

impl Check {
    pub fn with<P: AsRef<Path>>(policies: &[P]) -> Self {
        Self::by(program(), policies)
    }

    /// By another copy of the program.
    pub fn by<P: AsRef<Path>>(program: &Path, policies: &[P]) -> Self {
        let mut command = Command::new(program);
        command.args(["check", "-o", "json"]).current_dir(root());
        command.env_remove("MAGTAPE_DENY_LEVEL");
        for path in policies {
            command.arg("--policies").arg(path.as_ref());
        }
        Self { command }
    }

    pub fn option(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.arg(name).arg(value);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Judges these objects.
    pub fn of<P: AsRef<OsStr>>(mut self, objects: &[P]) -> Report {
        let output = self.command.arg("--").args(objects).output().unwrap();
        Report {
            code: output.status.code().expect("it ended by itself"),
            json: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

// === impl Report ===

impl Report {
    fn results(&self) -> impl Iterator<Item = &Value> {
        self.json["results"].as_array().into_iter().flatten()
    }

    /// Every violation as `object: SEVERITY CODE message`, sorted. The object is its file's name, without the ending.
    pub fn found(&self) -> Vec<String> {
        let of = |result: &Value| {
            let object = stem(result);
            let violations = result["violations"].as_array().unwrap().clone();
            violations.into_iter().map(move |violation| {
                let text = |field: &str| violation[field].as_str().unwrap().to_owned();
                format!("{object}: {} {} {}", text("severity"), text("errcode"), text("message"))
            })
        };
        let mut found: Vec<String> = self.results().flat_map(of).collect();
        found.sort();
        found
    }

    /// One field of every violation, each value once.
    pub fn all(&self, field: &str) -> Vec<&str> {
        let violations = self.results().flat_map(|result| result["violations"].as_array().unwrap());
        let mut all: Vec<&str> = violations.map(|violation| violation[field].as_str().unwrap()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The names of the objects that may not pass.
    pub fn denied(&self) -> Vec<String> {
        self.results().filter(|result| result["allowed"] == false).map(stem).collect()
    }

    /// The policies that could not be evaluated, each with the reason.
    pub fn failed(&self) -> Vec<String> {
        let failed = self.results().flat_map(|result| result["failed"].as_array().unwrap());
        failed.map(|failed| format!("{}: {}", failed["policy"], failed["error"])).collect()
    }

    /// That nothing was wrong with the policies and the objects.
    pub fn is_whole(&self) {
        assert!(self.json["errors"] == Value::Array(vec![]), "{}", self.stderr);
        assert_eq!(self.failed(), [""; 0]);
    }
}

fn stem(result: &Value) -> String {
    let path = Path::new(result["source"].as_str().unwrap());
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}
