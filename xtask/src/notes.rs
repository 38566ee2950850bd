//! `cargo xtask notes`: what CHANGELOG.md says of a version, for its release.

use std::fs;
use std::io::Write as _;

use anyhow::{Context, Result, ensure};

use crate::repository;

/// Prints the notes of the release with this tag, `vVERSION`, which has to be the version of this tree.
pub(crate) fn run(tag: &str) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    ensure!(tag == format!("v{version}"), "the tag {tag} is not that of this tree, v{version}");
    let changelog =
        fs::read_to_string(repository::path("CHANGELOG.md")).context("cannot read CHANGELOG.md")?;
    let notes = section(&changelog, version).with_context(|| {
        format!("CHANGELOG.md has no notes of {version}: name what is unreleased `## [{version}] - DATE`")
    })?;
    writeln!(anstream::stdout().lock(), "{notes}").context("cannot write")
}

/// What is below the heading of a version.
fn section(changelog: &str, version: &str) -> Option<String> {
    let is_heading = |line: &&str| line.starts_with("## ");
    let mut lines = changelog.lines().skip_while(|line| !line.starts_with(&format!("## [{version}]")));
    lines.next()?;
    let text = lines.take_while(|line| !is_heading(line)).collect::<Vec<_>>().join("\n");
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::section;

    #[test]
    fn a_version_has_its_own_notes_only() {
        let changelog = "# Changelog\n\n## [Unreleased]\n\n* new\n\n## [0.2.0] - 2030-01-01\n\n### Added\n\n* two\n\n## [0.1.0]\n* one\n";
        assert_eq!(section(changelog, "0.2.0").as_deref(), Some("### Added\n\n* two"));
        assert_eq!(section(changelog, "0.1.0").as_deref(), Some("* one"));
        assert_eq!(section(changelog, "0.2"), None);
        assert_eq!(section("## [1.0.0]\n\n", "1.0.0"), None);
    }
}
