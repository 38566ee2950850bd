//! Policies in Rust: Cargo makes modules of crates, which become components.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, ensure};
use magtape_sdk_build::{BuildError, Module, Toolchain};

use crate::{engine::component, policy::Candidate};

/// What Cargo knows a crate by.
const MANIFEST: &str = "Cargo.toml";

/// Whether the path is a crate's folder, or its manifest.
pub(super) fn is_crate(path: &Path) -> bool {
    path.ends_with(MANIFEST) || path.join(MANIFEST).is_file()
}

/// The policies of a crate, or of all crates in a workspace. Cargo's own words go to standard error.
///
/// # Errors
/// When it cannot be built, or makes something that is no policy.
pub(super) fn build(path: &Path) -> anyhow::Result<Vec<Candidate>> {
    let folder = folder(path);
    let built = Toolchain::find(folder).and_then(|toolchain| toolchain.build(folder, &remapped()));
    let unwritten = |error: BuildError| anyhow!("{error}; nothing was written");
    built.map_err(unwritten)?.iter().map(|module| candidate(folder, module)).collect()
}

fn folder(path: &Path) -> &Path {
    let folder = if path.ends_with(MANIFEST) { path.parent().unwrap_or(path) } else { path };
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

fn candidate(folder: &Path, module: &Module) -> anyhow::Result<Candidate> {
    // Cargo names a library as Rust does.
    let name = module.name.replace('_', "-");
    let wasm = fs::read(&module.file).with_context(|| format!("{} cannot be read", module.file.display()))?;
    ensure!(
        component::is_component(&wasm),
        "{}: {name} exports no policy: `magtape_sdk::export!(TYPE);` in its lib.rs makes one of a type; nothing was \
         written",
        folder.display()
    );
    let origin = format!("{}: {name}", folder.display());
    Ok(Candidate { name, ..Candidate::new(origin, wasm) })
}

/// Panics say where they happened, which should not be on the machine that built the policy.
fn remapped() -> Vec<String> {
    let flag = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    let home = env::home_dir().filter(|home| home.is_absolute());
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(".cargo")));
    let registries = cargo.and_then(|cargo| fs::read_dir(cargo.join("registry/src")).ok());
    let registries =
        registries.into_iter().flatten().flatten().map(|registry| flag(&registry.path(), "crates"));
    // The last one that fits counts.
    home.iter().map(|home| flag(home, "~")).chain(registries).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_named_by_its_folder_or_its_manifest() {
        for (path, expected) in [("a/Cargo.toml", "a"), ("Cargo.toml", "."), ("a/b", "a/b"), (".", ".")] {
            assert_eq!(folder(Path::new(path)), Path::new(expected), "{path}");
        }
        assert!(is_crate(Path::new(env!("CARGO_MANIFEST_DIR"))) && is_crate(Path::new("x/Cargo.toml")));
        assert!(!is_crate(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")));
    }
}
