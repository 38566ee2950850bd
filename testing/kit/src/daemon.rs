//! A program that runs for as long as its handle lives and writes its log to a file.
//!
//! Dropping the handle ends the program, by its process and no other, and waits until it is gone. So a test that
//! panics leaves nothing running.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::poll;

/// How much of a log a failure shows: enough for the reason, not the whole start-up.
const TAIL_LINES: usize = 25;

/// A running program.
#[must_use = "dropping it ends the program"]
#[derive(Debug)]
pub struct Daemon {
    name: String,
    child: Child,
    log: PathBuf,
}

// === impl Daemon ===

impl Daemon {
    /// Starts `command`, called `name` in messages; what it prints is added to `log`.
    ///
    /// # Errors
    /// When the log cannot be made or the program does not start.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let file = File::options().create(true).append(true).open(log);
        let file = file.with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name: name.to_owned(), child, log: log.to_owned() })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Stops the program where it is. Its connections stay open and nothing is answered, as when a host hangs or the
    /// network is cut.
    ///
    /// # Errors
    /// When it has ended.
    pub fn pause(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets a program that was paused go on.
    ///
    /// # Errors
    /// When it has ended.
    pub fn resume(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let id = i32::try_from(self.id()).ok().and_then(Pid::from_raw).context("this is no process id")?;
        kill_process(id, signal).with_context(|| format!("{} does not take signals", self.name))
    }

    /// All that the program has printed.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn log(&self) -> Result<String> {
        let bytes = fs::read(&self.log).with_context(|| format!("cannot read {}", self.log.display()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The error, with the end of the program's log below it.
    pub fn explain(&self, error: &Error) -> Error {
        anyhow!("{error:#}\n{}", self.tail())
    }

    /// The last lines of the log, for a failure's text.
    pub fn tail(&self) -> String {
        let log = self.log().unwrap_or_else(|error| format!("{error:#}"));
        let lines: Vec<&str> = log.lines().rev().take(TAIL_LINES).collect();
        let lines: Vec<&str> = lines.into_iter().rev().collect();
        format!("the log of {} ends:\n{}", self.name, lines.join("\n"))
    }

    /// Waits until `condition` answers, for as long as the program runs.
    ///
    /// # Errors
    /// When the program has ended, `condition` fails or the deadline goes by; with the end of the log.
    pub async fn until<T>(
        &mut self,
        what: &str,
        deadline: Duration,
        mut condition: impl AsyncFnMut(&Self) -> Result<Option<T>>,
    ) -> Result<T> {
        let waited = poll::until(what, deadline, async || {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended ({status}) while waiting for {what}", self.name);
            }
            condition(self).await
        })
        .await;
        waited.map_err(|error| self.explain(&error))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself, and there is nobody left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
