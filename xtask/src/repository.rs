//! Where the repository is.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Makes the repository's root the working folder: paths are relative to it, and read so in messages.
pub(crate) fn enter() -> Result<()> {
    let root = path("");
    env::set_current_dir(&root).with_context(|| format!("cannot enter {}", root.display()))
}

/// Where Cargo builds, which is where the host looks.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| path("target"), PathBuf::from)
}

/// The absolute path of a file or folder of the repository that this program was built in.
pub(crate) fn path(relative: &str) -> PathBuf {
    // This package is a folder of the root, and what is asked for is its sibling.
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(relative)
}
