//! What is in an image that is an archive of the Open Container Initiative's
//! (<https://github.com/opencontainers/image-spec/blob/main/image-layout.md>).

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use serde_json::Value;

/// Unpacks an archive into `layout` and the files of its one image into `root`. Answers the image's configuration.
pub(super) fn unpack(archive: &Path, layout: &Path, root: &Path) -> Result<Value> {
    let file = File::open(archive).with_context(|| format!("cannot read {}", archive.display()))?;
    tar::Archive::new(file).unpack(layout).with_context(|| format!("cannot unpack {}", archive.display()))?;
    let index = json(&layout.join("index.json"))?;
    let manifest = json(&blob(layout, index.pointer("/manifests/0"))?)?;
    for layer in manifest.get("layers").and_then(Value::as_array).into_iter().flatten() {
        let file = blob(layout, Some(layer))?;
        let bytes = File::open(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut layer = tar::Archive::new(GzDecoder::new(bytes));
        layer.set_preserve_permissions(true);
        layer.set_preserve_ownerships(super::is_root()?);
        layer.unpack(root).with_context(|| format!("cannot unpack {}", file.display()))?;
    }
    json(&blob(layout, manifest.get("config"))?)
}

/// The file that a descriptor is about, which has to have the digest that it says.
fn blob(layout: &Path, descriptor: Option<&Value>) -> Result<std::path::PathBuf> {
    let digest = descriptor.and_then(|descriptor| descriptor.get("digest")).and_then(Value::as_str);
    let digest = digest.and_then(|digest| digest.strip_prefix("sha256:")).context("no digest")?;
    let path = layout.join("blobs/sha256").join(digest);
    let mut bytes = Vec::new();
    File::open(&path).and_then(|mut file| file.read_to_end(&mut bytes)).context("cannot read a blob")?;
    ensure!(super::super::archive::digest(&bytes) == digest, "{} is damaged", path.display());
    Ok(path)
}

fn json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))
}
