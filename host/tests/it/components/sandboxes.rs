//! Components leave nothing behind, and take no more sandboxes than there are.

use std::{
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

use magtape::{
    engine::{Fault, component::Component},
    evaluate::{Policies, evaluate},
    verdict::{Failure, Finding, Outcome},
};
use tracing::{Event, Metadata, Subscriber, span};

use super::{Bench, CASES, Loaded, documents, guest};
use crate::guests::{
    BUDGET,
    cases::{Case, End},
    is_guest, judge, request, under_load,
};

/// Guests that trap, and one that never ends, in requests that come in at the same time: more evaluations than there are
/// sandboxes, so a sandbox that is not given back, or not clean, would be missed.
#[test]
fn guests_leave_nothing_behind_under_load() {
    let bench = Bench::new();
    let mut policies = bench.good.clone();
    let mut hostile = Vec::new();
    for case in CASES.iter().filter(|case| !matches!(case.end, End::Refused(_))) {
        // One that runs into its deadline is enough to wait for.
        if case.end == End::Failed("deadline") && case.guest != "loop-in-evaluate" {
            continue;
        }
        let Loaded::Ready(with_it, _) = bench.load(case, &policies) else {
            panic!("{} was refused", case.guest)
        };
        policies = with_it;
        hostile.push(case);
    }
    let evaluations = under_load(&bench.good, &policies, &hostile);
    assert!(evaluations > 10_000);
}

/// Holds every evaluation that logs, in its sandbox, until it is opened.
#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: usize,
    ended: usize,
    open: bool,
}

/// What makes the log of a thread a gate.
struct AtGate(Arc<Gate>);

// === impl Gate ===

impl Gate {
    fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        state.waiting += 1;
        self.changed.notify_all();
        drop(self.changed.wait_while(state, |state| !state.open).unwrap());
    }

    fn end(&self) {
        self.state.lock().unwrap().ended += 1;
        self.changed.notify_all();
    }

    /// How many wait when all are here.
    fn waiting(&self, all: usize) -> usize {
        let here = |state: &mut State| state.waiting + state.ended < all;
        let state = self.state.lock().unwrap();
        let (state, timeout) = self.changed.wait_timeout_while(state, BUDGET, here).unwrap();
        assert!(!timeout.timed_out(), "{} wait and {} have ended", state.waiting, state.ended);
        state.waiting
    }

    fn open(&self) {
        self.state.lock().unwrap().open = true;
        self.changed.notify_all();
    }
}

impl Subscriber for AtGate {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "policy"
    }

    fn event(&self, _: &Event<'_>) {
        self.0.wait();
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

fn case(name: &str) -> &'static Case {
    CASES.iter().find(|case| case.guest == name).unwrap()
}

/// There are so many sandboxes and no more. An evaluation that finds none is a fault, and the next that finds one is as if
/// nothing had happened.
#[test]
fn sandboxes_run_out_and_come_back() {
    /// Those of evaluations, and those that may be kept for the next.
    const SANDBOXES: usize = 256 + 128;
    const ALL: usize = SANDBOXES + 50;
    let bench = Bench::new();
    let Loaded::Ready(policies, _) = bench.load(case("counter"), &bench.good) else {
        panic!("counter was refused")
    };
    let logs = Component::load(&bench.engine, &bench.long, &guest::wasm("log-long"), "log-long").unwrap();
    let gate = Arc::new(Gate::default());
    let hold = || {
        let held = tracing::subscriber::with_default(AtGate(Arc::clone(&gate)), || {
            logs.evaluate(documents(), Duration::ZERO, BUDGET)
        });
        gate.end();
        held
    };
    let held: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..ALL).map(|_| scope.spawn(hold)).collect();
        assert_eq!(gate.waiting(ALL), SANDBOXES, "sandboxes");
        let outcomes = evaluate(&policies, &request(), BUDGET);
        let (components, others): (Vec<_>, Vec<_>) =
            outcomes.into_iter().partition(|outcome| is_guest(outcome) || outcome.errcode == "MT1001");
        let busy = Finding::Failed(Failure::new("busy", Fault::Busy.to_string()));
        assert!(components.iter().all(|outcome| outcome.finding == busy), "{components:?}");
        // Modules of OPA's have sandboxes of their own.
        assert!(others.iter().all(|outcome| matches!(outcome.finding, Finding::Violated(_))), "{others:?}");
        gate.open();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (answered, refused): (Vec<_>, Vec<_>) = held.into_iter().partition(Result::is_ok);
    assert_eq!((answered.len(), refused.len()), (SANDBOXES, ALL - SANDBOXES));
    assert!(refused.iter().all(|refused| refused.as_ref().err() == Some(&Fault::Busy)), "{refused:?}");
    judge(&bench.good, case("counter"), &policies).unwrap();
}

/// What is left of a request's time bounds a policy that may take longer, and the text says what it got.
#[test]
fn a_request_may_have_less_time_than_a_policy() {
    const LEFT: Duration = Duration::from_millis(20);
    let bench = Bench::new();
    let Loaded::Ready(policies, _) = bench.load(case("loop-in-evaluate"), &Policies::new()) else {
        panic!("it was refused")
    };
    let outcomes = evaluate(&policies, &request(), LEFT);
    let [Outcome { finding: Finding::Failed(failure), .. }] = &outcomes[..] else { panic!("{outcomes:?}") };
    let text = &failure.reason;
    assert!(text.starts_with("ran longer than ") && !text.contains("100ms"), "{text}");
}
