//! Whose files are believed. Loading compiled code means running it, so a file may only have been written by those
//! who can make this process do whatever they like anyway: its own user, and root.

use std::{
    fs::{self, File, Metadata},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

/// Writable by the group or by everybody.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// What the system says of a file in this folder, if nobody but this user and root can write the file or the folder.
///
/// # Errors
/// Who else can, or why that is not known.
pub(super) fn look(folder: &Path, file: &File) -> Result<Metadata, String> {
    check_folder(folder)?;
    let metadata = file.metadata().map_err(|cause| cause.to_string())?;
    check(&metadata)?;
    Ok(metadata)
}

/// Whether nobody but this user and root can write the folder.
///
/// # Errors
/// Who else can, or why that is not known.
pub(super) fn check_folder(folder: &Path) -> Result<(), String> {
    check(&fs::metadata(folder).map_err(|cause| cause.to_string())?)
}

fn check(metadata: &Metadata) -> Result<(), String> {
    let user = rustix::process::geteuid().as_raw();
    judge(metadata.uid(), metadata.mode(), user)
}

fn judge(owner: u32, mode: u32, user: u32) -> Result<(), String> {
    if owner != user && owner != 0 {
        return Err(format!("it belongs to user {owner}, neither to this user ({user}) nor to root"));
    }
    if mode & WRITABLE_BY_OTHERS != 0 {
        let mode = mode & 0o7777;
        return Err(format!("others can write it (its mode is {mode:o}); `chmod go-w` ends that"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_user_and_root_are_believed() {
        for (owner, mode, user, trusted) in [
            (1000, 0o040_700, 1000, true),
            (1000, 0o100_644, 1000, true),
            (0, 0o100_444, 1000, true),
            (0, 0o100_644, 0, true),
            (1001, 0o100_600, 1000, false),
            (1000, 0o100_600, 0, false),
            (1000, 0o040_770, 1000, false),
            (1000, 0o100_602, 1000, false),
            (0, 0o041_777, 1000, false),
        ] {
            assert_eq!(judge(owner, mode, user).is_ok(), trusted, "{owner} {mode:o} {user}");
        }
    }
}
