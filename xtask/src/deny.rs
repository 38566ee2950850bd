//! `cargo xtask deny`: the licences, sources and advisories of what the program is made of, by cargo-deny and deny.toml.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use magtape_testing::tools;

use crate::{command, steps};

/// <https://github.com/EmbarkStudios/cargo-deny>
const VERSION: &str = "0.20.2";

/// An older copy of the database says too little.
const MAX_AGE: Duration = Duration::from_secs(90 * 86_400);

/// Workspaces, each with a lock file of its own, and what of them is checked. Crates of policies name the SDK by its path,
/// which cargo-deny takes for a version that anything fits.
const WORKSPACES: [(&str, &[&str]); 2] = [
    ("Cargo.toml", &["licenses", "bans", "sources"]),
    ("policies-wasm/Cargo.toml", &["licenses", "sources"]),
];

/// Checks licences and sources, and advisories by the database as it is now, or else as it was recorded last.
pub(crate) fn run() -> Result<()> {
    let program = ensure()?;
    for (workspace, checks) in WORKSPACES {
        steps::say(format_args!("{workspace}: {}", checks.join(", ")))?;
        fetch(workspace)?;
        check(&program, workspace, checks)?;
    }
    let fetch = command::program(&program, &["fetch", "db"]);
    if let Err(error) = command::run_quietly(fetch) {
        let Some(age) = recorded() else {
            bail!("the database of advisories cannot be had, and no copy has been recorded here: {error:#}");
        };
        let days = age.as_secs() / 86_400;
        ensure!(
            age <= MAX_AGE,
            "the database of advisories cannot be had, and the copy here is {days} days old"
        );
        steps::say(format_args!(
            "THE DATABASE OF ADVISORIES CANNOT BE HAD: a copy of {days} days ago is asked"
        ))?;
    }
    for (workspace, _) in WORKSPACES {
        steps::say(format_args!("{workspace}: advisories"))?;
        check(&program, workspace, &["advisories"])?;
    }
    Ok(())
}

/// Has the crates of a workspace downloaded, as far as they are not there: cargo-deny reads their manifests.
fn fetch(workspace: &str) -> Result<()> {
    let fetch = command::cargo(&["fetch", "--quiet", "--locked", "--manifest-path", workspace]);
    if let Err(error) = command::run_quietly(fetch) {
        steps::say(format_args!(
            "{workspace}: not all crates can be downloaded, and those that are here are read: {error:#}"
        ))?;
    }
    Ok(())
}

/// Nothing is downloaded by it: crates and the database were before.
fn check(program: &Path, workspace: &str, what: &[&str]) -> Result<()> {
    let quiet =
        ["--log-level", "error", "--frozen", "--config", "deny.toml", "--manifest-path", workspace, "check"];
    let mut deny = command::program(program, &quiet);
    deny.args(what);
    command::run_quietly(deny).with_context(|| workspace.to_owned())
}

/// cargo-deny, which is built into the cache folder if it is not there.
fn ensure() -> Result<PathBuf> {
    let folder = tools::cache_folder()?.join(format!("cargo-deny-{VERSION}"));
    let program = folder.join("bin/cargo-deny");
    if !program.is_file() {
        steps::say(format_args!("building cargo-deny {VERSION}: about five minutes on two cores"))?;
        let mut install =
            command::cargo(&["install", "cargo-deny", "--locked", "--version", VERSION, "--root"]);
        install.arg(&folder);
        command::run(install).context("cargo-deny cannot be built")?;
    }
    Ok(program)
}

/// How old the recorded copy of the database is: its last advisory came then, and they come each week.
fn recorded() -> Option<Duration> {
    let databases = advisory_databases()?.read_dir().ok()?;
    let written = databases.flatten().filter_map(|database| {
        let mut git = command::program(Path::new("git"), &["-C"]);
        git.arg(database.path()).args(["log", "-1", "--format=%ct"]);
        let seconds = command::output(git).ok()?.trim().parse().ok()?;
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    });
    written.max().and_then(|written| SystemTime::now().duration_since(written).ok())
}

/// Where cargo-deny keeps them if nothing else is said.
fn advisory_databases() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))
        .map(|cargo| cargo.join("advisory-dbs"))
}
