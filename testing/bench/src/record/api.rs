//! Sends requests to the API server as somebody: a person, a pipeline, a controller.
//!
//! The client impersonates them, so that reviews say who asked, and managed fields say who set what.

use anyhow::{Context, Result, ensure};
use magtape_testing::cluster::Cluster;
use reqwest::{
    Certificate, Method,
    header::{CONTENT_TYPE, USER_AGENT},
};
use serde_json::{Value, json};

use super::actor::Actor;

/// A client of the API server.
pub(super) struct Api {
    http: reqwest::Client,
    server: String,
    token: String,
}

/// What is to be done, and with what.
enum Verb<'v> {
    Create(&'v Value),
    Apply(&'v Value),
    Merge(&'v Value),
    Replace(&'v Value),
    Delete,
}

// === impl Verb ===

impl Verb<'_> {
    /// The method, the content type and the body.
    fn parts(&self) -> (Method, &'static str, String) {
        let json = "application/json";
        match self {
            Self::Create(object) => (Method::POST, json, object.to_string()),
            Self::Apply(object) => (Method::PATCH, "application/apply-patch+yaml", object.to_string()),
            Self::Merge(patch) => (Method::PATCH, "application/merge-patch+json", patch.to_string()),
            Self::Replace(object) => (Method::PUT, json, object.to_string()),
            Self::Delete => {
                let options =
                    json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"});
                (Method::DELETE, json, options.to_string())
            }
        }
    }
}

// === impl Api ===

impl Api {
    /// A client of this cluster.
    pub(super) fn of(cluster: &Cluster) -> Result<Self> {
        let kubeconfig: Value = serde_json::from_slice(&std::fs::read(cluster.kubeconfig()?)?)?;
        let token = kubeconfig.pointer("/users/0/user/token").and_then(Value::as_str);
        let authority =
            kubeconfig.pointer("/clusters/0/cluster/certificate-authority").and_then(Value::as_str);
        let authority = std::fs::read(authority.context("the kubeconfig names no authority")?)?;
        let http = reqwest::Client::builder()
            .tls_certs_only([Certificate::from_pem(&authority)?])
            .no_proxy()
            .build()
            .context("cannot make a client of the API server")?;
        let token = token.context("the kubeconfig has no token")?.to_owned();
        Ok(Self { http, server: cluster.server().to_owned(), token })
    }

    /// Creates an object and answers it as it was stored. `subresource` is of the object named, such as `/binding`.
    pub(super) async fn create(&self, actor: &Actor, object: &Value) -> Result<Value> {
        self.send(actor, &collection(object)?, Verb::Create(object)).await
    }

    /// Posts to a subresource of the object, such as `binding`.
    pub(super) async fn post(
        &self,
        actor: &Actor,
        object: &Value,
        subresource: &str,
        body: &Value,
    ) -> Result<Value> {
        let path = format!("{}/{subresource}", path(object)?);
        self.send(actor, &path, Verb::Create(body)).await
    }

    /// Applies a manifest at the server; what another manager holds is taken over.
    pub(super) async fn apply(&self, actor: &Actor, object: &Value, manager: &str) -> Result<Value> {
        let path = format!("{}?fieldManager={manager}&force=true", path(object)?);
        self.send(actor, &path, Verb::Apply(object)).await
    }

    /// Merges a patch into the object.
    pub(super) async fn merge(&self, actor: &Actor, object: &Value, patch: &Value) -> Result<Value> {
        self.send(actor, &path(object)?, Verb::Merge(patch)).await
    }

    /// Replaces the object, or its subresource if one is named.
    pub(super) async fn replace(
        &self,
        actor: &Actor,
        object: &Value,
        subresource: &str,
        body: &Value,
    ) -> Result<Value> {
        let path = format!("{}{subresource}", path(object)?);
        self.send(actor, &path, Verb::Replace(body)).await
    }

    /// Deletes the object.
    pub(super) async fn delete(&self, actor: &Actor, object: &Value) -> Result<Value> {
        self.send(actor, &path(object)?, Verb::Delete).await
    }

    async fn send(&self, actor: &Actor, path: &str, verb: Verb<'_>) -> Result<Value> {
        let (method, content_type, body) = verb.parts();
        let request = self
            .http
            .request(method.clone(), format!("{}{path}", self.server))
            .bearer_auth(&self.token)
            .header(CONTENT_TYPE, content_type)
            .header(USER_AGENT, actor.agent)
            .header("Impersonate-User", &actor.user)
            .header("Impersonate-Group", actor.group);
        let response = request.body(body).send().await.context("the API server did not answer")?;
        let status = response.status();
        let answer: Value = response.json().await.context("the API server's answer is no JSON")?;
        ensure!(status.is_success(), "{method} {path} as {}: {answer}", actor.user);
        Ok(answer)
    }
}

/// The path that objects of this kind and namespace are created at, by the API's own naming convention.
fn collection(object: &Value) -> Result<String> {
    let version = text(object, "/apiVersion")?;
    let root = if version.contains('/') { "apis" } else { "api" };
    let kind = text(object, "/kind")?.to_ascii_lowercase();
    let plural = match kind.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if kind.ends_with('s') => format!("{kind}es"),
        None => format!("{kind}s"),
    };
    let namespace = text(object, "/metadata/namespace");
    let namespace = namespace.map(|namespace| format!("namespaces/{namespace}/")).unwrap_or_default();
    Ok(format!("/{root}/{version}/{namespace}{plural}"))
}

fn path(object: &Value) -> Result<String> {
    Ok(format!("{}/{}", collection(object)?, text(object, "/metadata/name")?))
}

/// The text at a place of the object.
pub(super) fn text<'o>(object: &'o Value, pointer: &str) -> Result<&'o str> {
    object.pointer(pointer).and_then(Value::as_str).with_context(|| format!("an object has no {pointer}"))
}
