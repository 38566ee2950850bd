//! Where the repository is.

use std::path::PathBuf;

/// The path of a file or folder of the repository this program was built in.
pub(crate) fn path(relative: &str) -> PathBuf {
    // xtask is a folder of the root; joined rather than walked up, so that no path can be missing.
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(relative)
}
