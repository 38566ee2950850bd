//! Traces: a span for each request that was judged, sent to a collector of OpenTelemetry by OTLP over HTTP. An
//! [`Observer`], after the answer; a thread of the library's own sends what has come together.
//!
//! Where the API server traces, it says to which trace a request belongs (W3C Trace Context), and whether it is recorded.

use std::{collections::HashMap, time::SystemTime};

use opentelemetry::{
    Context, KeyValue,
    propagation::TextMapPropagator,
    trace::{Span, SpanBuilder, SpanKind, Status, Tracer, TracerProvider},
};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{SdkTracer, SdkTracerProvider},
};

use crate::{
    decision::{Decision, Observer},
    shorten,
    verdict::{Finding, Outcome},
};

/// The name under which collectors know the program.
const SERVICE: &str = "magtape";

/// Where a collector takes traces, below its address.
const PATH: &str = "/v1/traces";

/// The header of W3C Trace Context.
const TRACE_PARENT: &str = "traceparent";

/// Sends traces. What is left is sent when it goes.
pub struct Traces {
    tracer: SdkTracer,
    provider: SdkTracerProvider,
}

// === impl Traces ===

impl Traces {
    /// Begins to send to a collector at an address such as `http://localhost:4318`. `replica` tells replicas apart.
    ///
    /// # Errors
    /// When that is no address, or the system gives no thread.
    pub fn start(endpoint: &str, replica: &str) -> Result<Self, ExporterBuildError> {
        // The library's client takes the one of the process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let url = format!("{}{PATH}", endpoint.trim_end_matches('/'));
        let exporter = SpanExporter::builder().with_http().with_endpoint(url).build()?;
        let resource = Resource::builder()
            .with_service_name(SERVICE)
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .with_attribute(KeyValue::new("service.instance.id", replica.to_owned()))
            .build();
        let provider =
            SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build();
        Ok(Self { tracer: provider.tracer(SERVICE), provider })
    }
}

impl Observer for Traces {
    fn decided(&self, decision: &Decision<'_>) {
        let end = SystemTime::now();
        let start = end.checked_sub(decision.elapsed).unwrap_or(end);
        let span = SpanBuilder::from_name("admission review")
            .with_kind(SpanKind::Server)
            .with_start_time(start)
            .with_attributes(attributes(decision));
        let mut span = self.tracer.build_with_context(span, &parent(decision.trace_parent));
        if !span.is_recording() {
            return;
        }
        for outcome in decision.outcomes {
            span.add_event_with_timestamp("policy", end, asked(outcome));
        }
        if !decision.judged {
            span.set_status(Status::error("no time to judge"));
        }
        span.end_with_timestamp(end);
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!("the last traces were not sent: {error}");
        }
    }
}

/// The span of the API server, if it said one.
fn parent(header: Option<&str>) -> Context {
    let Some(header) = header else { return Context::new() };
    let carrier = HashMap::from([(TRACE_PARENT.to_owned(), header.to_owned())]);
    TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier)
}

fn attributes(decision: &Decision<'_>) -> Vec<KeyValue> {
    let request = decision.request;
    vec![
        KeyValue::new("admission.uid", first(&request.uid)),
        KeyValue::new("admission.operation", first(&request.operation)),
        KeyValue::new("admission.dry_run", request.dry_run),
        KeyValue::new("admission.allowed", decision.verdict.allowed),
        KeyValue::new("admission.deny_level", decision.level.as_str()),
        KeyValue::new("k8s.namespace.name", first(&request.namespace)),
        KeyValue::new("k8s.object.api_version", first(&request.kind.api_version())),
        KeyValue::new("k8s.object.kind", first(&request.kind.kind)),
        KeyValue::new("k8s.object.name", first(&request.name)),
    ]
}

/// As much of a text as a span has.
fn first(text: &str) -> String {
    shorten::name(text).to_owned()
}

fn asked(outcome: &Outcome) -> Vec<KeyValue> {
    let found = match outcome.finding {
        Finding::NotApplicable => "not applicable",
        Finding::Passed => "passed",
        Finding::Violated(_) => "violated",
        Finding::Failed(_) => "failed",
    };
    let microseconds = i64::try_from(outcome.elapsed.as_micros()).unwrap_or(i64::MAX);
    vec![
        KeyValue::new("policy.name", outcome.policy.clone()),
        KeyValue::new("policy.code", outcome.errcode.clone()),
        KeyValue::new("policy.outcome", found),
        KeyValue::new("policy.elapsed_microseconds", microseconds),
    ]
}
