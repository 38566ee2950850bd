//! One evaluation: in an instance that is as new, which nobody gets afterwards but as new.

use wasmtime::{Store, component::TypedFunc};

use super::{
    super::{Fault, KEPT_BYTES, clock, shelf::Shelf, written::GRAIN_BYTES},
    bindings::{Metadata, Policy, PolicyPre, Violation},
    host::{Host, shortened},
    resettable::RESET,
};

/// What answers how much was put back, or less than nothing when that cannot be done.
type Reset = TypedFunc<(), (i32,)>;

/// An instance with what is called in it.
pub(super) struct Sandbox {
    store: Store<Host>,
    policy: Policy,
    /// Nothing when it is not to be used again.
    reset: Option<Reset>,
}

/// What a policy says of itself.
pub(super) fn metadata(pre: &PolicyPre<Host>, host: Host) -> Result<Metadata, Fault> {
    let mut sandbox = Sandbox::fresh(pre, host, false)?;
    let metadata = sandbox.policy.call_metadata(&mut sandbox.store);
    metadata.map_err(|error| sandbox.fault(&error))
}

/// What a policy has against a review, and how many bytes its memory had. Its sandbox comes from the shelf if one is
/// there, and from `pre` if not; with a shelf, it goes there afterwards.
pub(super) fn evaluate(
    pre: &PolicyPre<Host>,
    shelf: Option<&Shelf<Sandbox>>,
    host: Host,
) -> (Result<Option<Vec<Violation>>, Fault>, usize) {
    let sandbox = match shelf.and_then(Shelf::take) {
        Some(kept) => Ok(kept.begin(host)),
        None => Sandbox::fresh(pre, host, shelf.is_some()),
    };
    let mut sandbox = match sandbox {
        Ok(sandbox) => sandbox,
        Err(fault) => return (Err(fault), 0),
    };
    let violations = sandbox.ask();
    let bytes = sandbox.store.data().memory_bytes;
    // One that failed is not used again, whatever could be put back.
    let kept = violations.is_ok().then_some(sandbox).zip(shelf);
    if let Some((sandbox, shelf)) = kept.and_then(|(sandbox, shelf)| Some((sandbox.put_back()?, shelf))) {
        shelf.put(sandbox);
    }
    (violations, bytes)
}

// === impl Sandbox ===

impl Sandbox {
    fn fresh(pre: &PolicyPre<Host>, host: Host, resettable: bool) -> Result<Self, Fault> {
        let mut store = store(pre.engine(), host);
        let made = if resettable {
            with_reset(pre, &mut store)
        } else {
            pre.instantiate(&mut store).map(|policy| (policy, None))
        };
        let (policy, reset) = made.map_err(|error| store.data().fault(&error))?;
        Ok(Self { store, policy, reset })
    }

    fn begin(mut self, host: Host) -> Self {
        self.store.set_epoch_deadline(clock::ticks(host.deadline));
        self.store.set_hostcall_fuel(host.limits.result_bytes);
        // Its memory has not grown since it was made.
        let memory_bytes = self.store.data().memory_bytes;
        *self.store.data_mut() = host;
        self.store.data_mut().memory_bytes = memory_bytes;
        self
    }

    fn ask(&mut self) -> Result<Option<Vec<Violation>>, Fault> {
        let violations = self.policy.call_evaluate(&mut self.store);
        let violations = violations.map_err(|error| self.fault(&error))?;
        violations.map_err(|reason| Fault::Abort(shortened(reason)))
    }

    fn fault(&self, error: &wasmtime::Error) -> Fault {
        self.store.data().fault(error)
    }

    /// Puts everything back; `None` when it should not be kept.
    fn put_back(mut self) -> Option<Self> {
        let (grains,) = self.reset.as_ref()?.call(&mut self.store, ()).ok()?;
        let bytes = usize::try_from(grains).ok()?.checked_mul(GRAIN_BYTES)?;
        self.store.data_mut().documents = None;
        (bytes <= KEPT_BYTES).then_some(self)
    }
}

fn with_reset(pre: &PolicyPre<Host>, store: &mut Store<Host>) -> wasmtime::Result<(Policy, Option<Reset>)> {
    let instance = pre.instance_pre().instantiate(&mut *store)?;
    let reset = instance.get_typed_func(&mut *store, RESET)?;
    Ok((Policy::new(&mut *store, &instance)?, Some(reset)))
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
