//! An operator's port: plain HTTP, with the probes, the metrics, and the level of the log.

use std::{str::FromStr, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::{Timestamp, Unit};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower_http::timeout::TimeoutLayer;

use super::{Connections, Page, REQUEST, Service, handlers, page};
use crate::{
    conditions::Trouble,
    telemetry::{Log, LogLevel},
};

/// The name of a level, and a line's end.
const LEVEL_BYTES: usize = 64;

/// Takes connections on the operator's port from now on.
pub fn spawn(listener: TcpListener, service: Arc<Service>, page: Arc<Page>, log: Log) -> Connections {
    let router = Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(handlers::readyz).with_state(Arc::clone(&service)))
        .route("/conditions", get(conditions).with_state(service))
        .route(page::PATH, get(page::show).with_state(page))
        .route(
            "/loglevel",
            get(level).put(set_level).layer(DefaultBodyLimit::max(LEVEL_BYTES)).with_state(log),
        )
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST));
    Connections::spawn(listener, None, router.clone(), router)
}

/// `GET /livez`: the process is up.
async fn livez() -> &'static str {
    "ok\n"
}

/// `GET /conditions`: what does not go as it should, since when and why.
async fn conditions(State(service): State<Arc<Service>>) -> Response {
    let shown = |trouble: Trouble| {
        let since = Timestamp::try_from(trouble.since).ok().map(|since| since.round(Unit::Second));
        let since = since.and_then(Result::ok).map(|since| since.to_string());
        json!({"about": trouble.about, "reason": trouble.reason, "since": since})
    };
    let conditions: Vec<Value> = service.troubles().into_iter().map(shown).collect();
    axum::Json(json!({ "conditions": conditions })).into_response()
}

/// `GET /loglevel`.
async fn level(State(log): State<Log>) -> String {
    format!("{}\n", log.level())
}

/// `PUT /loglevel`: the level is the body.
async fn set_level(State(log): State<Log>, body: String) -> Response {
    let level = match LogLevel::from_str(body.trim()) {
        Ok(level) => level,
        Err(unknown) => return (StatusCode::BAD_REQUEST, format!("{unknown}\n")).into_response(),
    };
    match log.set(level) {
        Ok(()) => format!("{level}\n").into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}
