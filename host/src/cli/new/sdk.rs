//! Where a crate gets the SDK from.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};

/// The release of the SDK that speaks as this program does.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));

/// For those who try it before there is such a release.
pub(super) const RELEASED: &str = concat!(
    "the crate depends on its release ",
    env!("CARGO_PKG_VERSION_MAJOR"),
    ".",
    env!("CARGO_PKG_VERSION_MINOR"),
    "; if Cargo finds none, make the crate anew with --sdk DIR, the folder sdk in a clone of MagTape's repository"
);

/// Where a crate gets the SDK from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sdk {
    /// Its release.
    Released,
    /// A folder.
    Folder(PathBuf),
}

// === impl Sdk ===

impl Sdk {
    /// The SDK in a folder.
    ///
    /// # Errors
    /// When it is not there.
    pub(super) fn in_folder(folder: &Path) -> anyhow::Result<Self> {
        let place = || format!("--sdk {}", folder.display());
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).with_context(place)?;
        ensure!(
            manifest.lines().any(|line| line.trim() == "name = \"magtape-sdk\""),
            "{}: is not the SDK; it is the folder sdk in a clone of MagTape's repository",
            place()
        );
        Ok(Self::Folder(folder.canonicalize().with_context(place)?))
    }

    /// The dependency in a Cargo.toml. JSON's strings are TOML's.
    pub(super) fn dependency(&self) -> String {
        match self {
            Self::Released => format!("{VERSION:?}"),
            Self::Folder(folder) => {
                format!("{{ path = {} }}", serde_json::Value::from(folder.to_string_lossy()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_is_a_release_or_a_folder() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sdk = Sdk::in_folder(&here.join("../sdk")).unwrap();
        let expected = here.join("../sdk").canonicalize().unwrap();
        assert_eq!(sdk, Sdk::Folder(expected.clone()));
        assert_eq!(sdk.dependency(), format!("{{ path = \"{}\" }}", expected.display()));
        assert_eq!(Sdk::Folder("/a \"b\"\\c".into()).dependency(), r#"{ path = "/a \"b\"\\c" }"#);
        assert_eq!(Sdk::Released.dependency(), format!("\"{VERSION}\""));
        for (folder, expected) in [(here, "is not the SDK"), (&*here.join("nowhere"), "--sdk ")] {
            assert!(format!("{:#}", Sdk::in_folder(folder).unwrap_err()).contains(expected));
        }
    }
}
