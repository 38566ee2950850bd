//! The webhook configuration as its administrator wrote it, without the CAs that the API server is to trust.

use std::path::Path;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::identity::Bundle;
use crate::yaml;

const API_VERSION: &str = "admissionregistration.k8s.io/v1";
const KIND: &str = "ValidatingWebhookConfiguration";

/// A template that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{place}: {reason}")]
pub struct TemplateError {
    place: String,
    reason: String,
}

/// A ValidatingWebhookConfiguration with one webhook at least, each with a `clientConfig`.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// The object's name.
    pub name: String,
    object: Value,
}

// === impl Template ===

impl Template {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is no webhook configuration.
    pub fn read(path: &Path) -> Result<Self, TemplateError> {
        let error = |reason: String| TemplateError { place: path.display().to_string(), reason };
        let text =
            std::fs::read_to_string(path).map_err(|cause| error(format!("cannot be read: {cause}")))?;
        Self::parse(&text).map_err(error)
    }

    /// Reads YAML or JSON. What the API server fills in, such as a status, is left out.
    ///
    /// # Errors
    /// What it is not.
    pub fn parse(text: &str) -> Result<Self, String> {
        let documents = yaml::documents(text).map_err(|error| error.to_string())?;
        let [(_, document)] = documents.as_slice() else {
            return Err(format!("has {} documents; expected one {KIND}", documents.len()));
        };
        let given = yaml::parse(document).map_err(|error| error.to_string())?;
        let says = |key: &str, text: &str| given.get(key).and_then(Value::as_str) == Some(text);
        if !says("apiVersion", API_VERSION) || !says("kind", KIND) {
            return Err(format!("is no {KIND} of {API_VERSION}"));
        }
        let name = given.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned();
        if name.is_empty() {
            return Err("has no metadata.name".to_owned());
        }
        let metadata: Map<_, _> = ["name", "labels", "annotations"]
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), given.pointer(&format!("/metadata/{key}"))?.clone())))
            .collect();
        let webhooks = webhooks(&given)?;
        let object =
            json!({"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "webhooks": webhooks});
        Ok(Self { name, object })
    }

    /// The object to apply: each webhook trusts these CAs.
    pub fn with(&self, bundle: &Bundle) -> Value {
        let ca = BASE64_STANDARD.encode(bundle.pem());
        let mut object = self.object.clone();
        for webhook in object.get_mut("webhooks").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(config) = webhook.get_mut("clientConfig").and_then(Value::as_object_mut) {
                config.insert("caBundle".to_owned(), ca.clone().into());
            }
        }
        object
    }

    /// The names by which the API server will know the webhook.
    pub fn hosts(&self) -> Vec<String> {
        let webhooks = self.object.get("webhooks").and_then(Value::as_array).into_iter().flatten();
        let mut hosts: Vec<_> = webhooks.filter_map(host).collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }
}

fn webhooks(given: &Value) -> Result<&Vec<Value>, String> {
    let webhooks = given.get("webhooks").and_then(Value::as_array).filter(|webhooks| !webhooks.is_empty());
    let webhooks = webhooks.ok_or("has no webhooks")?;
    for (at, webhook) in webhooks.iter().enumerate() {
        if host(webhook).is_none() {
            return Err(format!(
                "webhooks[{at}].clientConfig must have a service with namespace and name, or an https url"
            ));
        }
    }
    Ok(webhooks)
}

/// `NAME.NAMESPACE.svc`, or the host of the address.
fn host(webhook: &Value) -> Option<String> {
    let text = |pointer: &str| webhook.pointer(pointer).and_then(Value::as_str);
    if webhook.pointer("/clientConfig/service").is_some_and(|service| !service.is_null()) {
        let (name, namespace) =
            (text("/clientConfig/service/name")?, text("/clientConfig/service/namespace")?);
        return Some(format!("{name}.{namespace}.svc"));
    }
    let url = text("/clientConfig/url")?;
    let authority = url.strip_prefix("https://")?.split(['/', '?', '#']).next()?;
    let host = match authority.strip_prefix('[') {
        Some(address) => address.split(']').next()?,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(config: &Value) -> String {
        json!({"apiVersion": API_VERSION, "kind": KIND, "status": {}, "metadata": {"name": "m", "uid": "x",
            "labels": {"app": "magtape"}}, "webhooks": [{"name": "a.b.c", "clientConfig": config}]})
        .to_string()
    }

    #[test]
    fn every_webhook_gets_the_bundle_and_nothing_else_is_added() {
        let (identity, ca) = super::super::self_signed::make().unwrap();
        drop(identity);
        let pem =
            super::super::Pem { place: String::new(), text: super::super::Secret(ca.clone().into_bytes()) };
        let bundle = Bundle::read(&pem).unwrap();
        let url = json!({"url": "https://localhost:1/", "caBundle": "old"});
        let object = Template::parse(&template(&url)).unwrap().with(&bundle);
        assert_eq!(object["metadata"], json!({"name": "m", "labels": {"app": "magtape"}}));
        assert_eq!(object["webhooks"][0]["clientConfig"]["caBundle"], BASE64_STANDARD.encode(ca));
        assert_eq!(object.get("status"), None);
    }

    #[test]
    fn the_names_are_those_that_the_api_server_asks_for() {
        for (config, expected) in [
            (json!({"service": {"name": "s", "namespace": "n", "path": "/"}}), "s.n.svc"),
            (json!({"url": "https://hook.example.com/x"}), "hook.example.com"),
            (json!({"url": "https://127.0.0.1:5000"}), "127.0.0.1"),
            (json!({"url": "https://[::1]:5000/"}), "::1"),
        ] {
            assert_eq!(Template::parse(&template(&config)).unwrap().hosts(), [expected]);
        }
    }

    #[test]
    fn what_is_no_template_is_named() {
        let good = template(&json!({"url": "https://localhost/"}));
        for (text, expected) in [
            (String::new(), "has 0 documents"),
            (format!("{good}\n---\n{good}"), "has 2 documents"),
            ("[1]".to_owned(), "is no ValidatingWebhookConfiguration"),
            ("a: [".to_owned(), "line 1"),
            (good.replace("\"m\"", "\"\""), "has no metadata.name"),
            (template(&json!({"url": "http://localhost/"})), "webhooks[0].clientConfig"),
            (template(&json!({"service": {"name": "s"}})), "webhooks[0].clientConfig"),
            (template(&Value::Null), "webhooks[0].clientConfig"),
        ] {
            let error = Template::parse(&text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
