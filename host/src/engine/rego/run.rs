//! One question: a fresh sandbox on a thread of its own, which is thrown away with the answer.

use std::{io, thread, time::Duration};

use tokio::{runtime, time};
use wasmtime::{InstancePre, Store};

use super::{
    RegoFault, RegoLimits,
    clock::ticks,
    guest::{Clock, Guest, Outputs},
};

pub(super) fn ask(
    pre: &InstancePre<Guest>,
    limits: &RegoLimits,
    request: &[u8],
    clock: Clock,
    deadline: Duration,
) -> Result<Vec<u8>, RegoFault> {
    if request.len() > limits.request_bytes {
        return Err(RegoFault::Request { bytes: request.len(), limit: limits.request_bytes });
    }
    let outputs = Outputs::new(limits.answer_bytes);
    let guest = Guest::new(request, &outputs, clock, limits.memory_bytes);
    let ended = on_a_thread(|| run(pre, guest, deadline));
    let ended = ended.map_err(|cause| RegoFault::Host(cause.to_string()))?;
    // A guest that could not write all it wanted fails in some way of its own; this is why.
    let answer = outputs.answer(limits.answer_bytes)?;
    ended.or_else(|error| RegoFault::of(&error, &outputs.said(), deadline))?;
    if answer.is_empty() {
        return Err(RegoFault::Answer("ended without an answer".to_owned()));
    }
    Ok(answer)
}

/// A runtime cannot be started on a thread that is part of another one, and the caller's may be.
fn on_a_thread<T: Send>(run: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let running = thread::Builder::new().name("rego".to_owned()).spawn_scoped(scope, run)?;
        running.join().unwrap_or_else(|_| Err(io::Error::other("its thread failed")))
    })
}

/// Runs the guest to its end. The clock of `deadline` stops it where it computes; where it waits, in the host,
/// nothing looks at that clock, so the runtime's timer stops it there.
fn run(pre: &InstancePre<Guest>, guest: Guest, deadline: Duration) -> io::Result<wasmtime::Result<()>> {
    let runtime = runtime::Builder::new_current_thread().enable_time().build()?;
    let mut store = Store::new(pre.module().engine(), guest);
    store.limiter(|guest| guest);
    store.set_epoch_deadline(ticks(deadline));
    let ended = runtime.block_on(async { time::timeout(deadline, start(pre, &mut store)).await });
    Ok(ended.unwrap_or_else(|_| Err(RegoFault::Deadline(deadline).into())))
}

async fn start(pre: &InstancePre<Guest>, store: &mut Store<Guest>) -> wasmtime::Result<()> {
    let instance = pre.instantiate_async(&mut *store).await?;
    let start = instance.get_typed_func::<(), ()>(&mut *store, "_start")?;
    start.call_async(store, ()).await
}
