//! Which versions of the world this host runs: its own major version, and no newer minor version.

use wasmparser::{ComponentTypeRef, Parser, Payload};

/// The version of `sdk/wit/policy.wit` that this host speaks.
const OURS: Version = Version { major: 1, minor: 0, patch: 0 };

/// The package of the world.
const PACKAGE: &str = "magtape:policy/";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    major: u64,
    minor: u64,
    patch: u64,
}

/// Whether the host can run a component that imports these names.
///
/// # Errors
/// Names both versions.
pub(super) fn check<'n>(imports: impl Iterator<Item = &'n str>) -> Result<(), String> {
    for name in imports.filter(|name| name.starts_with(PACKAGE)) {
        let version = name.rsplit_once('@').and_then(|(_, version)| Version::parse(version));
        let version = version.ok_or_else(|| format!("imports {name}, which has no version"))?;
        if version.major != OURS.major || version.minor > OURS.minor {
            let advice =
                if version.major >= OURS.major { "update magtape" } else { "build it with a newer SDK" };
            return Err(format!(
                "speaks magtape:policy {version}, and this host speaks {OURS}, so versions {}.0 to {}.{}; {advice}",
                OURS.major, OURS.major, OURS.minor
            ));
        }
    }
    Ok(())
}

/// The version of the world in the name of an import, if it is one of the world's.
pub(super) fn of(import: &str) -> Option<&str> {
    import.strip_prefix(PACKAGE)?.rsplit_once('@').map(|(_, version)| version)
}

/// The names of what a component imports. What follows in it may still be wrong.
pub(super) fn imports(component: &[u8]) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|error| error.to_string())? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let import = import.map_err(|error| error.to_string())?;
                    // A type that the world uses is imported as well, and needs nothing of the host.
                    if !matches!(import.ty, ComponentTypeRef::Type(_)) {
                        names.push(import.name.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Ok(names)
}

// === impl Version ===

impl Version {
    /// Reads `1.2.3`; what follows in a pre-release does not matter here.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(['.', '-', '+']).map(|part| part.parse().ok());
        Some(Self { major: parts.next()??, minor: parts.next()??, patch: parts.next()?? })
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_minor_version_is_refused_with_both_named() {
        for name in
            ["magtape:policy/documents@1.0.0", "magtape:policy/documents@1.0.7", "wasi:io/error@9.9.9"]
        {
            assert_eq!(check([name].into_iter()), Ok(()), "{name}");
        }
        let refused = |name: &str| check([name].into_iter()).unwrap_err();
        assert!(
            refused("magtape:policy/host@1.1.0")
                .starts_with("speaks magtape:policy 1.1.0, and this host speaks 1.0.0")
        );
        assert!(refused("magtape:policy/host@2.0.0").ends_with("update magtape"));
        assert!(refused("magtape:policy/host@0.9.0").ends_with("build it with a newer SDK"));
        assert!(refused("magtape:policy/host").contains("no version"));
    }
}
