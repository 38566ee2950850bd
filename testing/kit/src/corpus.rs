//! The recorded AdmissionReviews of `testing/corpus`, which measurements and tests share.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

/// The folder with the recording and the manifests that it was made with.
pub fn folder() -> PathBuf {
    // This package and the corpus are folders of `testing`.
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("corpus")
}

/// The recording: one review a line, in the order in which the API server sent them.
pub fn file() -> PathBuf {
    folder().join("reviews.jsonl")
}

/// The body of every recorded review, byte for byte as the API server sent it.
///
/// # Errors
/// When there is no recording; the text says what makes one.
pub fn corpus() -> Result<Vec<Vec<u8>>> {
    let path = file();
    let text = fs::read(&path).with_context(|| {
        format!("cannot read {} (`cargo xtask bench --record` records it)", path.display())
    })?;
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let reviews: Vec<Vec<u8>> = lines.map(<[u8]>::to_vec).collect();
    ensure!(!reviews.is_empty(), "{} holds no review", path.display());
    Ok(reviews)
}
