//! Compiled modules, kept in a folder between runs. docs/adr/0006-artefact-cache.md has the reasons and the risks.
//!
//! `trust` decides whether what lies there may be believed, `bound` keeps the folder small. The cache only ever
//! saves time: whatever goes wrong with it, the module is compiled as if there were none.

mod bound;
mod trust;

use std::{
    fs::{self, DirBuilder, File},
    hash::{Hash, Hasher},
    io::{self, Read as _, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, Module};

/// How the files of the cache end; others in the folder are left alone.
const EXTENSION: &str = "cwasm";

/// A file that was used counts as used for so long, so that most hits write nothing.
const USED: Duration = Duration::from_hours(24);

/// A folder of compiled modules.
#[derive(Clone, Debug)]
pub struct ArtefactCache {
    folder: PathBuf,
}

/// Feeds what wasmtime says of its version and configuration into a digest.
struct Feed(Sha256);

/// The digest that a module is known by: its SHA-256.
pub(super) fn digest(wasm: &[u8]) -> [u8; 32] {
    Sha256::digest(wasm).into()
}

// === impl ArtefactCache ===

impl ArtefactCache {
    /// Opens the cache in `folder`, which is made, for its owner alone, when it is missing.
    ///
    /// # Errors
    /// When the folder can be neither made nor read, or when somebody else could write there: what is in it is run.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let failed = |reason: &dyn std::fmt::Display| format!("the cache {}: {reason}", folder.display());
        match DirBuilder::new().recursive(true).mode(0o700).create(folder) {
            Err(cause) if !folder.is_dir() => return Err(failed(&cause)),
            _ => {}
        }
        let metadata = fs::metadata(folder).map_err(|cause| failed(&cause))?;
        trust::check(&metadata).map_err(|reason| failed(&reason))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Where it is. Other files may be kept there as well.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file of another kind in a folder of the cache, if it is there and nobody else could have written it.
    pub fn read_beside(&self, folder: &str, name: &str) -> Option<Vec<u8>> {
        let folder = self.folder.join(folder);
        trust::check(&fs::metadata(&folder).ok()?).ok()?;
        let mut file = File::open(folder.join(name)).ok()?;
        trust::check(&file.metadata().ok()?).ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// A folder of the cache for files of another kind, which is made, for its owner alone, when it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder_beside(&self, folder: &str) -> io::Result<PathBuf> {
        let folder = self.folder.join(folder);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Ok(folder)
    }

    /// The compiled form of the module with this digest, from here or from `compile`, in which case it is kept.
    pub(super) fn find_or(
        &self,
        engine: &Engine,
        digest: &[u8; 32],
        compile: impl FnOnce() -> wasmtime::Result<Module>,
    ) -> wasmtime::Result<Module> {
        if let Some(module) = self.find(engine, digest) {
            return Ok(module);
        }
        let module = compile()?;
        self.keep(digest, &module);
        // Code that is mapped from a file is memory that the kernel can take back; what was compiled here is not.
        Ok(self.find(engine, digest).unwrap_or(module))
    }

    /// What was compiled with this engine's configuration of the module with this digest, if it is there.
    fn find(&self, engine: &Engine, digest: &[u8; 32]) -> Option<Module> {
        let path = self.path(engine, digest);
        let file = File::open(&path).ok()?;
        match self.read(engine, file) {
            Ok(module) => Some(module),
            Err(reason) => {
                tracing::debug!(file = %path.display(), "a compiled module is not used: {reason}");
                // It may be another's to remove, or the folder may be read-only: then it is passed over each time.
                let _ = fs::remove_file(&path);
                None
            }
        }
    }

    /// Keeps what was compiled of the module with this digest, if the folder takes it.
    fn keep(&self, digest: &[u8; 32], module: &Module) {
        if let Err(reason) = self.write(&self.path(module.engine(), digest), module) {
            tracing::debug!(folder = %self.folder.display(), "a compiled module is not kept: {reason:#}");
        }
    }

    fn path(&self, engine: &Engine, digest: &[u8; 32]) -> PathBuf {
        let mut feed = Feed(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut feed);
        // Two digests of fixed length, so that no module can pretend to be part of a configuration.
        let key = Sha256::new().chain_update(feed.0.finalize()).chain_update(digest).finalize();
        let name: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(name).with_extension(EXTENSION)
    }

    fn read(&self, engine: &Engine, file: File) -> Result<Module, String> {
        // Both each time, because a folder and a file can be given away after they were opened.
        trust::check(&fs::metadata(&self.folder).map_err(|cause| cause.to_string())?)?;
        let metadata = file.metadata().map_err(|cause| cause.to_string())?;
        trust::check(&metadata)?;
        touch(&file, &metadata);
        map(engine, file).map_err(|error| format!("{error:#}"))
    }

    fn write(&self, path: &Path, module: &Module) -> wasmtime::Result<()> {
        let bytes = module.serialize()?;
        // Named like the others, so that `bound` also finds what a process left behind that ended here.
        let mut file = tempfile::Builder::new().suffix(&format!(".{EXTENSION}")).tempfile_in(&self.folder)?;
        file.write_all(&bytes)?;
        // After a power failure a file under its final name has to be whole, because nothing looks at its code.
        file.as_file().sync_data()?;
        file.persist(path)?;
        Ok(bound::shrink(&self.folder, bound::MAX_BYTES)?)
    }
}

/// Notes that a file was used, for `bound`. A file of root's cannot be touched, and need not be.
fn touch(file: &File, metadata: &fs::Metadata) {
    let unused = |at: SystemTime| at.elapsed().is_ok_and(|since| since > USED);
    if metadata.modified().is_ok_and(unused) {
        let _: io::Result<()> = file.set_modified(SystemTime::now());
    }
}

#[allow(unsafe_code, reason = "there is no safe way to load compiled code; docs/adr/0006-artefact-cache.md")]
fn map(engine: &Engine, file: File) -> wasmtime::Result<Module> {
    // SAFETY: the file has to be what wasmtime serialised, and to stay so while it is mapped. The one caller has
    // looked at the open file: only this user and root can write it, and both only write here what `Module::serialize`
    // gave, under another name, and replace or remove whole files. wasmtime refuses files of other versions and
    // configurations.
    unsafe { Module::deserialize_open_file(engine, file) }
}

// === impl Feed ===

impl Hasher for Feed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        // Only the digest is asked for.
        0
    }
}

#[cfg(test)]
mod tests;
