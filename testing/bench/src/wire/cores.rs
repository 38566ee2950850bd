//! Which core does what.

use std::thread;

use anyhow::{Context, Result};
use tokio::sync::oneshot;

/// One core for the servers, one for the load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cores {
    /// Where the servers run.
    pub(crate) server: usize,
    /// Where the load is made.
    pub(crate) load: usize,
}

// === impl Cores ===

impl Cores {
    /// The first two cores that this process may use.
    pub(crate) fn pick() -> Result<Self> {
        let mut allowed = affinity::allowed()?.into_iter();
        let (server, load) = (allowed.next(), allowed.next());
        server.zip(load).map(|(server, load)| Self { server, load }).context("two cores are needed")
    }
}

/// Does the work in a thread that stays on `core`; so do the programs that the work starts.
pub(crate) async fn on<T: Send + 'static>(
    core: usize,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (answer, answered) = oneshot::channel();
    let pinned = move || {
        // When nobody waits any more, nobody is to be told.
        drop(answer.send(affinity::stay(core).and_then(|()| work())));
    };
    thread::Builder::new().name(format!("core {core}")).spawn(pinned).context("cannot start a thread")?;
    answered.await.context("the work ended without an answer")?
}

#[cfg(target_os = "linux")]
mod affinity {
    use anyhow::{Context, Result};
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    pub(super) fn allowed() -> Result<Vec<usize>> {
        let set = sched_getaffinity(None).context("cannot tell which cores there are")?;
        Ok((0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect())
    }

    pub(super) fn stay(core: usize) -> Result<()> {
        let mut set = CpuSet::new();
        set.set(core);
        sched_setaffinity(None, &set).with_context(|| format!("cannot stay on core {core}"))
    }
}

#[cfg(not(target_os = "linux"))]
mod affinity {
    use anyhow::{Result, bail};

    pub(super) fn allowed() -> Result<Vec<usize>> {
        bail!("this is measured on Linux, where a program can be held to one core")
    }

    pub(super) fn stay(_: usize) -> Result<()> {
        Ok(())
    }
}
