//! Keeps the cache small: what has not been used for longest goes first.

use std::{fs, io, path::Path, path::PathBuf, time::SystemTime};

use super::EXTENSION;

/// Room for a few versions of the Rego compiler and for thousands of policies.
pub(super) const MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;

struct Kept {
    used: SystemTime,
    bytes: u64,
    path: PathBuf,
}

/// Removes files until the rest is at most `max_bytes`.
pub(super) fn shrink(folder: &Path, max_bytes: u64) -> io::Result<()> {
    let mut kept: Vec<Kept> = fs::read_dir(folder)?.filter_map(|entry| look(&entry.ok()?)).collect();
    let mut total: u64 = kept.iter().map(|file| file.bytes).sum();
    kept.sort_by_key(|file| file.used);
    for file in kept {
        if total <= max_bytes {
            break;
        }
        // A process that has the file mapped keeps it until it ends.
        fs::remove_file(&file.path)?;
        total = total.saturating_sub(file.bytes);
    }
    Ok(())
}

/// A file of the cache; one that somebody removes meanwhile is none.
fn look(entry: &fs::DirEntry) -> Option<Kept> {
    let path = entry.path();
    let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
    let ours = path.extension().is_some_and(|extension| extension == EXTENSION);
    ours.then_some(Kept { used: metadata.modified().ok()?, bytes: metadata.len(), path })
}

#[cfg(test)]
mod tests {
    use std::{fs::File, time::Duration};

    use super::*;

    fn put(folder: &Path, name: &str, days_ago: u64) {
        fs::write(folder.join(name), [0; 100]).unwrap();
        let used = SystemTime::now() - Duration::from_hours(24 * days_ago);
        File::options().write(true).open(folder.join(name)).unwrap().set_modified(used).unwrap();
    }

    #[test]
    fn the_least_recently_used_go_first_and_only_files_of_the_cache() {
        let folder = tempfile::tempdir().unwrap();
        for (name, days) in [("new.cwasm", 1), ("old.cwasm", 3), ("older.cwasm", 4), ("answer", 9)] {
            put(folder.path(), name, days);
        }
        for (max, left) in [
            (300, "answer new.cwasm old.cwasm older.cwasm"),
            (299, "answer new.cwasm old.cwasm"),
            (199, "answer new.cwasm"),
            (0, "answer"),
        ] {
            shrink(folder.path(), max).unwrap();
            let mut names: Vec<_> =
                fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
            names.sort();
            let names: Vec<_> = names.iter().map(|name| name.to_str().unwrap()).collect();
            assert_eq!(names.join(" "), left, "{max}");
        }
    }
}
