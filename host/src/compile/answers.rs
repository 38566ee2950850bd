//! Answers of the Rego compiler, kept by the digest of what was asked.

use std::{fs, io::Write, path::Path};

use sha2::{Digest, Sha256};

use crate::engine::ArtefactCache;

/// The answers that are kept. The oldest go first when there are more.
const MAX_FILES: usize = 4096;

/// Where they are in the cache.
const FOLDER: &str = "rego-answers";

/// The characters of the digest that a file begins with.
const DIGEST: usize = 64;

/// A folder of answers. It may be lost at any time: nothing but time is lost with it.
#[derive(Clone, Debug)]
pub(super) struct Answers {
    cache: ArtefactCache,
}

// === impl Answers ===

impl Answers {
    /// Answers that are kept in that cache.
    pub(super) fn new(cache: ArtefactCache) -> Self {
        Self { cache }
    }

    /// The answer, if it is there as it was written: a damaged one might be read as another answer.
    pub(super) fn get(&self, key: &str) -> Option<Vec<u8>> {
        let file = self.cache.read_beside(FOLDER, key)?;
        let (digest, answer) = file.split_at_checked(DIGEST)?;
        (digest == digest_of(answer).as_bytes()).then(|| answer.to_vec())
    }

    /// Keeps an answer. A folder that takes nothing, as in an image, only costs time.
    pub(super) fn put(&self, key: &str, answer: &[u8]) {
        if let Err(cause) = self.try_put(key, answer) {
            tracing::debug!("an answer of the Rego compiler is not kept: {cause}");
        }
    }

    fn try_put(&self, key: &str, answer: &[u8]) -> std::io::Result<()> {
        let folder = self.cache.folder_beside(FOLDER)?;
        let mut file = tempfile::NamedTempFile::new_in(&folder)?;
        file.write_all(digest_of(answer).as_bytes())?;
        file.write_all(answer)?;
        file.persist(folder.join(key))?;
        prune(&folder)
    }
}

fn prune(folder: &Path) -> std::io::Result<()> {
    let mut files = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    if files.len() <= MAX_FILES {
        return Ok(());
    }
    files.sort_by_cached_key(|file| file.metadata().and_then(|metadata| metadata.modified()).ok());
    files.iter().take(files.len() - MAX_FILES * 3 / 4).try_for_each(|file| fs::remove_file(file.path()))
}

/// The name under which the answer to `request` by the compiler `identity` is kept.
pub(super) fn key(identity: &str, request: &[u8]) -> String {
    hex(&Sha256::new().chain_update(identity).chain_update([0]).chain_update(request).finalize())
}

fn digest_of(answer: &[u8]) -> String {
    hex(&Sha256::digest(answer))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_answer_is_found_by_what_was_asked() {
        let folder = tempfile::tempdir().unwrap();
        let answers = Answers::new(ArtefactCache::open(&folder.path().join("cache")).unwrap());
        let (one, other) = (key("compiler 1", b"request"), key("compiler 2", b"request"));
        assert_eq!(answers.get(&one), None);
        answers.put(&one, b"answer");
        assert_eq!((answers.get(&one).as_deref(), answers.get(&other)), (Some(&b"answer"[..]), None));
        let kept = answers.cache.folder().unwrap().join(FOLDER);
        fs::set_permissions(&kept, fs::Permissions::from_mode(0o777)).unwrap();
        assert_eq!(answers.get(&one), None, "anyone could have written it");
        fs::set_permissions(&kept, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(answers.get(&one).is_some());
        fs::write(kept.join(&one), "{}").unwrap();
        assert_eq!(answers.get(&one), None, "it is damaged");
    }
}
