//! The page with the metrics, and what counts requests for it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::Bytes,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::sync::Mutex;

use crate::metrics::{Asked, Metrics};

/// Where it is. Who reads it is not counted, as in MagTape.
pub(super) const PATH: &str = "/metrics";

/// For so long everybody gets the same page: it may have megabytes, and anybody may ask for it.
const FRESH: Duration = Duration::from_millis(500);

/// What is shown of the metrics.
pub struct Page {
    metrics: Arc<Metrics>,
    made: Mutex<Option<(Instant, Bytes)>>,
}

// === impl Page ===

impl Page {
    /// A page of these.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics, made: Mutex::default() }
    }

    /// The page as it is now; one at a time is made, away from the threads that connections need.
    async fn text(&self) -> Option<Bytes> {
        let mut made = self.made.lock().await;
        if let Some((at, text)) = &*made
            && at.elapsed() < FRESH
        {
            return Some(text.clone());
        }
        let metrics = Arc::clone(&self.metrics);
        let text = tokio::task::spawn_blocking(move || metrics.page()).await.ok()?.ok()?;
        let text = Bytes::from(text);
        *made = Some((Instant::now(), text.clone()));
        Some(text)
    }
}

/// `GET /metrics`.
pub(super) async fn show(State(page): State<Arc<Page>>) -> Response {
    match page.text().await {
        Some(text) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Counts requests and how long their answers take.
pub(super) async fn count(State(page): State<Arc<Page>>, request: Request, next: Next) -> Response {
    if request.uri().path() == PATH {
        return next.run(request).await;
    }
    let asked = Asked::new(request.method().as_str(), request.uri().path());
    let response = next.run(request).await;
    page.metrics.http().answered(&asked, response.status().as_str());
    response
}
