//! The archive that is distributed, and its digest. The same files make the same bytes.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use tar::{Builder, HeaderMode};

use super::prefix::below;

/// Packs the folder under this name, beside it.
pub(super) fn pack(folder: &Path, name: &str) -> Result<PathBuf> {
    let archive = folder.with_file_name(format!("{name}.tar.gz"));
    let paths = below(folder)?;
    write(&archive, folder, name, &paths).with_context(|| format!("cannot write {}", archive.display()))?;
    Ok(archive)
}

fn write(archive: &Path, folder: &Path, name: &str, paths: &[PathBuf]) -> io::Result<()> {
    let file = BufWriter::new(File::create(archive)?);
    let mut builder = Builder::new(GzEncoder::new(file, Compression::default()));
    // Of root's and without the time, so that it does not matter who packs it and when.
    builder.mode(HeaderMode::Deterministic);
    builder.sparse(false);
    builder.append_path_with_name(folder, name)?;
    for path in paths {
        let below = path.strip_prefix(folder).map_err(io::Error::other)?;
        builder.append_path_with_name(path, Path::new(name).join(below))?;
    }
    builder.into_inner()?.finish()?.flush()
}

/// Writes the digests of files below a folder into it, under a name that begins so, as `sha256sum --check` reads them there.
pub(super) fn sum(folder: &Path, name: &str, files: &[PathBuf]) -> Result<PathBuf> {
    let mut lines = String::new();
    for file in files {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.strip_prefix(folder).unwrap_or(file).display();
        writeln!(lines, "{}  {name}", digest(&bytes))?;
    }
    let sums = folder.join(format!("{name}-SHA256SUMS"));
    fs::write(&sums, lines).with_context(|| format!("cannot write {}", sums.display()))?;
    Ok(sums)
}

/// The SHA-256 of bytes, in hexadecimal digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::io::Read as _;
    use std::os::unix::fs::PermissionsExt as _;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn the_same_files_make_the_same_archive_whoever_has_them() {
        let packed = [0o755, 0o700].map(|mode| {
            let folder = tempfile::tempdir().unwrap();
            let one = folder.path().join("one-1.0");
            fs::create_dir_all(one.join("bin")).unwrap();
            fs::write(one.join("bin/one"), "program").unwrap();
            fs::write(one.join("README"), "text").unwrap();
            fs::set_permissions(one.join("bin/one"), Permissions::from_mode(mode)).unwrap();
            let archive = pack(&one, "one-1.0").unwrap();
            (
                fs::read(&archive).unwrap(),
                fs::read_to_string(sum(folder.path(), "one-1.0", &[archive]).unwrap()).unwrap(),
            )
        });
        assert_eq!(packed[0], packed[1]);
        let mut archive = tar::Archive::new(GzDecoder::new(packed[0].0.as_slice()));
        let mut found = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let (path, header) = (entry.path().unwrap().display().to_string(), entry.header().clone());
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
            found.push((path, header.mode().unwrap() & 0o777, text));
        }
        let expected = [
            ("one-1.0", 0o755, ""),
            ("one-1.0/README", 0o644, "text"),
            ("one-1.0/bin", 0o755, ""),
            ("one-1.0/bin/one", 0o755, "program"),
        ];
        assert_eq!(found, expected.map(|(path, mode, text)| (path.to_owned(), mode, text.to_owned())));
        assert!(packed[0].1.ends_with("  one-1.0.tar.gz\n") && packed[0].1.len() == 64 + 17);
    }
}
