//! The image, built without an engine: buildah runs deploy/Containerfile on what was laid out.

mod archive;
mod trial;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use super::prefix::{Prefix, below};
use crate::{command, repository, steps};

pub(super) use trial::run as try_out;

const CONTAINERFILE: &str = "deploy/Containerfile";

/// The stage that takes what was laid out; those after it build it from source.
const STAGE: &str = "packed";

/// Where the program is in the image, with all that came with it.
const HOME: &str = "opt/magtape";

/// The base that has nothing, not even libraries.
pub(super) const EMPTY: &str = "scratch";

/// As packed; nodes fetch it when the webhook is needed.
const MAX_BYTES: u64 = 90_000_000;

/// Builds the image on this base, beside the folder that was laid out.
pub(super) fn build(prefix: &Prefix, base: &str) -> Result<PathBuf> {
    buildah_is_there()?;
    let folder = prefix.folder();
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let archive = folder.with_file_name(format!("{name}-image.tar"));
    let context = context(prefix, base)?;
    // A storage of its own, so that nothing is left behind.
    let storage = tempfile::tempdir_in(repository::target()).context("cannot make a temporary folder")?;
    let tag = format!("localhost/magtape:{}", env!("CARGO_PKG_VERSION"));
    let mut build =
        buildah(&storage, &["bud", "--isolation", "chroot", "--timestamp", "0", "--target", STAGE]);
    build.args(["--build-arg", &format!("BASE={base}"), "--tag", &tag, "--file"]);
    command::run_quietly(with(build, &[&repository::path(CONTAINERFILE), context.path()]))?;
    if archive.exists() {
        fs::remove_file(&archive).with_context(|| format!("cannot remove {}", archive.display()))?;
    }
    let to = format!("oci-archive:{}:{tag}", archive.display());
    command::run_quietly(buildah(&storage, &["push", &tag, &to]))?;
    let bytes = fs::metadata(&archive).with_context(|| format!("cannot read {}", archive.display()))?.len();
    ensure!(bytes < MAX_BYTES, "{} has {bytes} bytes, and may have {MAX_BYTES}", archive.display());
    steps::say(format_args!("{}: {bytes} bytes, on {base}", archive.display()))?;
    Ok(archive)
}

/// The files of the image: the program's, and its libraries where the base has none.
fn context(prefix: &Prefix, base: &str) -> Result<TempDir> {
    // In the same file system, for links.
    let context = tempfile::tempdir_in(repository::target()).context("cannot make a temporary folder")?;
    let root = context.path().join("root");
    for path in below(prefix.folder())? {
        let to = root.join(HOME).join(path.strip_prefix(prefix.folder())?);
        let made = if path.is_dir() {
            fs::create_dir_all(&to)
        } else {
            fs::create_dir_all(to.with_file_name("")).and_then(|()| fs::hard_link(&path, &to))
        };
        made.with_context(|| format!("cannot write {}", to.display()))?;
    }
    if base == EMPTY {
        for library in libraries(&prefix.program_file())? {
            let to = root.join(library.strip_prefix("/").unwrap_or(&library));
            let made = fs::create_dir_all(to.with_file_name("")).and_then(|()| fs::copy(&library, &to));
            made.with_context(|| format!("cannot copy {}", library.display()))?;
        }
    }
    Ok(context)
}

/// What the loader finds for a program, the loader too.
fn libraries(program: &Path) -> Result<Vec<PathBuf>> {
    let mut ldd = Command::new("ldd");
    ldd.arg(program);
    let said = command::output(ldd)?;
    let path = |line: &str| line.split_whitespace().find(|word| word.starts_with('/')).map(PathBuf::from);
    Ok(said.lines().filter_map(path).collect())
}

fn buildah(storage: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new("buildah");
    let place = |name: &str| storage.path().join(name);
    command.arg("--root").arg(place("root")).arg("--runroot").arg(place("run"));
    command.args(["--storage-driver", "vfs"]).args(arguments);
    command
}

fn with(mut command: Command, paths: &[&Path]) -> Command {
    command.args(paths);
    command
}

/// Installs buildah where that can be done without asking.
pub(super) fn buildah_is_there() -> Result<()> {
    if Command::new("buildah").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    let how = "Debian, Ubuntu and Fedora have it as the package buildah";
    if !is_root()? || !Path::new("/usr/bin/apt-get").exists() {
        bail!("buildah is not there, which builds the image: {how}");
    }
    steps::say("installing buildah, which builds the image")?;
    let mut update = Command::new("apt-get");
    update.args(["update", "--quiet"]);
    command::run_quietly(update)?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends", "buildah"]);
    command::run_quietly(install).with_context(|| format!("buildah cannot be installed: {how}"))
}

/// Whether this runs as root.
fn is_root() -> Result<bool> {
    let mut id = Command::new("id");
    id.arg("-u");
    Ok(command::output(id)?.trim() == "0")
}
