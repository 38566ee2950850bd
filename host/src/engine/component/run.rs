//! One evaluation: a store and an instance that nobody had before, and that nobody gets afterwards.

use wasmtime::Store;

use super::{
    super::{Fault, clock},
    bindings::{Metadata, Policy, PolicyPre, Violation},
    host::{Host, shortened},
};

pub(super) fn metadata(pre: &PolicyPre<Host>, host: Host) -> Result<Metadata, Fault> {
    within(pre, host, |policy, store| policy.call_metadata(store)).0
}

/// Also answers how many bytes its memory had.
pub(super) fn evaluate(pre: &PolicyPre<Host>, host: Host) -> (Result<Option<Vec<Violation>>, Fault>, usize) {
    let (violations, bytes) = within(pre, host, |policy, store| policy.call_evaluate(store));
    (violations.and_then(said), bytes)
}

fn said(violations: Result<Option<Vec<Violation>>, String>) -> Result<Option<Vec<Violation>>, Fault> {
    violations.map_err(|reason| Fault::Abort(shortened(reason)))
}

fn within<T>(
    pre: &PolicyPre<Host>,
    host: Host,
    call: impl FnOnce(&Policy, &mut Store<Host>) -> wasmtime::Result<T>,
) -> (Result<T, Fault>, usize) {
    let mut store = store(pre.engine(), host);
    let answer = pre.instantiate(&mut store).and_then(|policy| call(&policy, &mut store));
    let answer = answer.map_err(|error| store.data().fault(&error));
    (answer, store.data().memory_bytes)
}

fn store(engine: &wasmtime::Engine, host: Host) -> Store<Host> {
    let (deadline, bytes) = (host.deadline, host.limits.result_bytes);
    let mut store = Store::new(engine, host);
    store.limiter(|host| host);
    // Before anything of the guest runs: a start function may loop as well.
    store.set_epoch_deadline(clock::ticks(deadline));
    store.set_hostcall_fuel(bytes);
    store
}
