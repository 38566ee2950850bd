//! What Rego source costs: one policy compiled once the compiler is ready, and many that are known already.
//!
//! `cargo xtask rego-compiler && cargo bench -p magtape --bench rego`

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first surprise and is no library"
)]

use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    time::Duration,
};

use criterion::{Criterion, criterion_group, criterion_main};
use magtape::{
    compile::{
        self, Compiler,
        protocol::{Op, Request, Source},
    },
    engine::{
        ArtefactCache, Engine,
        rego::{Clock, RegoCompiler, RegoLimits},
    },
    evaluate::{Loader, Policies, PolicyLimits},
    policy::gatekeeper::EnforcementPoint,
    source::{Found, Rego},
};

const PACKAGE: &str = "policy_liveness_probe";

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn policy() -> String {
    fs::read_to_string(repository("policies-rego/mt1001-liveness-probe/policy.rego")).unwrap()
}

/// The same policy under so many names.
fn policies(count: usize) -> Vec<Rego> {
    let policy = policy();
    let named = |number: usize| Rego {
        origin: format!("p{number}.rego"),
        name: format!("p{number}"),
        text: policy
            .replace(PACKAGE, &format!("p{number}"))
            .replace("policy-liveness-probe", &format!("p{number}")),
    };
    (0..count).map(named).collect()
}

fn one(criterion: &mut Criterion) {
    let wasm = fs::read(repository("target/rego-compiler/magtape-rego-compiler.wasm")).unwrap();
    let compiler = RegoCompiler::load(&wasm, None, RegoLimits::default(), &mut |_| ()).unwrap();
    let text = policy();
    let sources = vec![Source { name: "policy.rego", text: &text, version: "", without: Vec::new() }];
    let entrypoints = ["deny", "matches", "policy_metadata"]
        .map(|rule| format!("kubernetes/admission/{PACKAGE}/{rule}"))
        .to_vec();
    let compile = Request { entrypoints, ..Request::new(Op::Compile, sources.clone()) };
    let mut group = criterion.benchmark_group("one policy, by the compiler");
    group.sample_size(20);
    for (name, request) in [("told what is in it", Request::new(Op::Analyse, sources)), ("compiled", compile)]
    {
        let request = serde_json::to_vec(&request).unwrap();
        group.bench_function(name, |bencher| {
            bencher
                .iter(|| black_box(compiler.ask(&request, Clock::Fixed, Duration::from_secs(10)).unwrap()));
        });
    }
    group.finish();
}

fn many(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let cache = ArtefactCache::open(folder.path()).unwrap();
    let rego = policies(200);
    let load = || {
        let found = Found { rego: rego.clone(), ..Found::default() };
        let compiler = Compiler::new(Some(cache.clone()), |_| ());
        let output = compile::compile(found, &compiler, EnforcementPoint::Cli);
        let limits = PolicyLimits::default();
        let engine = Engine::with_cache(limits.memory_bytes(), Some(cache.clone())).unwrap();
        let mut policies = Policies::new();
        let errors = Loader::new(engine, limits).add_all(&mut policies, &output.candidates, &|_| ());
        assert!(output.problems.is_empty() && errors.is_empty() && policies.len() == rego.len());
        policies
    };
    // The first fills the cache.
    drop(load());
    let mut group = criterion.benchmark_group("200 policies in Rego");
    group.sample_size(10);
    group.bench_function("unchanged, from text to ready", |bencher| bencher.iter(|| black_box(load())));
    group.finish();
}

criterion_group!(benches, one, many);
criterion_main!(benches);
