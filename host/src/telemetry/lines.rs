//! Lines on their way out, such as the log's to standard error. Whoever writes puts a line into memory and goes on; a
//! thread writes what has come together. Where less is taken than is written, lines are dropped and counted.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// Lines that come within this are written together, which saves a change of threads for each.
const TOGETHER: Duration = Duration::from_millis(5);

/// How long the end of the program waits for a standard error that takes nothing.
const END: Duration = Duration::from_secs(1);

/// What is written to, a whole line at a time.
#[derive(Clone)]
pub struct Lines(Arc<Shared>);

/// Writes what has been logged when it is dropped.
#[must_use = "lines that nobody writes at the end are lost"]
pub struct Flush(Arc<Shared>);

struct Shared {
    /// Bytes that may wait.
    room: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    dropped: u64,
    closing: bool,
    ended: bool,
}

/// Begins to write lines to `out`, until what it answers last is dropped. Nobody waits for it: up to `waiting` bytes are
/// kept in memory, lines beyond that are dropped, and `dropped` is told how many. `name` is that of the thread.
///
/// # Errors
/// When the system gives no thread to write on.
pub fn write_lines(
    name: &str,
    out: impl Write + Send + 'static,
    waiting: usize,
    dropped: impl Fn(u64) + Send + 'static,
) -> io::Result<(Lines, Flush)> {
    let shared = Arc::new(Shared { room: waiting, state: Mutex::default(), changed: Condvar::new() });
    let writer = Arc::clone(&shared);
    thread::Builder::new().name(name.to_owned()).spawn(move || writer.run(out, dropped))?;
    Ok((Lines(Arc::clone(&shared)), Flush(shared)))
}

// === impl Lines ===

impl<'w> MakeWriter<'w> for Lines {
    type Writer = &'w Lines;

    fn make_writer(&'w self) -> Self::Writer {
        self
    }
}

impl Write for &Lines {
    /// Takes a whole line, or drops it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock();
        if state.waiting.len() + line.len() > self.0.room {
            state.dropped += 1;
            return Ok(line.len());
        }
        // Otherwise the thread knows already.
        let first = state.waiting.is_empty();
        state.waiting.extend_from_slice(line);
        drop(state);
        if first {
            self.0.changed.notify_all();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

// === impl Flush ===

impl Drop for Flush {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.closing = true;
        self.0.changed.notify_all();
        // Whether it ended in time or not, there is nothing else to do.
        drop(self.0.changed.wait_timeout_while(state, END, |state| !state.ended));
    }
}

// === impl Shared ===

impl Shared {
    fn run(&self, mut out: impl Write, tell_dropped: impl Fn(u64)) {
        let mut lines = Vec::new();
        while let Some(dropped) = self.take(&mut lines) {
            // There is nowhere to say that standard error is gone.
            let _ = out.write_all(&lines).and_then(|()| out.flush());
            lines.clear();
            if dropped > 0 {
                tell_dropped(dropped);
            }
        }
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// Puts what waits into `lines`, as soon as there is something, and tells how many lines were dropped; none at
    /// the end.
    fn take(&self, lines: &mut Vec<u8>) -> Option<u64> {
        let nothing = |state: &mut State| state.waiting.is_empty() && !state.closing;
        let state = self.changed.wait_while(self.lock(), nothing).unwrap_or_else(PoisonError::into_inner);
        let more = self.changed.wait_timeout_while(state, TOGETHER, |state| !state.closing);
        let (mut state, _) = more.unwrap_or_else(PoisonError::into_inner);
        if state.waiting.is_empty() {
            return None;
        }
        std::mem::swap(&mut state.waiting, lines);
        Some(std::mem::take(&mut state.dropped))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const WAITING: usize = 64 * 1024;

    /// Tells what is written to it, and waits before each write until it may.
    struct Slow {
        told: mpsc::Sender<usize>,
        may: mpsc::Receiver<()>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.may.recv();
            self.told.send(bytes.len()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_was_logged_is_written_at_the_end() {
        let (told, tells) = mpsc::channel();
        let (_, may) = mpsc::channel();
        let (lines, flush) = write_lines("test", Slow { told, may }, WAITING, |_| {}).unwrap();
        for _ in 0..1000 {
            (&lines).write_all(b"line\n").unwrap();
        }
        drop(flush);
        assert_eq!(tells.try_iter().sum::<usize>(), 5000);
    }

    #[test]
    fn a_reader_that_takes_nothing_costs_lines_and_no_time() {
        let (told, tells) = mpsc::channel();
        let (release, may) = mpsc::channel();
        let (tell, dropped) = mpsc::channel();
        let (lines, flush) =
            write_lines("test", Slow { told, may }, WAITING, move |count| tell.send(count).unwrap()).unwrap();
        let line = vec![b'x'; WAITING / 4];
        for _ in 0..12 {
            (&lines).write_all(&line).unwrap();
        }
        drop(release);
        drop(flush);
        let written = tells.try_iter().sum::<usize>() / line.len();
        let dropped: u64 = dropped.try_iter().sum();
        assert!(dropped >= 4, "of twelve, four are on their way and four wait at most: {dropped}");
        assert_eq!(written + usize::try_from(dropped).unwrap(), 12);
    }
}
