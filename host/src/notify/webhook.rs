//! Receivers that the operator names in a file, each told by HTTPS what its routes say.
//!
//! `file` reads the file, `route` says what goes where, and `cloudevents`, `teams` and `alertmanager` are the forms of
//! what is posted.

mod alertmanager;
mod cloudevents;
mod file;
mod route;
mod teams;

use std::path::PathBuf;

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use sha2::Sha256;

use super::{Client, Delivered, Delivery, Fault, Location, Notification, Secret, Sink};

pub use file::{ReceiverError, read};
use route::Route;

/// Proves that the body is from somebody with the key.
const SIGNATURE: HeaderName = HeaderName::from_static("x-magtape-signature");

/// One receiver.
pub struct Webhook {
    name: String,
    client: Client,
    format: Format,
    at: Location,
    credentials: Credentials,
    routes: Vec<Route>,
}

/// What is posted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    /// An event after CloudEvents 1.0, as JSON.
    #[default]
    CloudEvents,
    /// A card for a workflow of Microsoft Teams.
    Teams,
    /// Alerts, for version 2 of the API.
    Alertmanager,
}

/// By what the receiver knows that it is told by the webhook. The files are read for each message.
#[derive(Clone, Debug, Default)]
struct Credentials {
    bearer_token: Option<PathBuf>,
    signing_key: Option<PathBuf>,
}

// === impl Webhook ===

impl Webhook {
    async fn post(&self, notification: &Notification) -> Result<Delivered, Fault> {
        let Some(endpoint) = self.at.read()? else { return Ok(Delivered::Nobody) };
        let body = self.format.body(notification).to_string();
        let mut headers = self.credentials.headers(body.as_bytes())?;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.format.content_type()));
        self.client.post(&endpoint, headers, body).await.map(|()| Delivered::Told)
    }
}

impl Sink for Webhook {
    fn name(&self) -> &str {
        &self.name
    }

    fn wants(&self, notification: &Notification) -> bool {
        self.routes.iter().any(|route| route.takes(notification))
    }

    fn deliver<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        Box::pin(self.post(notification))
    }
}

// === impl Format ===

impl Format {
    fn body(self, notification: &Notification) -> Value {
        match self {
            Self::CloudEvents => cloudevents::event(notification),
            Self::Teams => teams::message(notification),
            Self::Alertmanager => alertmanager::alerts(notification),
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::CloudEvents => "application/cloudevents+json; charset=UTF-8",
            Self::Teams | Self::Alertmanager => "application/json",
        }
    }
}

// === impl Credentials ===

impl Credentials {
    /// What goes with a body.
    fn headers(&self, body: &[u8]) -> Result<HeaderMap, Fault> {
        let mut headers = HeaderMap::new();
        if let Some(path) = &self.bearer_token {
            let token = format!("Bearer {}", secret(path, "token")?.expose());
            headers.insert(AUTHORIZATION, sensitive(&token)?);
        }
        if let Some(path) = &self.signing_key {
            let key = secret(path, "key")?;
            headers.insert(SIGNATURE, sensitive(&signature(key.expose().as_bytes(), body))?);
        }
        Ok(headers)
    }
}

/// A secret of a file that has one. Whoever writes the file may be at it, so another try may go better.
fn secret(path: &std::path::Path, what: &str) -> Result<Secret, Fault> {
    let secret =
        Secret::read(path).map_err(|error| Fault::passing(format!("the file of the {what}: {error}")))?;
    match secret.expose() {
        "" => Err(Fault::passing(format!("the file of the {what} is empty"))),
        _ => Ok(secret),
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Fault::Lasting("the token has characters that no header can have".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// `sha256=` and the HMAC of the body, in hexadecimal digits.
fn signature(key: &[u8], body: &[u8]) -> String {
    // A key of any length will do, but the type says that it might not.
    let digest =
        Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(body).finalize().into_bytes());
    let digest = digest.unwrap_or_default();
    digest.iter().fold("sha256=".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}
