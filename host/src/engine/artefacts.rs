//! Compiled modules, kept in folders between runs. docs/adr/0006-artefact-cache.md has the reasons and the risks.
//!
//! What was installed with the program is looked at first and never changed; what is found nowhere is compiled and
//! kept in the user's folder. `trust` decides whether what lies there may be believed, `bound` keeps the user's folder
//! small, `beside` is for files of other kinds, and `portable` makes code that other processors can run as well. The
//! cache only ever saves time: whatever goes wrong with it, the module is compiled as if there were none.

mod beside;
mod bound;
mod compiled;
mod portable;
mod trust;

use std::{
    fs::{self, DirBuilder, File},
    hash::{Hash, Hasher},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;

use compiled::Compiled;
pub(super) use portable::portable;

/// How the files of the cache end; others in the folder are left alone.
const EXTENSION: &str = "cwasm";

/// A file that was used counts as used for so long, so that most hits write nothing.
const USED: Duration = Duration::from_hours(24);

/// Folders of compiled modules. Without any, nothing is found and nothing kept.
#[derive(Clone, Debug, Default)]
pub struct ArtefactCache {
    /// What came with the program, which is not this user's to change.
    installed: Option<PathBuf>,
    /// What was compiled by this user.
    kept: Option<PathBuf>,
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
        trust::check_folder(folder).map_err(|reason| failed(&reason))?;
        Ok(Self { installed: None, kept: Some(folder.to_owned()) })
    }

    /// The same, with what was installed in `folder`. It is passed over when somebody else could write there.
    pub fn with_installed(self, folder: &Path) -> Self {
        if !folder.is_dir() {
            return self;
        }
        match trust::check_folder(folder) {
            Ok(()) => Self { installed: Some(folder.to_owned()), ..self },
            Err(reason) => {
                tracing::debug!(folder = %folder.display(), "what was installed is not used: {reason}");
                self
            }
        }
    }

    /// Where what is compiled is kept. Other files may be there as well.
    pub fn folder(&self) -> Option<&Path> {
        self.kept.as_deref()
    }

    /// The compiled form of the module with this digest, from here or from `compile`, in which case it is kept.
    pub(super) fn find_or<C: Compiled>(
        &self,
        engine: &Engine,
        digest: &[u8; 32],
        compile: impl FnOnce() -> wasmtime::Result<C>,
    ) -> wasmtime::Result<C> {
        let name = name(engine, digest);
        if let Some(module) = self.find(engine, &name) {
            return Ok(module);
        }
        let module = compile()?;
        tracing::debug!(file = name, "compiled a module");
        self.keep(&name, &module);
        // Code that is mapped from a file is memory that the kernel can take back; what was compiled here is not.
        Ok(self.find_kept(engine, &name).unwrap_or(module))
    }

    /// The module that was compiled under this name, if it is in one of the folders.
    fn find<C: Compiled>(&self, engine: &Engine, name: &str) -> Option<C> {
        self.find_installed(engine, name).or_else(|| self.find_kept(engine, name))
    }

    fn find_installed<C: Compiled>(&self, engine: &Engine, name: &str) -> Option<C> {
        let folder = self.installed.as_ref()?;
        let file = File::open(folder.join(name)).ok()?;
        let module = trust::look(folder, &file).and_then(|_| C::map(engine, &file));
        module.map_err(|reason| not_used(folder, name, &reason)).ok()
    }

    fn find_kept<C: Compiled>(&self, engine: &Engine, name: &str) -> Option<C> {
        let folder = self.kept.as_ref()?;
        let file = File::open(folder.join(name)).ok()?;
        let module = trust::look(folder, &file).and_then(|metadata| {
            touch(&file, &metadata);
            C::map(engine, &file)
        });
        module
            .map_err(|reason| {
                not_used(folder, name, &reason);
                // It may be another's to remove, or the folder may be read-only: then it is passed over each time.
                let _ = fs::remove_file(folder.join(name));
            })
            .ok()
    }

    /// Keeps what was compiled under this name, if there is a folder that takes it.
    fn keep(&self, name: &str, module: &impl Compiled) {
        let Some(folder) = &self.kept else { return };
        if let Err(reason) = write(folder, name, module) {
            tracing::debug!(folder = %folder.display(), "a compiled module is not kept: {reason:#}");
        }
    }
}

/// The name of the file with what this engine compiles of the module with this digest.
fn name(engine: &Engine, digest: &[u8; 32]) -> String {
    let mut feed = Feed(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut feed);
    // Two digests of fixed length, so that no module can pretend to be part of a configuration.
    let key = Sha256::new().chain_update(feed.0.finalize()).chain_update(digest).finalize();
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{key}.{EXTENSION}")
}

fn not_used(folder: &Path, name: &str, reason: &str) {
    tracing::debug!(file = %folder.join(name).display(), "a compiled module is not used: {reason}");
}

fn write(folder: &Path, name: &str, module: &impl Compiled) -> wasmtime::Result<()> {
    let bytes = module.serialize()?;
    // Named like the others, so that `bound` also finds what a process left behind that ended here.
    let mut file = tempfile::Builder::new().suffix(&format!(".{EXTENSION}")).tempfile_in(folder)?;
    file.write_all(&bytes)?;
    // After a power failure a file under its final name has to be whole, because nothing looks at its code.
    file.as_file().sync_data()?;
    file.persist(folder.join(name))?;
    Ok(bound::shrink(folder, bound::MAX_BYTES)?)
}

/// Notes that a file was used, for `bound`. A file of root's cannot be touched, and need not be.
fn touch(file: &File, metadata: &fs::Metadata) {
    let unused = |at: SystemTime| at.elapsed().is_ok_and(|since| since > USED);
    if metadata.modified().is_ok_and(unused) {
        let _: io::Result<()> = file.set_modified(SystemTime::now());
    }
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
