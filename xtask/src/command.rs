//! Programs, run to their end.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// Cargo, the one that runs this.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

/// A program with arguments.
pub(crate) fn program(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

/// Runs a command that speaks for itself.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", name(&command)))?;
    ensure!(status.success(), "{} failed ({status})", name(&command));
    Ok(())
}

/// Runs a command whose words matter only when it fails: then they are the error.
pub(crate) fn run_quietly(mut command: Command) -> Result<()> {
    let output = command.output().with_context(|| format!("cannot start {}", name(&command)))?;
    if !output.status.success() {
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        bail!("{} failed ({})\n{stdout}{stderr}", name(&command), output.status);
    }
    Ok(())
}

/// Runs a command for what it says on standard output. What it says on standard error is the error when it fails.
pub(crate) fn output(mut command: Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {}", name(&command)))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} failed ({})\n{stderr}", name(&command), output.status);
    String::from_utf8(output.stdout).with_context(|| format!("{} says what is no text", name(&command)))
}

/// The program's name and its first argument: `opa build`.
fn name(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = [program].into_iter().chain(command.get_args().take(1));
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
