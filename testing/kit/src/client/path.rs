//! From an object to its place in the API, by the API's own naming convention.

use anyhow::{Context, Result};
use serde_json::Value;

/// The path that objects of this kind and namespace are created at.
pub(super) fn collection(object: &Value) -> Result<String> {
    let version = text(object, "/apiVersion")?;
    let root = if version.contains('/') { "apis" } else { "api" };
    let plural = plural(text(object, "/kind")?);
    Ok(match text(object, "/metadata/namespace") {
        Ok(namespace) => format!("/{root}/{version}/namespaces/{namespace}/{plural}"),
        Err(_) => format!("/{root}/{version}/{plural}"),
    })
}

/// The path of this object.
pub(super) fn object(object: &Value) -> Result<String> {
    Ok(format!("{}/{}", collection(object)?, text(object, "/metadata/name")?))
}

fn text<'o>(object: &'o Value, pointer: &str) -> Result<&'o str> {
    object.pointer(pointer).and_then(Value::as_str).with_context(|| format!("the object has no {pointer}"))
}

/// `pods`, `networkpolicies`, `ingresses`.
fn plural(kind: &str) -> String {
    let kind = kind.to_ascii_lowercase();
    match kind.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if kind.ends_with('s') => format!("{kind}es"),
        None => format!("{kind}s"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn objects_have_their_paths() {
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}});
        assert_eq!(super::object(&deployment).unwrap(), "/apis/apps/v1/namespaces/shop/deployments/web");
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}});
        assert_eq!(super::object(&namespace).unwrap(), "/api/v1/namespaces/shop");
        assert_eq!(super::plural("NetworkPolicy"), "networkpolicies");
        assert_eq!(super::plural("Ingress"), "ingresses");
    }
}
