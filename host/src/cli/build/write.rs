//! Writes files as a whole or not at all: whoever reads one at that moment sees the old or the new.

use std::{
    fs::{self, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use tempfile::{Builder, NamedTempFile};

/// Writes all files, with the folder that they are in; nothing is in its place before everything is written.
///
/// # Errors
/// Which file could not be written.
pub(super) fn all(files: &[(PathBuf, Vec<u8>)]) -> anyhow::Result<()> {
    let place = |path: &Path| format!("{} could not be written", path.display());
    let temporary = |(path, content): &(PathBuf, Vec<u8>)| {
        let written = beside(path, content).with_context(|| place(path))?;
        Ok((written, path.clone()))
    };
    let written: Vec<(NamedTempFile, PathBuf)> =
        files.iter().map(temporary).collect::<anyhow::Result<_>>()?;
    for (file, path) in written {
        file.persist(&path).map(drop).with_context(|| place(&path))?;
    }
    Ok(())
}

/// Writes to standard output.
pub(super) fn stdout(content: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(content)?;
    out.flush()
}

/// A file that takes the place of `path` when it is persisted, with the permissions of any other file.
fn beside(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(folder)?;
    file.write_all(content)?;
    Ok(file)
}
