//! The file by which kubectl and the webhook find a cluster. JSON, which is YAML too.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

use crate::certs;

/// Writes it into `folder`; `authority` is the file of the certificate that vouches for the server, if it needs one.
pub(crate) fn write(folder: &Path, server: &str, token: &str, authority: Option<&Path>) -> Result<PathBuf> {
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "magtape",
        "clusters": [{"name": "magtape", "cluster": {"server": server, "certificate-authority": authority}}],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [{"name": "magtape", "context": {"cluster": "magtape", "user": "admin"}}],
    });
    let path = folder.join("kubeconfig");
    certs::write(&path, &format!("{config:#}\n"))?;
    Ok(path)
}
