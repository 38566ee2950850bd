//! Policies that are components: hostile ones (testing/guests/component) end each as it should and for itself alone, and
//! those that ship say what their tables, their twins in Rego and the recorded reviews say.
//!
//! `cases` says how each guest ends and `guest` makes components of the files; they run beside policies of the project,
//! through the same functions that a request goes through.

mod bombs;
mod cases;
mod encoder;
mod guest;
mod kept;
mod large;
mod logs;
mod memory;
mod parameters;
mod sandboxes;
mod twins;
mod wasi;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use magtape::{
    engine::{
        Engine, Fault, Limits,
        component::{Component, ComponentError, Documents, is_component},
    },
    evaluate::{Loader, Policies, PolicyLimits},
    json::Document,
    policy::Candidate,
    source::Embedded,
};

use self::cases::{CASES, ELSEWHERE};
use crate::guests::{
    BUDGET, DEADLINE, PATIENCE,
    cases::{Case, End},
    judge, limits, request, shortened,
};

/// What one policy may have when the others have little.
const MUCH: usize = 32 * 1024 * 1024;

/// An engine, and policies of the project on it: one of OPA's and a component.
struct Bench {
    engine: Engine,
    short: Arc<Limits>,
    long: Arc<Limits>,
    good: Policies,
}

/// What came of loading a guest.
enum Loaded {
    Ready(Policies, Box<Component>),
    Refused { kind: &'static str, text: String },
}

// === impl Bench ===

impl Bench {
    fn new() -> Self {
        let (short, long) = (limits(DEADLINE), limits(PATIENCE));
        // A policy of its own limits would have made room for more.
        let engine = Engine::new(MUCH).unwrap();
        let mut good = Policies::new();
        let loader = Loader::new(engine.clone(), PolicyLimits::uniform(&long));
        for candidate in [one(Embedded::Rego, "mt2001"), one(Embedded::Rust, "mt1001")] {
            loader.add(&mut good, &candidate).unwrap();
        }
        Self { engine, short, long, good }
    }

    fn limits(&self, case: &Case) -> &Arc<Limits> {
        if case.end == End::Failed("deadline") { &self.short } else { &self.long }
    }

    /// Loads a guest twice: as a policy beside the good ones, and as a component to ask it by itself.
    fn load(&self, case: &Case, policies: &Policies) -> Loaded {
        let wasm = guest::wasm(case.guest);
        let limits = self.limits(case);
        let component = match Component::load(&self.engine, limits, &wasm, case.guest) {
            Ok(component) => component,
            Err(error) => return Loaded::Refused { kind: kind_of(&error), text: error.to_string() },
        };
        assert!(is_component(&wasm), "{} is taken for a module of OPA's", case.guest);
        let mut policies = policies.clone();
        let loader = Loader::new(self.engine.clone(), PolicyLimits::uniform(limits));
        match loader.add(&mut policies, &Candidate::new(case.guest, wasm)) {
            Ok(()) => Loaded::Ready(policies, Box::new(component)),
            Err(error) => Loaded::Refused { kind: "policy", text: error.reason.to_string() },
        }
    }
}

/// The policy of a set whose name begins so.
fn one(set: Embedded, name: &str) -> Candidate {
    set.policies().into_iter().find(|candidate| candidate.name.starts_with(name)).unwrap()
}

fn kind_of(error: &ComponentError) -> &'static str {
    match error {
        ComponentError::TooLarge { .. } => "too large",
        ComponentError::Invalid(_) => "invalid",
        ComponentError::Encode(_) => "encode",
        ComponentError::Version(_) => "version",
        ComponentError::World(_) => "world",
        ComponentError::Engine(_) => "engine",
    }
}

/// What the guest can read when it is asked by itself.
fn documents() -> Documents {
    let kinds = ["v1/pods".to_owned()].into_iter().map(|kind| (kind, None)).collect();
    Documents {
        review: Arc::clone(request().document()),
        parameters: Arc::new(Document::parse("{}").unwrap()),
        kinds: Arc::new(kinds),
    }
}

/// The kind of the fault that the engine raises when the guest is asked by itself. Where the engine raises none, the
/// answer is of the right type, but none that a policy may give.
fn check_kind(case: &Case, component: &Component) -> Result<(), String> {
    let fault = component.evaluate(documents(), Duration::ZERO, BUDGET).err();
    let kind = fault.as_ref().map_or("answer", Fault::kind);
    if matches!(case.end, End::Failed(expected) if kind != expected) {
        Err(format!("is {fault:?}"))
    } else {
        Ok(())
    }
}

/// Loads a guest, and judges two requests with it if that succeeds.
fn run(bench: &Bench, case: &Case) -> Result<(Duration, String), String> {
    let started = Instant::now();
    match bench.load(case, &bench.good) {
        Loaded::Refused { kind, text } if case.end == End::Refused(kind) && text.contains(case.text) => {
            Ok((started.elapsed(), format!("{}: {text}", case.end)))
        }
        Loaded::Refused { kind, text } => Err(format!("was refused, {kind}: {text}")),
        Loaded::Ready(..) if matches!(case.end, End::Refused(_)) => Err("was loaded".to_owned()),
        Loaded::Ready(policies, component) => {
            let (first, ended) = judge(&bench.good, case, &policies)?;
            check_kind(case, &component)?;
            let (second, _) = judge(&bench.good, case, &policies)?;
            Ok((first.max(second), ended))
        }
    }
}

#[test]
fn every_guest_ends_for_itself_alone() {
    let bench = Bench::new();
    let mut wrong = Vec::new();
    println!("{:<28} {:>8}  ended as", "guest", "after");
    for case in CASES {
        match run(&bench, case) {
            Ok((after, ended)) => {
                println!("{:<28} {:>5} ms  {}", case.guest, after.as_millis(), shortened(&ended));
            }
            Err(how) => wrong.push(format!("{} {how}, not {}: {}", case.guest, case.end, case.text)),
        }
    }
    println!("{} guests", CASES.len());
    assert!(wrong.is_empty(), "{} of {} guests:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

/// Who built a module without the world has not said that it is to become a component.
#[test]
fn a_module_without_a_world_is_taken_for_one_of_opas() {
    let bench = Bench::new();
    let wasm = wat::parse_str(
        r#"(module (memory (export "memory") 1) (func (export "evaluate") (result i32) (i32.const 0)))"#,
    )
    .unwrap();
    let loader = Loader::new(bench.engine.clone(), PolicyLimits::uniform(&bench.long));
    let refused = loader.add(&mut Policies::new(), &Candidate::new("module", wasm)).unwrap_err();
    assert!(refused.to_string().contains("was it built by `opa build -t wasm`?"), "{refused}");
}

#[test]
fn every_file_is_a_case() {
    let cases = CASES.iter().map(|case| case.guest).filter(|name| !guest::is_made_here(name));
    let mut named: Vec<String> = cases.chain(ELSEWHERE.iter().copied()).map(str::to_owned).collect();
    named.sort();
    assert_eq!(named, guest::files());
}
