//! The file by which kubectl and the webhook find a cluster. JSON, which is YAML too.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

use crate::certs;

/// Writes it to `path`; `authority` is the file of the certificate that vouches for the server, if it needs one, and
/// `user` somebody else as whom the owner of the token acts.
pub(crate) fn write(
    path: &Path,
    server: &str,
    token: &str,
    authority: Option<&Path>,
    user: Option<&str>,
) -> Result<PathBuf> {
    let mut identity = json!({"token": token});
    if let (Some(user), Some(fields)) = (user, identity.as_object_mut()) {
        fields.insert("as".to_owned(), user.into());
    }
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "magtape",
        "clusters": [{"name": "magtape", "cluster": {"server": server, "certificate-authority": authority}}],
        "users": [{"name": "admin", "user": identity}],
        "contexts": [{"name": "magtape", "context": {"cluster": "magtape", "user": "admin"}}],
    });
    certs::write(path, &format!("{config:#}\n"))?;
    Ok(path.to_owned())
}
