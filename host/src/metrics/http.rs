//! What was asked for over HTTP, under the names that MagTape had.

use std::time::Instant;

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Registry, Result};

use super::{OTHER, counters, register};

/// MagTape's, so that what was recorded before can be read on.
const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Paths that are told apart, and methods.
const PATHS: [&str; 2] = ["/", "/healthz"];
const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// A status with which a request ends that the program has no answer to.
const DEFECT: &str = "500";

/// Counts requests.
pub struct Http {
    seconds: HistogramVec,
    requests: IntCounterVec,
    exceptions: IntCounterVec,
}

/// A request that has not been answered yet.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    method: &'static str,
    path: &'static str,
    began: Instant,
}

// === impl Http ===

impl Http {
    pub(super) fn new(registry: &Registry) -> Result<Self> {
        let seconds = HistogramOpts::new(
            "magtape_http_request_duration_seconds",
            "Seconds from a request's head to its answer.",
        );
        let seconds = HistogramVec::new(seconds.buckets(BUCKETS.into()), &["method", "path", "status"])?;
        let http = Self {
            seconds: register(registry, seconds)?,
            requests: counters(
                registry,
                "magtape_http_request_total",
                "Requests that were answered.",
                &["method", "status"],
            )?,
            exceptions: counters(
                registry,
                "magtape_http_request_exceptions_total",
                "Requests that ended in a defect of the program.",
                &["method", "status"],
            )?,
        };
        // From the beginning, so that the first one is seen as a change.
        let _ = http.exceptions.with_label_values(&["POST", DEFECT]);
        Ok(http)
    }

    /// Counts a request with the status that it was answered with.
    pub fn answered(&self, asked: &Asked, status: &str) {
        let Asked { method, path, began } = *asked;
        self.seconds.with_label_values(&[method, path, status]).observe(began.elapsed().as_secs_f64());
        self.requests.with_label_values(&[method, status]).inc();
        if status == DEFECT {
            self.exceptions.with_label_values(&[method, status]).inc();
        }
    }
}

// === impl Asked ===

impl Asked {
    /// A request that begins now.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: bounded(&METHODS, method), path: bounded(&PATHS, path), began: Instant::now() }
    }
}

fn bounded(known: &[&'static str], value: &str) -> &'static str {
    known.iter().find(|known| **known == value).copied().unwrap_or(OTHER)
}
