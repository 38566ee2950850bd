//! The file by which kubectl finds the cluster. JSON, which is YAML too.

use std::path::Path;

use serde_json::json;

/// The text of the file; `authority` is the file of the certificate that vouches for the server.
pub(super) fn text(server: &str, token: &str, authority: &Path) -> String {
    format!(
        "{:#}\n",
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "magtape",
            "clusters": [{"name": "magtape", "cluster": {"server": server, "certificate-authority": authority}}],
            "users": [{"name": "admin", "user": {"token": token}}],
            "contexts": [{"name": "magtape", "context": {"cluster": "magtape", "user": "admin"}}],
        })
    )
}
