//! Finds the big parts that tests run: `cargo xtask test` builds them into a cache folder outside the clone.

use std::{env, path::PathBuf};

/// OPA's own command, the reference for every answer.
pub const OPA: &str = "opa-1.22.0/opa";

/// The path of a tool, which must be there: a test that needs a real part does not pass without it.
pub fn tool(name: &str) -> PathBuf {
    let path = cache().join(name);
    assert!(path.exists(), "{} is missing; `cargo xtask test` builds it", path.display());
    path
}

/// The same rule as in xtask.
fn cache() -> PathBuf {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("MAGTAPE_CACHE")
        .or_else(|| folder("XDG_CACHE_HOME").map(|folder| folder.join("magtape")))
        .or_else(|| folder("HOME").map(|folder| folder.join(".cache/magtape")))
        .expect("a home folder")
}
