//! The answers. A request that is a review gets a review; whatever a policy does, it is not an HTTP error.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::Bytes,
    extract::{FromRequest, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::json;

use super::{BODY, BUDGET, Service};
use crate::{
    evaluate::evaluate,
    review::{self, Request},
    verdict::{Finding, Outcome, Verdict, decide},
};

/// `POST /`: judges an AdmissionReview.
pub(super) async fn review(State(service): State<Arc<Service>>, request: axum::extract::Request) -> Response {
    // Before the body is read, so that this bounds the bodies in memory too.
    let Ok(_held) = service.requests.try_acquire() else {
        tracing::warn!("refused a request: too many are being judged");
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "too many requests are being judged; try again");
    };
    let arrived = Instant::now();
    let json = is_json(request.headers());
    let body = match tokio::time::timeout(BODY, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => body,
        Ok(Err(rejection)) => return refuse(rejection.status(), &rejection.body_text()),
        Err(_) => return refuse(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"),
    };
    if !json {
        return refuse(StatusCode::BAD_REQUEST, "the content type must be application/json");
    }
    match Request::parse(body.into()) {
        Ok(request) => answer(&service, request, arrived).await,
        Err(error) => refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// Any other path.
pub(super) async fn nothing() -> Response {
    refuse(StatusCode::NOT_FOUND, "nothing is here: POST an AdmissionReview to /, or GET /healthz or /readyz")
}

/// Any other method.
pub(super) async fn no_method() -> Response {
    refuse(StatusCode::METHOD_NOT_ALLOWED, "POST an AdmissionReview to /, or GET /healthz or /readyz")
}

/// `GET /healthz`: the process is up; the original's shape.
pub(super) async fn healthz(State(service): State<Arc<Service>>) -> Response {
    let now = Timestamp::now().strftime("%Y-%m-%d %H:%M:%S%.6f").to_string();
    axum::Json(json!({"date_time": now, "health": "ok", "pod_name": service.pod_name})).into_response()
}

/// `GET /readyz`: policies are loaded and requests are welcome.
pub(super) async fn readyz(State(service): State<Arc<Service>>) -> Response {
    if service.is_ready() {
        axum::Json(json!({"ready": true, "policies": service.policies.len()})).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, axum::Json(json!({"ready": false}))).into_response()
    }
}

async fn answer(service: &Arc<Service>, request: Request, arrived: Instant) -> Response {
    let uid = request.uid.clone();
    let slot = Arc::clone(&service.evaluations).acquire_owned();
    let Ok(Ok(slot)) = tokio::time::timeout(BUDGET.saturating_sub(arrived.elapsed()), slot).await else {
        tracing::warn!(uid, "refused a request: no evaluation ended in time for it");
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "the webhook is too busy; try again");
    };
    let judge = Arc::clone(service);
    let verdict = tokio::task::spawn_blocking(move || {
        let verdict = judge.judge(&request, BUDGET.saturating_sub(arrived.elapsed()));
        // Held until the work is done, even when nobody waits for the answer any more.
        drop(slot);
        verdict
    });
    let verdict = verdict.await;
    let answer = verdict
        .map_err(|error| error.to_string())
        .and_then(|verdict| review::response(&uid, &verdict).map_err(|error| error.to_string()));
    match answer {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        // Only a defect of this program gets here; the API server then goes by the webhook's failurePolicy.
        Err(error) => {
            tracing::error!(uid, "a request could not be answered: {error}");
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "the request could not be judged; the log says why")
        }
    }
}

// === impl Service ===

impl Service {
    fn judge(&self, request: &Request, budget: Duration) -> Verdict {
        let outcomes = evaluate(&self.policies, request, budget);
        let verdict = decide(&outcomes, self.level, self.failure_policy);
        tracing::info!(
            uid = short(&request.uid),
            kind = short(&request.kind.kind),
            namespace = short(&request.namespace),
            name = short(&request.name),
            operation = short(&request.operation),
            dry_run = request.dry_run,
            allowed = verdict.allowed,
            violations = outcomes.iter().map(Outcome::violations).map(<[_]>::len).sum::<usize>(),
            elapsed_us = outcomes.iter().map(|outcome| outcome.elapsed).sum::<Duration>().as_micros(),
            failed = outcomes.iter().filter(|outcome| matches!(outcome.finding, Finding::Failed(_))).count(),
            "judged"
        );
        verdict
    }
}

/// As much of a field as a log line takes; no name in Kubernetes is longer.
fn short(text: &str) -> &str {
    text.char_indices().nth(253).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn refuse(status: StatusCode, reason: &str) -> Response {
    (status, format!("{reason}\n")).into_response()
}
