//! What a policy in Rust costs beside its twin in Rego, on the recorded review of median size.
//!
//! `cargo bench -p magtape --bench components`

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first surprise and is no library"
)]

use std::{fs, hint::black_box, path::Path, sync::Arc, time::Duration};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use magtape::{
    engine::Engine,
    evaluate::{Loader, Policies, PolicyLimits, evaluate},
    json::Document,
    policy::Candidate,
    review::Request,
};
use magtape_testing::corpus::corpus;

const BUDGET: Duration = Duration::from_secs(5);

/// The policies that are measured, each in both languages.
const POLICIES: [&str; 5] = [
    "mt1001-liveness-probe",
    "mt1003-resource-limits",
    "mt1007-singleton-pod",
    "mt1010-host-path",
    "mt2001-privileged-pod",
];

/// The Pod or Deployment whose review is nearest in size to the median of all that were recorded.
fn median() -> Vec<u8> {
    let reviews = corpus().unwrap();
    let mut sizes: Vec<usize> = reviews.iter().map(Vec::len).collect();
    sizes.sort_unstable();
    let median = sizes.get(sizes.len() / 2).copied().unwrap();
    let workloads = reviews.into_iter().filter(|body| {
        let kind = Request::parse(body.clone()).unwrap().kind.kind;
        matches!(kind.as_str(), "Deployment" | "Pod")
    });
    workloads.min_by_key(|body| body.len().abs_diff(median)).unwrap()
}

fn load(folder: &str, name: &str) -> Policies {
    let limits = PolicyLimits::default();
    let loader = Loader::new(Engine::new(limits.memory_bytes()).unwrap(), limits);
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join(name).with_extension("wasm");
    let mut policies = Policies::new();
    loader.add(&mut policies, &Candidate::new(name, fs::read(path).unwrap())).unwrap();
    policies
}

fn twins(criterion: &mut Criterion) {
    let body = median();
    let request = Request::parse(body.clone()).unwrap();
    let mut group = criterion.benchmark_group(format!("a {} of {} bytes", request.kind.kind, body.len()));
    group.bench_function("Request::parse, for scale", |bencher| {
        bencher.iter(|| black_box(Request::parse(body.clone()).unwrap()));
    });
    group.bench_function("Document::parse, for scale", |bencher| {
        bencher.iter(|| black_box(Arc::new(Document::parse(body.clone()).unwrap())));
    });
    for name in POLICIES {
        for (language, folder) in [("Rego", "policies-rego/dist"), ("Rust", "policies-wasm/dist")] {
            let policies = load(folder, name);
            group.bench_function(BenchmarkId::new(name, language), |bencher| {
                bencher.iter(|| black_box(evaluate(&policies, &request, BUDGET)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, twins);
criterion_main!(benches);
