//! The licences of the program's crates, each text once with those whose it is. NOTICE has those of all else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::parts::Part;
use super::prefix::entries;

/// How the names of files begin that have licences.
const FILES: [&str; 6] = ["license", "licence", "copying", "copyright", "notice", "unlicense"];

/// A line between two texts.
const RULE: &str = "--------------------------------------------------------------------------------";

/// The page for these crates.
pub(super) fn write(crates: &[Part]) -> Result<String> {
    let mut texts = BTreeMap::<String, Vec<String>>::new();
    let mut page = "The crates in the program magtape, and their licences.\n\n".to_owned();
    for part in crates {
        let name = format!("{} {}", part.name, part.version);
        writeln!(page, "{name}: {}", part.licence.as_deref().unwrap_or("see its text"))?;
        for text in part.folder.as_deref().map(licences).transpose()?.unwrap_or_default() {
            texts.entry(text).or_default().push(name.clone());
        }
    }
    for (text, names) in texts {
        write!(page, "\n{RULE}\n{}\n{RULE}\n\n{text}\n", names.join(", "))?;
    }
    Ok(page)
}

/// The licences in a folder of sources.
fn licences(folder: &Path) -> Result<Vec<String>> {
    let is_licence = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        path.is_file() && FILES.iter().any(|file| name.starts_with(file))
    };
    let paths = entries(folder)?.into_iter().filter(|path| is_licence(path));
    let read = |path: PathBuf| fs::read(&path).with_context(|| format!("cannot read {}", path.display()));
    paths.map(|path| Ok(String::from_utf8_lossy(&read(path)?).trim().replace("\r\n", "\n"))).collect()
}
