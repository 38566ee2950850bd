//! Where the Rego compiler is.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use crate::engine::ArtefactCache;

/// The compiler's file.
const FILE: &str = "magtape-rego-compiler.wasm";

/// How the folders begin that have one each: one for each state of its source.
const FOLDERS: &str = "rego-compiler-";

/// The variable that names it.
const VARIABLE: &str = "MAGTAPE_REGO_COMPILER";

/// What compiles Rego.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// OPA's compiler as a WebAssembly module.
    Guest(PathBuf),
    /// The program `opa`.
    Opa(PathBuf),
}

/// Looks for the compiler: where the variable says, beside the binary, in what was installed with it, in the cache
/// folder, in the build tree; and for an `opa` on the PATH when there is none.
///
/// # Errors
/// When there is neither, or when the variable names no file; the text says what to do.
pub(super) fn find(cache: Option<&ArtefactCache>) -> Result<Place, String> {
    if let Some(named) = env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        let path = PathBuf::from(named);
        return match path.is_file() {
            true => Ok(Place::Guest(path)),
            false => Err(format!("{VARIABLE} names {}, which is no file", path.display())),
        };
    }
    let executable = env::current_exe().ok();
    let beside = executable.as_deref().and_then(Path::parent).map(|folder| folder.join(FILE));
    let tree =
        executable.iter().flat_map(|path| path.ancestors().skip(1).take(4).map(in_tree)).collect::<Vec<_>>();
    let kept = cache.and_then(|cache| cache.newest_beside(FOLDERS, FILE));
    let guest = beside.into_iter().chain(kept).chain(tree).find(|path| path.is_file());
    guest.map(Place::Guest).or_else(|| on_path("opa").map(Place::Opa)).ok_or_else(nowhere)
}

fn nowhere() -> String {
    format!(
        "the Rego compiler is not here: `cargo xtask rego-compiler` builds it; looked for {FILE} where {VARIABLE} \
         says, beside this program, in ../lib/magtape from there and in the cache folder, both only where nobody else \
         can write, in the build tree, and for opa on the PATH"
    )
}

fn in_tree(target: &Path) -> PathBuf {
    target.join("rego-compiler").join(FILE)
}

fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}

// === impl Place ===

impl Place {
    /// The file.
    pub(super) fn path(&self) -> &Path {
        match self {
            Place::Guest(path) | Place::Opa(path) => path,
        }
    }

    /// What tells this compiler from another without reading all of it.
    pub(super) fn identity(&self) -> String {
        let metadata = fs::metadata(self.path()).ok();
        let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        let length = metadata.map_or(0, |metadata| metadata.len());
        format!("{} {length} {}", self.path().display(), modified.as_nanos())
    }
}
