//! One answer, and how it arrives.

use std::time::Duration;

use anyhow::{Error, anyhow};
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use futures_util::stream;
use serde_json::{Value, json};

use super::script::Held;

/// What is answered, and how it arrives.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    body: Bytes,
    /// So many bytes at a time, and so long between them.
    pace: Option<(usize, Duration)>,
    end: End,
}

/// What comes after the last byte.
#[derive(Clone, Copy, Debug)]
enum End {
    Whole,
    /// The connection breaks.
    Cut,
    /// Nothing, for as long as the test wants.
    Held,
}

/// Where an answer that arrives in parts is.
struct Progress {
    answer: Answer,
    held: Held,
    is_first: bool,
}

// === impl Answer ===

impl Answer {
    /// A text that calls itself JSON, whatever it is.
    ///
    /// The status of one that is no HTTP status is 500.
    pub fn text(status: u16, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, body: body.into(), pace: None, end: End::Whole }
    }

    /// An object.
    pub fn object(object: &Value) -> Self {
        Self::text(200, object.to_string())
    }

    /// A page of a list of version 10, and what the next one is asked for with; it is the last without.
    pub fn list(items: &[Value], next: Option<&str>) -> Self {
        let metadata = json!({"resourceVersion": "10", "continue": next.unwrap_or_default()});
        Self::object(&json!({"apiVersion": "v1", "kind": "List", "metadata": metadata, "items": items}))
    }

    /// What an API server says when it does not do what is asked.
    pub fn refusal(status: u16, message: &str) -> Self {
        Self::text(status, status_object(status, message).to_string())
    }

    /// A watch that tells of these, such as `("ADDED", object)`, and stays open.
    pub fn watch(events: &[(&str, Value)]) -> Self {
        let line = |(kind, object): &(&str, Value)| format!("{}\n", json!({"type": kind, "object": object}));
        Self::text(200, events.iter().map(line).collect::<String>()).held()
    }

    /// A watch that tells of a failure and ends.
    pub fn broken_watch(status: u16, message: &str) -> Self {
        let event = json!({"type": "ERROR", "object": status_object(status, message)});
        Self::text(200, format!("{event}\n"))
    }

    /// It stays open after its last byte, until other answers take the place of those that it belongs to.
    #[must_use]
    pub fn held(self) -> Self {
        Self { end: End::Held, ..self }
    }

    /// The connection breaks after so many bytes.
    #[must_use]
    pub fn cut_after(self, bytes: usize) -> Self {
        let kept = self.body.len().min(bytes);
        Self { body: self.body.slice(..kept), end: End::Cut, ..self }
    }

    /// So many bytes arrive at a time, and this much time goes by between them.
    #[must_use]
    pub fn slowly(self, bytes: usize, pause: Duration) -> Self {
        Self { pace: Some((bytes.max(1), pause)), ..self }
    }

    /// All of it at once.
    pub(super) fn whole(self) -> Response {
        respond(self.status, Body::from(self.body))
    }

    /// As it is meant to arrive.
    pub(super) fn response(self, held: Held) -> Response {
        let status = self.status;
        let progress = Progress { answer: self, held, is_first: true };
        let parts = stream::unfold(progress, |mut progress| async {
            let part = progress.part().await?;
            Some((part, progress))
        });
        respond(status, Body::from_stream(parts))
    }
}

fn status_object(status: u16, message: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure", "message": message,
        "reason": reason(status), "code": status})
}

/// The API's word for it.
fn reason(status: u16) -> &'static str {
    match status {
        403 => "Forbidden",
        404 => "NotFound",
        410 => "Expired",
        _ => "InternalError",
    }
}

fn respond(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, axum::http::HeaderValue::from_static("application/json"));
    response
}

// === impl Progress ===

impl Progress {
    /// What arrives next; an error breaks the connection.
    async fn part(&mut self) -> Option<Result<Bytes, Error>> {
        if self.answer.body.is_empty() {
            return match self.answer.end {
                End::Whole => None,
                End::Cut => {
                    // What came before is sent while nothing more is there, and would be lost otherwise.
                    tokio::task::yield_now().await;
                    Some(Err(anyhow!("the script says so")))
                }
                End::Held => {
                    // An error says that the rule is gone, which is what is waited for.
                    let _ = self.held.changed().await;
                    None
                }
            };
        }
        let (bytes, pause) = self.answer.pace.unwrap_or((self.answer.body.len(), Duration::ZERO));
        if !std::mem::take(&mut self.is_first) {
            tokio::time::sleep(pause).await;
        }
        Some(Ok(self.answer.body.split_to(bytes.min(self.answer.body.len()))))
    }
}
