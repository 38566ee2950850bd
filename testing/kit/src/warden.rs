//! Ends programs and removes a folder when this process is gone, however it went.
//!
//! What lives in a `static` is never dropped, and a killed process drops nothing at all. A small shell waits at
//! the end of a pipe instead: it reads the ids of the programs that were started, and the pipe closes when this
//! process ends. While this process lives, its children's ids belong to nobody else.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

use crate::daemon::Daemon;

/// `$1` is the folder. Ctrl-C reaches the whole process group, and this one is to stay for a moment. Each id has a
/// space on either side, so that 12 is not found in 123.
const SCRIPT: &str = r#"trap "" HUP INT TERM
ids=
while read -r verb id; do
    case $verb in
    watch) ids="$ids $id " ;;
    forget) ids="${ids%% $id *} ${ids#* $id }" ;;
    esac
done
kill -9 $ids
rm -rf -- "$1""#;

/// Watches over programs and a folder. Dropping it ends the watch: whoever drops things cleans up in order.
#[must_use = "dropping it ends the watch"]
#[derive(Debug)]
pub struct Warden {
    shell: Mutex<Child>,
}

// === impl Warden ===

impl Warden {
    /// Begins the watch over `folder`.
    ///
    /// # Errors
    /// When there is no shell.
    pub fn over(folder: &Path) -> Result<Self> {
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "warden"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start sh")?;
        Ok(Self { shell: Mutex::new(shell) })
    }

    /// Watches over a program too.
    ///
    /// # Errors
    /// When the shell is gone.
    pub fn watch(&self, daemon: &Daemon) -> Result<()> {
        self.tell("watch", daemon)
    }

    /// No longer watches over a program, which is about to be ended: its id may then belong to another.
    ///
    /// # Errors
    /// When the shell is gone.
    pub fn forget(&self, daemon: &Daemon) -> Result<()> {
        self.tell("forget", daemon)
    }

    fn tell(&self, verb: &str, daemon: &Daemon) -> Result<()> {
        let mut shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner);
        let pipe = shell.stdin.as_mut().context("the warden has no pipe")?;
        writeln!(pipe, "{verb} {}", daemon.id()).context("the warden does not listen")
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        let shell = self.shell.get_mut().unwrap_or_else(PoisonError::into_inner);
        // It may be gone already.
        let _ = shell.kill();
        let _ = shell.wait();
    }
}
