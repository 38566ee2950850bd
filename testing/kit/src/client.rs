//! A client of the API server for tests: sends an object as it is, gives back all that came of it.
//!
//! An answer of any status is an answer, not an error; tests say what they expect.

use std::sync::Once;

use anyhow::{Context, Result};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Certificate, Method, RequestBuilder};
use serde_json::Value;

mod path;
mod warning;

/// Whether a request is to take effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is.
    Real,
    /// It is judged and answered, and nothing is stored.
    DryRun,
}

/// What the API server answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body: an object, or a `Status` that says why not.
    pub body: Value,
    /// The texts of the `Warning` headers, one for each header.
    pub warnings: Vec<String>,
}

/// A client with the rights of its token. It belongs to the runtime it was first used on.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    server: String,
    token: String,
}

// === impl Effect ===

impl Effect {
    fn query(self) -> &'static str {
        match self {
            Self::Real => "",
            Self::DryRun => "?dryRun=All",
        }
    }
}

// === impl Reply ===

impl Reply {
    /// What a `Status` says; empty for an object.
    pub fn message(&self) -> &str {
        self.body.get("message").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether the request succeeded.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

// === impl Client ===

impl Client {
    /// A client of `server` (such as `https://127.0.0.1:6443`), which `authority` vouches for.
    ///
    /// # Errors
    /// When `authority` is no certificate.
    pub fn new(server: &str, token: &str, authority: &str) -> Result<Self> {
        install_crypto();
        let http = reqwest::Client::builder()
            .tls_certs_only([Certificate::from_pem(authority.as_bytes())?])
            .no_proxy()
            .build()
            .context("cannot make a client of the API server")?;
        Ok(Self { http, server: server.to_owned(), token: token.to_owned() })
    }

    /// Creates an object.
    ///
    /// # Errors
    /// When there is no answer; a refusal is one.
    pub async fn create(&self, object: &Value, effect: Effect) -> Result<Reply> {
        let url = format!("{}{}{}", self.server, path::collection(object)?, effect.query());
        self.send(self.http.request(Method::POST, url).json(object)).await
    }

    /// Deletes the object of this kind, namespace and name.
    ///
    /// # Errors
    /// When there is no answer; a refusal is one.
    pub async fn delete(&self, object: &Value, effect: Effect) -> Result<Reply> {
        let url = format!("{}{}{}", self.server, path::object(object)?, effect.query());
        self.send(self.http.request(Method::DELETE, url)).await
    }

    /// Merges `patch` into the object of this kind, namespace and name.
    ///
    /// # Errors
    /// When there is no answer; a refusal is one.
    pub async fn patch(&self, object: &Value, patch: &Value) -> Result<Reply> {
        self.merge(object, patch, Effect::Real).await
    }

    /// What would come of [`Client::patch`]; nothing is stored.
    ///
    /// # Errors
    /// When there is no answer; a refusal is one.
    pub async fn patch_dry_run(&self, object: &Value, patch: &Value) -> Result<Reply> {
        self.merge(object, patch, Effect::DryRun).await
    }

    async fn merge(&self, object: &Value, patch: &Value, effect: Effect) -> Result<Reply> {
        let url = format!("{}{}{}", self.server, path::object(object)?, effect.query());
        // Before the body, which would else bring its own content type.
        let request =
            self.http.request(Method::PATCH, url).header(CONTENT_TYPE, "application/merge-patch+json");
        self.send(request.json(patch)).await
    }

    /// Reads the object of this kind, namespace and name.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn get(&self, object: &Value) -> Result<Reply> {
        self.send(self.http.request(Method::GET, format!("{}{}", self.server, path::object(object)?))).await
    }

    /// Whether the server says that it is ready. False while nothing listens.
    pub async fn is_ready(&self) -> bool {
        let request = self.http.get(format!("{}/readyz", self.server)).bearer_auth(&self.token);
        request.send().await.is_ok_and(|response| response.status().is_success())
    }

    async fn send(&self, request: RequestBuilder) -> Result<Reply> {
        let response =
            request.bearer_auth(&self.token).send().await.context("the API server did not answer")?;
        let status = response.status().as_u16();
        let warnings = response.headers().get_all("warning").iter().map(warning::text).collect();
        let body = response.json().await.context("the API server's answer is no JSON")?;
        Ok(Reply { status, body, warnings })
    }
}

fn install_crypto() {
    static INSTALL: Once = Once::new();
    // An error says that another provider is there already, which serves as well.
    INSTALL.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
}
