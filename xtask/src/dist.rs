//! `cargo xtask dist`: the program as it is distributed, with all that it would otherwise compile at its first start.
//!
//! A build script cannot compile the policies in the binary to machine code, since it is this program that knows how.
//! So the program that was built is run, with the folder that is distributed with it as its cache. `prefix` lays it
//! out, `archive` packs it. docs/adr/0006-artefact-cache.md has the reasons.

mod archive;
mod prefix;

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{command, rego_compiler, repository, steps};
use prefix::Prefix;

/// What goes beside the program, from the repository's root.
const PAGES: [&str; 3] = ["LICENSE", "NOTICE", "README.md"];

/// Completion scripts, each where its shell looks for it.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "share/bash-completion/completions/magtape"),
    ("fish", "share/fish/vendor_completions.d/magtape.fish"),
    ("zsh", "share/zsh/site-functions/_magtape"),
];

/// Builds the program with this profile of Cargo's, lays it out in target/dist, and packs it.
pub(crate) fn run(profile: &str) -> Result<()> {
    let compiler = rego_compiler::ensure()?;
    let program = build(profile)?;
    let folder = repository::target().join("dist");
    let prefix = Prefix::new(folder.join(name()))?;
    prefix.copy(&program, prefix::PROGRAM)?;
    prefix.install_compiler(&compiler)?;
    PAGES.iter().try_for_each(|page| prefix.copy(&repository::path(page), page))?;
    COMPLETIONS.iter().try_for_each(|(shell, path)| prefix.complete(shell, path))?;
    steps::say("compiling what the program compiles")?;
    prefix.fill()?;
    prefix.open()?;
    prefix.check()?;
    steps::say("packing")?;
    let archive = archive::pack(prefix.folder(), &name())?;
    let sums = archive::sum(&archive)?;
    steps::say(format_args!("{}\n{}\n{}", prefix.folder().display(), archive.display(), sums.display()))
}

/// What is distributed for this architecture, by name.
fn name() -> String {
    let (version, system) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS);
    format!("magtape-{version}-{}-{system}", std::env::consts::ARCH)
}

fn build(profile: &str) -> Result<PathBuf> {
    steps::say(format_args!("building the program with the profile {profile}: some minutes the first time"))?;
    command::run(command::cargo(&["build", "--quiet", "--package", "magtape", "--profile", profile]))?;
    // The one profile that Cargo has a folder of another name for, of those that build programs.
    let folder = if profile == "dev" { "debug" } else { profile };
    let program = repository::target().join(folder).join("magtape");
    program.canonicalize().with_context(|| format!("cannot find {}", program.display()))
}
