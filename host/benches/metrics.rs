//! What a request costs for being counted, after its answer.
//!
//! `cargo bench -p magtape --bench metrics`

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first surprise and is no library"
)]

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use magtape::{
    decision::{Decision, Observer},
    digest::Digest,
    metrics::Metrics,
    review::Request,
    verdict::{DenyLevel, Enforcement, FailurePolicy, Finding, Outcome, Severity, Violation, decide},
};

/// What the policies in the binary usually say: two violations, and nothing else.
fn outcomes() -> Vec<Outcome> {
    let outcome = |number: usize| Outcome {
        policy: format!("policy-of-usual-length-{number}"),
        errcode: format!("MT{number}"),
        digest: Digest::of(b""),
        enforcement: Enforcement::Deny,
        finding: match number {
            0 | 1 => Finding::Violated(vec![Violation::new("[FAIL] LOW - …", Severity::Low, "MT1")]),
            2..5 => Finding::NotApplicable,
            _ => Finding::Passed,
        },
        elapsed: Duration::from_micros(40),
        exempted: None,
    };
    (0..12).map(outcome).collect()
}

fn decided(criterion: &mut Criterion) {
    let review =
        br#"{"request": {"uid": "u", "operation": "CREATE", "kind": {"kind": "Pod"}, "namespace": "shop"}}"#;
    let request = Request::parse(review.to_vec()).unwrap();
    let outcomes = outcomes();
    let level = DenyLevel::Low;
    let verdict = decide(&outcomes, level, FailurePolicy::Fail);
    let elapsed = Duration::from_millis(1);
    let decision = Decision {
        request: &request,
        level,
        outcomes: &outcomes,
        verdict: &verdict,
        judged: true,
        trusted_owner: false,
        elapsed,
        trace_parent: None,
    };
    let metrics = Metrics::new().unwrap();
    criterion.bench_function("a decision of twelve policies", |bencher| {
        bencher.iter(|| metrics.decided(black_box(&decision)));
    });
    criterion
        .bench_function("the page after it", |bencher| bencher.iter(|| black_box(metrics.page().unwrap())));
}

criterion_group!(benches, decided);
criterion_main!(benches);
