//! A reader at a terminal, in a new folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use super::{
    page::Step,
    serve::{ASKED, LISTENS, Server},
};

/// Where the reader is, and what was printed last.
pub struct Shell {
    root: PathBuf,
    home: tempfile::TempDir,
    /// The folder that the reader is in.
    folder: PathBuf,
    output: String,
    printed: String,
    server: Option<Server>,
}

// === impl Shell ===

impl Shell {
    pub fn new(root: &Path) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().canonicalize().unwrap();
        // What crates have in common is compiled once for all runs of the test.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("writing");
        fs::create_dir_all(folder.join(".cargo")).unwrap();
        let config = format!("[build]\ntarget-dir = {:?}\n", target.to_str().unwrap());
        fs::write(folder.join(".cargo/config.toml"), config).unwrap();
        let root = root.to_owned();
        Self { root, home, folder, output: String::new(), printed: String::new(), server: None }
    }

    /// Does what a step says.
    pub fn follow(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Run { commands, code } => self.run(commands, *code),
            Step::Start { command } => {
                let command = command.replace(LISTENS, "127.0.0.1:0");
                let server = Server::start(self.bash(&["exec ", &command].concat()));
                fs::write(self.folder.join("CA.pem"), &server.ca).map_err(|error| error.to_string())?;
                self.server = Some(server);
                Ok(())
            }
            Step::Write { path, content } => {
                let path = self.folder.join(path);
                fs::write(&path, content).map_err(|error| format!("{}: {error}", path.display()))
            }
            Step::Printed { lines } => lines.iter().try_for_each(|line| self.was_printed(line)),
            Step::Answered { document } => self.was_answered(document),
            Step::Excerpt { text } => is_part(text, &self.folder.join("src/lib.rs")),
            Step::Interface { text } => is_part(text, &self.root.join("sdk/wit/policy.wit")),
        }
    }

    fn run(&mut self, commands: &str, code: i32) -> Result<(), String> {
        let at = self.home.path().join("folder");
        let port = self.server.as_ref().map(|server| server.port).unwrap_or_default();
        let commands = commands.replace(ASKED, &format!("localhost:{port}"));
        let script = format!("trap 'pwd > \"{}\"' EXIT\nset -e\n{commands}", at.display());
        let output = self.bash(&script).output().map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.output = text(&output.stdout);
        self.printed = self.output.clone() + &text(&output.stderr);
        if output.status.code() != Some(code) {
            return Err(format!("{commands} ended with {}, not {code}:\n{}", output.status, self.printed));
        }
        self.folder = fs::read_to_string(at).map_err(|error| error.to_string())?.trim_end().into();
        self.lock();
        Ok(())
    }

    fn bash(&self, script: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_magtape")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("bash");
        command
            .args(["-c", script])
            .current_dir(&self.folder)
            .env("PATH", format!("{}:{path}", program.display()))
            .env("MAGTAPE_SDK", self.root.join("sdk"))
            .env("MAGTAPE_CACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
            .env("CARGO_TERM_COLOR", "never");
        for name in ["DENY_LEVEL", "LISTEN", "FAILURE_POLICY", "LOG_LEVEL", "LOG_FORMAT", "POD_NAME"] {
            command.env_remove(format!("MAGTAPE_{name}"));
        }
        for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET", "RUSTFLAGS"] {
            command.env_remove(name);
        }
        command
    }

    /// New crates take the versions that the project has, so that nothing has to be fetched.
    fn lock(&self) {
        let lock = self.root.join("policies-wasm/Cargo.lock");
        let entries = fs::read_dir(self.home.path()).unwrap().map(|entry| entry.unwrap().path());
        for folder in entries.filter(|folder| folder.join("Cargo.toml").exists()) {
            if !folder.join("Cargo.lock").exists() {
                fs::copy(&lock, folder.join("Cargo.lock")).unwrap();
            }
        }
    }

    fn was_printed(&self, expected: &str) -> Result<(), String> {
        let parts: Vec<&str> = expected.trim_end().split('…').collect();
        let fits = |line: &str| {
            let rest = parts.iter().try_fold(line, |rest, part| rest.split_once(part).map(|(_, rest)| rest));
            rest.is_some() && line.starts_with(parts[0])
        };
        let found = self.printed.lines().map(str::trim_end).any(fits);
        if found {
            Ok(())
        } else {
            Err(format!("{expected:?} is not in what was printed:\n{}", self.printed))
        }
    }

    fn was_answered(&self, expected: &str) -> Result<(), String> {
        let read =
            |text: &str| serde_json::from_str::<Value>(text).map_err(|error| format!("{error}: {text}"));
        let (expected, answered) = (read(expected)?, read(&self.output)?);
        if answered == expected { Ok(()) } else { Err(format!("the answer is {answered}")) }
    }
}

fn is_part(text: &str, file: &Path) -> Result<(), String> {
    let whole = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    if whole.contains(text) { Ok(()) } else { Err(format!("is not in {}", file.display())) }
}
