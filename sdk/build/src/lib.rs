//! Builds policy crates into WebAssembly modules: what `magtape build` and the project's own tasks have in common.
//!
//! [`Toolchain::find`] looks for a Rust that can do it, [`Toolchain::build`] runs Cargo and says which modules it made.

mod toolchain;

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Deserialize;

pub use toolchain::Toolchain;

/// What modules are built for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A module that was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The crate's name.
    pub name: String,
    /// The file, in Cargo's target folder.
    pub file: PathBuf,
}

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// No Rust on this machine can build for WebAssembly.
    #[error(
        "there is no Rust that builds for {TARGET}: `rustup target add {TARGET}` adds what is missing, and so do \
         Debian's packages rustc-web, cargo-web, rust-web-src and lld ({0})"
    )]
    NoToolchain(String),
    /// Cargo could not be run.
    #[error("cannot run {program}: {cause}")]
    Start {
        /// What was to be run.
        program: String,
        /// Why it was not.
        cause: std::io::Error,
    },
    /// Cargo says what is wrong itself.
    #[error("cargo could not build {}", .0.display())]
    Failed(PathBuf),
    /// The crate makes no module.
    #[error("{} makes no module: its Cargo.toml needs `[lib] crate-type = [\"cdylib\"]`", .0.display())]
    NoModule(PathBuf),
}

/// One line of what Cargo says of its work
/// (<https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>).
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

// === impl Toolchain ===

impl Toolchain {
    /// Builds the crate or the workspace in a folder, in release mode. Cargo's own words go to standard error.
    ///
    /// `flags` are for rustc, beside those that the crate has.
    ///
    /// # Errors
    /// When it cannot be built, or makes no module.
    pub fn build(&self, folder: &Path, flags: &[String]) -> Result<Vec<Module>, BuildError> {
        let mut command = self.cargo();
        command.current_dir(folder).args(["build", "--release", "--target", TARGET]);
        command.args(["--message-format", "json-render-diagnostics"]);
        if !flags.is_empty() {
            command.arg("--config").arg(format!("target.{TARGET}.rustflags={flags:?}"));
        }
        let modules = run(command)?.ok_or_else(|| BuildError::Failed(folder.to_owned()))?;
        if modules.is_empty() {
            return Err(BuildError::NoModule(folder.to_owned()));
        }
        Ok(modules)
    }
}

/// The modules that Cargo says it made; `None` when it failed.
fn run(mut command: Command) -> Result<Option<Vec<Module>>, BuildError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |cause| BuildError::Start { program: program.clone(), cause };
    let mut cargo = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
    let messages = cargo.stdout.take().map(BufReader::new);
    let lines = messages.into_iter().flat_map(BufRead::lines).map_while(Result::ok);
    let modules: Vec<Module> = lines.filter_map(|line| module(&line)).collect();
    let succeeded = cargo.wait().map_err(failed)?.success();
    Ok(succeeded.then_some(modules))
}

fn module(line: &str) -> Option<Module> {
    let message: Message = serde_json::from_str(line).ok()?;
    let is_module = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "wasm");
    let file =
        message.filenames.into_iter().find(is_module).filter(|_| message.reason == "compiler-artifact")?;
    Some(Module { name: message.target?.name, file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_told_from_what_else_cargo_says() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"mt1"},"filenames":["/t/libmt1.rlib","/t/mt1.wasm"]}"#;
        assert_eq!(module(line), Some(Module { name: "mt1".to_owned(), file: "/t/mt1.wasm".into() }));
        for other in
            ["", "{}", r#"{"reason":"build-finished","success":true}"#, r#"{"reason":"compiler-artifact"}"#]
        {
            assert_eq!(module(other), None, "{other}");
        }
    }
}
