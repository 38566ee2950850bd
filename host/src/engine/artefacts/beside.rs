//! Files of other kinds in the folders of the cache: what the Rego compiler answered, and the compiler itself.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{ArtefactCache, trust};

// === impl ArtefactCache ===

impl ArtefactCache {
    /// A file in a folder of what is kept, if it is there and nobody else could have written it.
    pub fn read_beside(&self, folder: &str, name: &str) -> Option<Vec<u8>> {
        let folder = self.kept.as_ref()?.join(folder);
        let mut file = File::open(folder.join(name)).ok()?;
        trust::look(&folder, &file).ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// A folder beside what is kept, which is made, for its owner alone, when it is missing.
    ///
    /// # Errors
    /// When it cannot be made, or nothing is kept.
    pub fn folder_beside(&self, folder: &str) -> io::Result<PathBuf> {
        let kept = self.kept.as_ref().ok_or_else(|| io::Error::other("there is no folder to keep it in"))?;
        let folder = kept.join(folder);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Ok(folder)
    }

    /// The newest file of this name in a folder whose name begins so, of those that nobody else could have written: what
    /// was installed with the program goes before what is kept.
    pub fn newest_beside(&self, prefix: &str, name: &str) -> Option<PathBuf> {
        self.installed.iter().chain(&self.kept).find_map(|place| newest(place, prefix, name))
    }
}

fn newest(place: &Path, prefix: &str, name: &str) -> Option<PathBuf> {
    trust::check_folder(place).ok()?;
    let folders = fs::read_dir(place).ok()?.filter_map(Result::ok);
    let ours = folders.filter(|folder| folder.file_name().as_encoded_bytes().starts_with(prefix.as_bytes()));
    let files = ours.filter_map(|folder| dated(&folder.path(), name));
    files.max_by_key(|(modified, _)| *modified).map(|(_, path)| path)
}

/// The file with the time when it was written, if nobody else could have done that.
fn dated(folder: &Path, name: &str) -> Option<(SystemTime, PathBuf)> {
    let path = folder.join(name);
    let file = File::open(&path).ok()?;
    let metadata = match trust::look(folder, &file) {
        Ok(metadata) => metadata,
        Err(reason) => {
            tracing::debug!(file = %path.display(), "a file of the cache is not used: {reason}");
            return None;
        }
    };
    metadata.is_file().then_some((metadata.modified().ok()?, path))
}
