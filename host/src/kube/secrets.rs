//! Reads and writes Secrets whose names are known. Every write names the version it is based on, so that of two writers one fails.

use std::collections::BTreeMap;

use k8s_openapi::{ByteString, api::core::v1, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};

/// Keys of a Secret and what they are to have.
pub type Data = BTreeMap<String, Vec<u8>>;

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was done.
    Done,
    /// Somebody else was faster; what is there now has to be looked at.
    Overtaken,
}

/// Secrets of one namespace that one replica writes.
pub struct Secrets {
    api: Api<v1::Secret>,
    namespace: String,
    labels: BTreeMap<String, String>,
}

/// A Secret that was not written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {verb} the Secret {namespace}/{name}, and it is tried again: {cause}")]
pub struct SecretError {
    verb: &'static str,
    namespace: String,
    name: String,
    cause: kube::Error,
}

/// What a Secret has under a key; `None` if there is no such Secret, or nothing under that key.
///
/// # Errors
/// When the API server refuses, or does not answer.
pub async fn value(client: &Client, namespace: &str, name: &str, key: &str) -> kube::Result<Option<Vec<u8>>> {
    let api: Api<v1::Secret> = Api::namespaced(client.clone(), namespace);
    let secret = api.get_opt(name).await?;
    Ok(secret.and_then(|secret| secret.data?.remove(key)).map(|value| value.0))
}

// === impl Secrets ===

impl Secrets {
    /// Secrets of that namespace, written with these labels.
    pub fn new(client: Client, namespace: &str, labels: BTreeMap<String, String>) -> Self {
        Self { api: Api::namespaced(client, namespace), namespace: namespace.to_owned(), labels }
    }

    /// Sets these keys of the Secret, and leaves all else in it as it is. `seen` is the object that this is based on; a new
    /// one is made if there was none.
    ///
    /// # Errors
    /// When the API server refuses, or does not answer.
    pub async fn write(&self, name: &str, seen: Option<&Value>, data: Data) -> Result<Written, SecretError> {
        let data = data.into_iter().map(|(key, value)| (key, ByteString(value))).collect();
        let (verb, written) = match seen {
            None => ("create", self.create(name, data).await),
            Some(seen) => ("patch", self.patch(name, seen, data).await),
        };
        match written {
            Ok(_) => Ok(Written::Done),
            Err(kube::Error::Api(status)) if is_overtaken(&status, seen) => Ok(Written::Overtaken),
            Err(cause) => Err(self.error(verb, name, cause)),
        }
    }

    /// Whether the Secret is still as it was seen.
    ///
    /// # Errors
    /// When the API server refuses, or does not answer.
    pub async fn is_still(&self, name: &str, seen: Option<&Value>) -> Result<bool, SecretError> {
        let now = self.api.get_opt(name).await.map_err(|cause| self.error("get", name, cause))?;
        let version = |secret: v1::Secret| secret.metadata.resource_version;
        let seen = seen.and_then(|seen| seen.pointer("/metadata/resourceVersion")?.as_str());
        Ok(now.and_then(version).as_deref() == seen)
    }

    fn error(&self, verb: &'static str, name: &str, cause: kube::Error) -> SecretError {
        SecretError { verb, namespace: self.namespace.clone(), name: name.to_owned(), cause }
    }

    async fn create(&self, name: &str, data: BTreeMap<String, ByteString>) -> kube::Result<v1::Secret> {
        let metadata = ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(self.labels.clone()),
            ..ObjectMeta::default()
        };
        let secret = v1::Secret { metadata, data: Some(data), ..v1::Secret::default() };
        self.api.create(&PostParams::default(), &secret).await
    }

    async fn patch(
        &self,
        name: &str,
        seen: &Value,
        data: BTreeMap<String, ByteString>,
    ) -> kube::Result<v1::Secret> {
        let version = seen.pointer("/metadata/resourceVersion");
        let metadata = json!({"resourceVersion": version, "labels": self.labels});
        let patch = json!({"metadata": metadata, "data": data});
        self.api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await
    }
}

/// A conflict; or one to be changed that is gone. A namespace that is not there is a fault.
fn is_overtaken(status: &kube::core::Status, seen: Option<&Value>) -> bool {
    status.code == 409 || (status.code == 404 && seen.is_some())
}
