//! Where the program that is measured is.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

/// `magtape` as it is meant to be run, wherever this program was built.
pub(crate) fn magtape() -> Result<PathBuf> {
    let this = env::current_exe().context("cannot tell where this program is")?;
    let builds = this.parent().and_then(Path::parent).context("this program is in no folder of builds")?;
    let program = builds.join("release/magtape");
    let command = "cargo build --release -p magtape";
    ensure!(program.is_file(), "{} does not exist: run `{command}`", program.display());
    Ok(program)
}
