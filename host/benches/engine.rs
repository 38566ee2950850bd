//! What an evaluation costs, part by part, beside one parse of the same review into `serde_json::Value`.
//!
//! `cargo bench -p magtape --bench engine`

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first surprise and is no library"
)]

use std::{hint::black_box, sync::Arc, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use magtape::{
    engine::{
        Engine, Limits,
        opa::{Image, Module},
    },
    evaluate::{Loader, Policies, PolicyLimits, evaluate},
    json::Document,
    review::Request,
    source::Embedded,
};
use serde_json::{Value, json};

const BUDGET: Duration = Duration::from_secs(5);

/// A review of a Deployment with that many sidecars, each with what sidecars have.
fn review(sidecars: usize) -> Vec<u8> {
    let container = |index: usize| {
        json!({
            "name": format!("sidecar-{index}"), "image": "registry.example.com/team/sidecar:1.2.3",
            "ports": [{"containerPort": 8000 + index, "name": "http", "protocol": "TCP"}],
            "env": [{"name": "LOG_LEVEL", "value": "info"},
                    {"name": "POD", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}],
            "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10},
            "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http", "scheme": "HTTP"}, "periodSeconds": 5},
            "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "50m", "memory": "64Mi"}},
            "securityContext": {"privileged": false, "allowPrivilegeEscalation": false},
        })
    };
    let containers: Vec<Value> = (0..=sidecars).map(container).collect();
    let object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}}, "spec": {"containers": containers}}},
    });
    let request = json!({"uid": "u", "operation": "CREATE", "namespace": "shop", "object": object,
        "kind": {"group": "apps", "version": "v1", "kind": "Deployment"}});
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request})
        .to_string()
        .into_bytes()
}

fn parts(criterion: &mut Criterion) {
    let limits = Arc::new(Limits::default());
    let engine = Engine::new(limits.memory_bytes).unwrap();
    let candidate =
        Embedded::Rego.policies().into_iter().find(|candidate| candidate.origin.contains("mt2001")).unwrap();
    let module = Module::load(&engine, &limits, &candidate.wasm, b"{}").unwrap();
    let deny = *module.entrypoints().get("kubernetes/admission/policy_privileged_pod/deny").unwrap();
    let base = module.image_base().unwrap();
    let mut group = criterion.benchmark_group("one policy");
    group.bench_function("a fresh sandbox", |bencher| {
        bencher.iter(|| black_box(module.start(Duration::ZERO, BUDGET).unwrap()));
    });
    for sidecars in [0, 8, 80] {
        let document = review(sidecars);
        group.throughput(Throughput::Bytes(document.len() as u64));
        let id = |what| BenchmarkId::new(what, document.len());
        group.bench_function(id("serde_json::Value, for scale"), |bencher| {
            bencher.iter(|| black_box(serde_json::from_slice::<Value>(&document).unwrap()));
        });
        group.bench_function(id("the image, once a request"), |bencher| {
            bencher.iter(|| black_box(Image::of(&Document::parse(document.clone()).unwrap(), base)));
        });
        let image = Image::of(&Document::parse(document.clone()).unwrap(), base);
        group.bench_function(id("a sandbox and its input as image"), |bencher| {
            bencher.iter(|| module.start(Duration::ZERO, BUDGET).unwrap().set_image(&image, None));
        });
        group.bench_function(id("a sandbox and its input as text"), |bencher| {
            bencher.iter(|| module.start(Duration::ZERO, BUDGET).unwrap().set_input(&document).unwrap());
        });
        group.bench_function(id("image and deny"), |bencher| {
            bencher.iter(|| {
                let mut run = module.start(Duration::ZERO, BUDGET).unwrap();
                assert!(run.set_image(&image, None));
                black_box(run.evaluate(deny).unwrap())
            });
        });
    }
    group.finish();
}

fn whole(criterion: &mut Criterion) {
    let limits = PolicyLimits::default();
    let loader = Loader::new(Engine::new(limits.memory_bytes()).unwrap(), limits);
    let mut policies = Policies::new();
    for candidate in Embedded::Rego.policies() {
        loader.add(&mut policies, &candidate).unwrap();
    }
    let mut group = criterion.benchmark_group("twelve policies, from bytes to outcomes");
    for sidecars in [0, 8, 80] {
        let document = review(sidecars);
        group.throughput(Throughput::Bytes(document.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(document.len()), |bencher| {
            bencher.iter(|| {
                let request = Request::parse(document.clone()).unwrap();
                black_box(evaluate(&policies, &request, BUDGET))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, parts, whole);
criterion_main!(benches);
