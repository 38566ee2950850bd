//! `cargo xtask dist`: the program as it is distributed, with all that it would otherwise compile at its first start.
//!
//! A build script cannot compile the policies in the binary to machine code, since it is this program that knows how.
//! So the program that was built is run, with the folder that is distributed with it as its cache. `prefix` lays it
//! out, `parts`, `bill` and `notices` say what is in it, `archive` packs it, and `image` makes an image of it. docs/adr/0006-artefact-cache.md has the reasons.

mod archive;
mod bill;
mod image;
mod notices;
mod parts;
mod prefix;

use std::path::{Path, PathBuf};

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

/// Where it says what the program is made of.
const BILL: &str = "sbom.cdx.json";
const LICENCES: &str = "THIRD-PARTY-LICENCES";

/// Builds the program with this profile of Cargo's, lays it out in target/dist, and packs it; as an image on this base
/// too, if one is named.
pub(crate) fn run(profile: &str, base: Option<&str>) -> Result<()> {
    let prefix = lay_out(&build(profile)?)?;
    steps::say("packing")?;
    let folder = repository::target().join("dist").canonicalize().context("cannot find target/dist")?;
    let mut files = vec![prefix.program_file(), archive::pack(prefix.folder(), &name())?];
    if let Some(base) = base {
        files.push(image::build(&prefix, base)?);
    }
    let sums = archive::sum(&folder, &name(), &files)?;
    files.iter().chain([&sums]).try_for_each(|file| steps::say(file.display()))
}

/// Whether an image can be built here; what is missing is installed where that can be done without asking.
pub(crate) fn can_build_image() -> Result<()> {
    image::buildah_is_there()
}

/// Builds the image with what tests have built, on a base without anything, and tries it.
pub(crate) fn try_image() -> Result<()> {
    let prefix = lay_out(&tested()?)?;
    image::try_out(&image::build(&prefix, image::EMPTY)?)
}

fn lay_out(program: &Path) -> Result<Prefix> {
    let compiler = rego_compiler::ensure()?;
    let prefix = Prefix::new(repository::target().join("dist").join(name()))?;
    prefix.copy(program, prefix::PROGRAM)?;
    prefix.install_compiler(&compiler)?;
    PAGES.iter().try_for_each(|page| prefix.copy(&repository::path(page), page))?;
    let crates = parts::crates()?;
    prefix.write(&bill::write(&crates, &parts::go_modules()?), BILL)?;
    prefix.write(&notices::write(&crates)?, LICENCES)?;
    COMPLETIONS.iter().try_for_each(|(shell, path)| prefix.complete(shell, path))?;
    steps::say("compiling what the program compiles")?;
    prefix.fill()?;
    prefix.open()?;
    prefix.check()?;
    Ok(prefix)
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
    built(if profile == "dev" { "debug" } else { profile })
}

/// The program that tests run. To build it alone would build half of its crates again, with other features.
fn tested() -> Result<PathBuf> {
    steps::say("building the program as for tests")?;
    command::run(command::cargo(&["test", "--quiet", "--workspace", "--no-run"]))?;
    built("debug")
}

fn built(folder: &str) -> Result<PathBuf> {
    let program = repository::target().join(folder).join("magtape");
    program.canonicalize().with_context(|| format!("cannot find {}", program.display()))
}
