//! Looks for a Rust that has the standard library for WebAssembly.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use super::{BuildError, TARGET};

/// Where a distribution has its own Rust.
const DISTRIBUTION: &str = "/usr/bin";

/// A Rust that can build for WebAssembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    cargo: PathBuf,
    environment: Vec<(&'static str, OsString)>,
    arguments: Vec<&'static str>,
}

// === impl Toolchain ===

impl Toolchain {
    /// The Rust for a crate's folder: the one that is used there, to which rustup adds the target if it is missing, or
    /// else the distribution's, which builds its standard library itself.
    ///
    /// # Errors
    /// When there is none, with what was tried.
    pub fn find(folder: &Path) -> Result<Self, BuildError> {
        if has_target(folder) || (add_target(folder) && has_target(folder)) {
            return Ok(Self { cargo: "cargo".into(), environment: Vec::new(), arguments: Vec::new() });
        }
        Self::of_distribution(Path::new(DISTRIBUTION)).map_err(BuildError::NoToolchain)
    }

    /// Debian's packages have the source of the standard library, and a linker.
    fn of_distribution(folder: &Path) -> Result<Self, String> {
        let (cargo, rustc) = (folder.join("cargo"), folder.join("rustc"));
        if !cargo.exists() || !rustc.exists() {
            return Err(format!("rustup does not have it, and there is no Rust in {}", folder.display()));
        }
        let linker = linker(folder).ok_or_else(|| format!("there is no wasm-ld in {}", folder.display()))?;
        let environment = vec![
            ("PATH", folder.as_os_str().to_owned()),
            ("RUSTC", rustc.into()),
            // Building the standard library is for nightly compilers only, unless one insists.
            ("RUSTC_BOOTSTRAP", "1".into()),
            ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker.into()),
        ];
        Ok(Self { cargo, environment, arguments: vec!["-Zbuild-std=std,panic_abort"] })
    }

    pub(super) fn cargo(&self) -> Command {
        let mut command = Command::new(&self.cargo);
        command.envs(self.environment.iter().cloned()).args(&self.arguments);
        // What a surrounding Cargo says of itself is not meant for the crate, such as its toolchain or its flags.
        for name in [
            "CARGO",
            "RUSTC",
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET",
        ] {
            if !self.environment.iter().any(|(set, _)| *set == name) {
                command.env_remove(name);
            }
        }
        command
    }
}

/// `wasm-ld`, or the one with the highest version in its name: `wasm-ld-14`.
fn linker(folder: &Path) -> Option<PathBuf> {
    let plain = folder.join("wasm-ld");
    if plain.exists() {
        return Some(plain);
    }
    let names = fs::read_dir(folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let versions = names.filter_map(|name| name.strip_prefix("wasm-ld-")?.parse::<u32>().ok());
    versions.max().map(|version| folder.join(format!("wasm-ld-{version}")))
}

/// Whether the Rust that is used in the folder has the target's standard library.
fn has_target(folder: &Path) -> bool {
    let output = quietly(folder, "rustc", &["--print", "target-libdir", "--target", TARGET]);
    let libraries = output.filter(|output| output.status.success()).map(|output| output.stdout);
    let libraries = libraries.and_then(|path| String::from_utf8(path).ok());
    libraries.is_some_and(|path| Path::new(path.trim()).is_dir())
}

fn add_target(folder: &Path) -> bool {
    quietly(folder, "rustup", &["target", "add", TARGET]).is_some_and(|output| output.status.success())
}

fn quietly(folder: &Path, program: &str, arguments: &[&str]) -> Option<Output> {
    // A toolchain that a surrounding Cargo was started with stays the one in use.
    Command::new(program).args(arguments).current_dir(folder).stdin(Stdio::null()).output().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_needs_cargo_a_compiler_and_a_linker() {
        let folder = std::env::temp_dir().join(format!("magtape-toolchain-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let found = || Toolchain::of_distribution(&folder);
        assert!(found().unwrap_err().contains("no Rust in"));
        for name in ["cargo", "rustc"] {
            fs::write(folder.join(name), "").unwrap();
        }
        assert!(found().unwrap_err().contains("no wasm-ld"));
        for name in ["wasm-ld-9", "wasm-ld-14", "wasm-ld-x"] {
            fs::write(folder.join(name), "").unwrap();
        }
        let toolchain = found().unwrap();
        let linker = toolchain.environment.iter().find(|(name, _)| name.ends_with("LINKER")).unwrap();
        assert_eq!(linker.1, folder.join("wasm-ld-14").into_os_string());
        fs::remove_dir_all(&folder).unwrap();
    }
}
