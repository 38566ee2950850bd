//! The answers. A request that is a review gets a review; whatever a policy does, it is not an HTTP error.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::json;

use super::{
    BODY, BUDGET, Service,
    body::{self, BodyError},
    evaluators::Ended,
    judge::{Answer, Arrival},
};

/// The header of W3C Trace Context.
const TRACE_PARENT: &str = "traceparent";

/// `POST /`: judges an AdmissionReview.
pub(super) async fn review(State(service): State<Arc<Service>>, request: axum::extract::Request) -> Response {
    // Before the body is read, so that this bounds the bodies in memory too.
    let Ok(_held) = service.requests.try_acquire() else {
        service.evaluators.refused();
        tracing::warn!(refused = service.counts().refused, "not judged: too many requests are in hand");
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "too many requests are in hand; try again");
    };
    let received = Instant::now();
    let arrival = Arrival {
        received,
        deadline: received + budget(request.uri()),
        trace_parent: trace_parent(request.headers()),
    };
    let json = is_json(request.headers());
    let body = match tokio::time::timeout(BODY, body::read(request.into_body())).await {
        Ok(Ok(body)) => body,
        Ok(Err(error)) => return refuse(status(&error), &error.to_string()),
        Err(_) => return refuse(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"),
    };
    if !json {
        return refuse(StatusCode::BAD_REQUEST, "the content type must be application/json");
    }
    respond(answer(&service, body, arrival).await)
}

/// `POST /` of a client that has shown no certificate where one is asked for.
pub(super) async fn stranger() -> Response {
    refuse(
        StatusCode::FORBIDDEN,
        "reviews are taken only from clients with a certificate that --client-ca knows",
    )
}

/// Any other path.
pub(super) async fn nothing() -> Response {
    refuse(
        StatusCode::NOT_FOUND,
        "nothing is here: POST an AdmissionReview to /, or GET /healthz, /readyz or /metrics",
    )
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

/// `GET /readyz`: policies are loaded and requests are welcome; and what does not go as it should all the same.
pub(super) async fn readyz(State(service): State<Arc<Service>>) -> Response {
    // Why is for operators only: it names what the process may do in the cluster.
    let mut degraded: Vec<&str> = service.troubles().iter().map(|trouble| trouble.about).collect();
    degraded.dedup();
    if service.is_ready() {
        let policies = service.policies.get().len();
        axum::Json(json!({"ready": true, "policies": policies, "degraded": degraded})).into_response()
    } else {
        let answer = json!({"ready": false, "degraded": degraded});
        (StatusCode::SERVICE_UNAVAILABLE, axum::Json(answer)).into_response()
    }
}

async fn answer(service: &Arc<Service>, body: Vec<u8>, arrival: Arrival) -> Answer {
    let (judge, deadline, kept) = (Arc::clone(service), arrival.deadline, arrival.clone());
    let work = move |body, answer| judge.judge(body, arrival, answer);
    let (body, reason) = match service.evaluators.run(body, deadline, work).await {
        Ended::Answered(answer) => return answer,
        Ended::Lost => return Answer::Defect("its evaluation panicked".to_owned()),
        Ended::Refused(body) => (body, "the queue is full"),
        Ended::Expired(body) => (body, "no thread was free in time"),
    };
    service.unjudged(body, &kept, reason)
}

fn respond(answer: Answer) -> Response {
    match answer {
        Answer::Review(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Answer::NoReview(reason) => refuse(StatusCode::BAD_REQUEST, &reason),
        Answer::Busy => refuse(StatusCode::SERVICE_UNAVAILABLE, "the webhook is too busy; try again"),
        // The API server then goes by the webhook's failurePolicy.
        Answer::Defect(error) => {
            tracing::error!("a request could not be answered: {error}");
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "the request could not be judged; the log says why")
        }
    }
}

/// Four fifths of the time that the API server says it waits, such as `?timeout=10s`, so that the answer is there
/// before it stops to wait; within what any request gets.
fn budget(uri: &Uri) -> Duration {
    let parameters = uri.query().unwrap_or_default().split('&');
    let timeout = parameters.filter_map(|parameter| parameter.strip_prefix("timeout=")).next();
    let seconds = timeout.and_then(|timeout| timeout.strip_suffix('s')?.parse::<u32>().ok());
    seconds.map_or(BUDGET, |seconds| BUDGET.min(Duration::from_secs(seconds.into()) * 4 / 5))
}

/// The caller's trace (W3C Trace Context), as it says it; what is longer than any version of it is not kept.
fn trace_parent(headers: &HeaderMap) -> Option<Box<str>> {
    let text = headers.get(TRACE_PARENT)?.to_str().ok()?;
    (text.len() <= 128).then(|| text.into())
}

fn status(error: &BodyError) -> StatusCode {
    match error {
        BodyError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        BodyError::Cut(_) => StatusCode::BAD_REQUEST,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_within_what_the_api_server_waits() {
        for (uri, milliseconds) in [
            ("/", 8000),
            ("/?timeout=10s", 8000),
            ("/?timeout=30s", 8000),
            ("/?timeout=2s", 1600),
            ("/?a=b&timeout=1s&timeout=9s", 800),
            ("/?timeout=0s", 0),
            ("/?timeout=", 8000),
            ("/?timeout=1m", 8000),
            ("/?timeout=-1s", 8000),
            ("/?timeout=99999999999s", 8000),
        ] {
            assert_eq!(budget(&uri.parse().unwrap()), Duration::from_millis(milliseconds), "{uri}");
        }
    }
}
