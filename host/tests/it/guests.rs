//! Hostile guests (testing/guests): each ends as it should, for itself alone, and leaves nothing behind.
//!
//! `cases` says how each ends, `guest` makes modules of the files, and the tests here run them beside a real
//! policy, through the same functions that a request goes through.

mod builtins;
pub(super) mod cases;
pub(super) mod guest;

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use magtape::{
    engine::{
        Engine, Fault, Limits,
        opa::{LoadError, Module},
    },
    evaluate::{Loader, Policies, PolicyLimits, evaluate},
    policy::Candidate,
    review::Request,
    source::Embedded,
    verdict::{Failure, Finding, Outcome},
};

use self::cases::{CASES, Case, End, ends_with_deadline};

/// What a guest that never ends gets.
pub(super) const DEADLINE: Duration = Duration::from_millis(100);

/// What the others get, so that no test fails because the machine is busy.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// No answer of a policy takes longer than this, whatever else the machine does meanwhile.
pub(super) const BOUND: Duration = Duration::from_secs(2);

/// More than any request here may take.
pub(super) const BUDGET: Duration = Duration::from_secs(60);

/// What guests may use in these tests: little, so that they come to the end of it soon.
pub(super) fn limits(deadline: Duration) -> Arc<Limits> {
    Arc::new(Limits {
        memory_bytes: 16 * 1024 * 1024,
        deadline,
        result_bytes: 256 * 1024,
        argument_bytes: 128 * 1024,
        builtin_bytes: 64 * 1024,
        host_calls: 1000,
        module_bytes: 1024 * 1024,
        ..Limits::default()
    })
}

/// An engine, and loaders for guests and for policies on it.
struct Bench {
    engine: Engine,
    short: Arc<Limits>,
    long: Arc<Limits>,
    /// The policies of the project, without any guest.
    good: Policies,
}

/// What came of loading a guest.
enum Loaded {
    Ready(Policies, Module),
    Refused { kind: &'static str, text: String },
}

// === impl Bench ===

impl Bench {
    fn new() -> Self {
        let (short, long) = (limits(DEADLINE), limits(PATIENCE));
        let engine = Engine::new(long.memory_bytes).unwrap();
        let mut good = Policies::new();
        let loader = Loader::new(engine.clone(), PolicyLimits::uniform(&long));
        for candidate in
            Embedded::Rego.policies().iter().filter(|candidate| candidate.origin.contains("mt2001"))
        {
            loader.add(&mut good, candidate).unwrap();
        }
        Self { engine, short, long, good }
    }

    fn limits(&self, case: &Case) -> &Arc<Limits> {
        if ends_with_deadline(case) { &self.short } else { &self.long }
    }

    /// Loads a guest twice: as a policy beside the good ones, and as a module to ask it by itself.
    fn load(&self, case: &Case, policies: &Policies) -> Loaded {
        let wasm = guest::wasm(case.guest);
        let limits = self.limits(case);
        let module = match Module::load(&self.engine, limits, &wasm, b"{}") {
            Ok(module) => module,
            Err(error) => return Loaded::Refused { kind: kind_of(&error), text: error.to_string() },
        };
        let mut policies = policies.clone();
        let loader = Loader::new(self.engine.clone(), PolicyLimits::uniform(limits));
        match loader.add(&mut policies, &Candidate::new(case.guest, wasm)) {
            Ok(()) => Loaded::Ready(policies, module),
            Err(error) => Loaded::Refused { kind: "policy", text: error.reason.to_string() },
        }
    }
}

fn kind_of(error: &LoadError) -> &'static str {
    match error {
        LoadError::TooLarge { .. } => "too large",
        LoadError::Invalid(_) => "invalid",
        LoadError::Import(_) => "import",
        LoadError::Export(_) => "export",
        LoadError::Abi { .. } => "abi",
        LoadError::Builtin { .. } => "builtin",
        LoadError::Setup(_) => "setup",
        LoadError::Data(_) => "data",
    }
}

/// A Deployment that MT2001 has something against.
pub(super) fn request() -> Request {
    let review = serde_json::json!({
        "kind": "AdmissionReview",
        "request": {
            "uid": "1",
            "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
            "operation": "CREATE",
            "namespace": "shop",
            "object": {
                "metadata": {"name": "cart"},
                "spec": {"template": {"spec": {
                    "containers": [{"name": "cart", "securityContext": {"privileged": true}}],
                }}},
            },
        },
    });
    Request::parse(review.to_string().into_bytes()).unwrap()
}

pub(super) fn is_guest(outcome: &Outcome) -> bool {
    outcome.policy.starts_with("hostile-")
}

/// What the good policies found; only the time that it took may differ.
pub(super) fn good_findings(outcomes: &[Outcome]) -> Vec<(String, Finding)> {
    let good = outcomes.iter().filter(|outcome| !is_guest(outcome));
    good.map(|outcome| (outcome.policy.clone(), outcome.finding.clone())).collect()
}

/// The fault that ends the guest when it is asked by itself; none when what it answers is a value.
fn fault_of(module: &Module, request: &Request) -> Option<Fault> {
    let ask = || -> Result<(), Fault> {
        let mut run = module.start(Duration::ZERO, BUDGET)?;
        run.set_input(request.document().text().as_bytes())?;
        for rule in ["matches", "deny"] {
            run.evaluate(module.entrypoints()[&format!("kubernetes/admission/hostile/{rule}")])?;
        }
        Ok(())
    };
    ask().err()
}

/// How an evaluation of a guest ended, in words; an error when the case says otherwise.
pub(super) fn ended_as(case: &Case, outcome: &Outcome) -> Result<String, String> {
    let (text, fits) = match (&outcome.finding, case.end) {
        (Finding::Failed(failure), End::Failed(_)) => {
            (failure.reason.as_str(), failure.reason.contains(case.text))
        }
        (Finding::Violated(violations), End::Violated) => {
            (violations[0].message.as_str(), violations[0].message == case.text)
        }
        (Finding::Passed, End::Passed) => ("", true),
        _ => ("", false),
    };
    if fits { Ok(format!("{}: {text}", case.end)) } else { Err(format!("ended as {:?}", outcome.finding)) }
}

/// The kind of the fault that the engine raises when the guest is asked by itself. Where the engine raises
/// none, the answer is a value, but none that a policy may give.
fn check_kind(case: &Case, module: &Module, request: &Request) -> Result<(), String> {
    let fault = fault_of(module, request);
    let kind = fault.as_ref().map_or("answer", Fault::kind);
    if matches!(case.end, End::Failed(expected) if kind != expected) {
        Err(format!("is {fault:?}"))
    } else {
        Ok(())
    }
}

/// Judges a request with a guest among the policies; answers how it ended, and after what time.
pub(super) fn judge(good: &Policies, case: &Case, policies: &Policies) -> Result<(Duration, String), String> {
    let alone = good_findings(&evaluate(good, &request(), BUDGET));
    let outcomes = evaluate(policies, &request(), BUDGET);
    if good_findings(&outcomes) != alone || alone.is_empty() {
        return Err(format!("the other policies found {alone:?} without it and {outcomes:?} with it"));
    }
    let [hostile] = outcomes.iter().filter(|outcome| is_guest(outcome)).collect::<Vec<_>>()[..] else {
        return Err(format!("has not one outcome in {outcomes:?}"));
    };
    let ended = ended_as(case, hostile)?;
    if hostile.elapsed < BOUND {
        Ok((hostile.elapsed, ended))
    } else {
        Err(format!("took {:?}", hostile.elapsed))
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
        Loaded::Ready(policies, module) => {
            let (first, ended) = judge(&bench.good, case, &policies)?;
            check_kind(case, &module, &request())?;
            let (second, _) = judge(&bench.good, case, &policies)?;
            Ok((first.max(second), ended))
        }
    }
}

#[test]
fn every_guest_ends_for_itself_alone() {
    let bench = Bench::new();
    let mut wrong = Vec::new();
    let mut latest = Duration::ZERO;
    println!("{:<28} {:>8}  ended as", "guest", "after");
    for case in CASES {
        match run(&bench, case) {
            Ok((after, ended)) => {
                println!("{:<28} {:>5} ms  {}", case.guest, after.as_millis(), shortened(&ended));
                latest = latest.max(if case.end == End::Failed("deadline") { after } else { Duration::ZERO });
            }
            Err(how) => wrong.push(format!("{} {how}, not {}: {}", case.guest, case.end, case.text)),
        }
    }
    // A machine that is busy with other tests is late; what is asserted is `BOUND`.
    println!(
        "{} guests; the last ended {} ms after its deadline",
        CASES.len(),
        latest.saturating_sub(DEADLINE).as_millis()
    );
    assert!(wrong.is_empty(), "{} of {} guests:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

pub(super) fn shortened(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(140).collect()
}

#[test]
fn every_file_is_a_case() {
    let mut named: Vec<String> = CASES.iter().map(|case| case.guest.to_owned()).collect();
    named.retain(|name| !guest::is_made_here(name));
    named.sort();
    assert_eq!(named, guest::files());
}

/// Asks these policies, hostile ones and good ones, from several threads. Each ends as it is to end, and the good ones
/// answer as they do alone. Answers how many evaluations there were.
pub(super) fn under_load(good: &Policies, policies: &Policies, hostile: &[&Case]) -> usize {
    const THREADS: usize = 8;
    const REQUESTS: usize = 25;
    let expected = good_findings(&evaluate(good, &request(), BUDGET));
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..REQUESTS {
                    let outcomes = evaluate(policies, &request(), BUDGET);
                    assert_eq!(good_findings(&outcomes), expected);
                    check_ends(hostile, &outcomes);
                }
            });
        }
    });
    let evaluations = THREADS * REQUESTS * policies.len();
    println!("{evaluations} evaluations on {THREADS} threads in {:.1} s", started.elapsed().as_secs_f64());
    evaluations
}

/// Guests that trap, and one that never ends, in requests that come in at the same time: more evaluations
/// than there are sandboxes, so a sandbox that is not given back would be missed.
#[test]
fn guests_leave_nothing_behind_under_load() {
    let bench = Bench::new();
    let mut policies = bench.good.clone();
    let mut hostile = Vec::new();
    for case in CASES.iter().filter(|case| !matches!(case.end, End::Refused(_))) {
        // One that runs into its deadline is enough to wait for.
        if ends_with_deadline(case) && case.guest != "loop-in-eval" {
            continue;
        }
        let Loaded::Ready(with_it, _) = bench.load(case, &policies) else {
            panic!("{} was refused", case.guest)
        };
        policies = with_it;
        hostile.push(case);
    }
    let evaluations = under_load(&bench.good, &policies, &hostile);
    assert!(evaluations > 1000);
}

pub(super) fn check_ends(cases: &[&Case], outcomes: &[Outcome]) {
    for case in cases {
        let policy = format!("hostile-{}", case.guest);
        let outcome = outcomes.iter().find(|outcome| outcome.policy == policy).unwrap();
        ended_as(case, outcome).unwrap_or_else(|how| panic!("{} {how}", case.guest));
    }
}

/// There are so many sandboxes and no more. An evaluation that finds none is a fault, and the next that finds
/// one is as if nothing had happened.
#[test]
fn sandboxes_run_out_and_come_back() {
    let bench = Bench::new();
    let case = CASES.iter().find(|case| case.guest == "counter").unwrap();
    let Loaded::Ready(policies, module) = bench.load(case, &bench.good) else {
        panic!("counter was refused")
    };
    let start = || module.start(Duration::ZERO, BUDGET);
    let taken: Vec<_> = std::iter::from_fn(|| start().ok()).take(10_000).collect();
    assert!((200..1000).contains(&taken.len()), "{} sandboxes", taken.len());
    let fault = start().err().unwrap();
    println!("after {} sandboxes: {fault}", taken.len());
    assert_eq!(fault.kind(), "busy");
    let outcomes = evaluate(&policies, &request(), BUDGET);
    let busy = Finding::Failed(Failure::new("busy", fault.to_string()));
    // A policy may have a sandbox that was kept for it.
    let answered = |finding: &Finding| finding == &busy || !matches!(finding, Finding::Failed(_));
    assert!(outcomes.iter().all(|outcome| answered(&outcome.finding)), "{outcomes:?}");
    drop(taken);
    judge(&bench.good, case, &policies).unwrap();
}

/// What is left of a request's time bounds a policy that may take longer, and the text says what it got.
#[test]
fn a_request_may_have_less_time_than_a_policy() {
    const LEFT: Duration = Duration::from_millis(20);
    let bench = Bench::new();
    let case = CASES.iter().find(|case| case.guest == "loop-in-eval").unwrap();
    let Loaded::Ready(policies, _) = bench.load(case, &Policies::new()) else { panic!("it was refused") };
    let outcomes = evaluate(&policies, &request(), LEFT);
    let [Outcome { finding: Finding::Failed(failure), .. }] = &outcomes[..] else { panic!("{outcomes:?}") };
    let text = &failure.reason;
    assert!(text.starts_with("ran longer than ") && !text.contains("100ms"), "{text}");
}
