//! Runs a program to its end, within limits of time and size.

use std::{
    env,
    ffi::OsStr,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

/// No policy takes nearly as long.
const TIMEOUT: Duration = Duration::from_secs(30);

/// More than any answer has.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What the program sees of the environment: the rest may change what it does.
const VARIABLES: [&str; 3] = ["PATH", "HOME", "TMPDIR"];

/// A program, with the time that it has.
#[derive(Clone, Debug)]
pub(super) struct Program {
    path: PathBuf,
    timeout: Duration,
}

/// What a program that came to its end left.
#[derive(Clone, Debug)]
pub(super) struct Finished {
    pub(super) success: bool,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
}

// === impl Finished ===

impl Finished {
    /// What it said, on whichever output: commands differ.
    pub(super) fn said(&self) -> String {
        let said = format!("{}\n{}", String::from_utf8_lossy(&self.stdout), self.stderr);
        let said = said.trim();
        if said.is_empty() { "no output".to_owned() } else { said.to_owned() }
    }
}

// === impl Program ===

impl Program {
    /// The program at `path`, from whatever folder it will be run.
    pub(super) fn new(path: &Path) -> Self {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self { path, timeout: TIMEOUT }
    }

    /// Runs it in a folder.
    ///
    /// # Errors
    /// When it does not start, does not end in time, or says too much. A failure that it tells by itself is none.
    pub(super) fn run(&self, folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Result<Finished, String> {
        let failed = |reason: String| format!("{}: {reason}", self.path.display());
        let child = self.command(folder, arguments).spawn();
        let mut child = child.map_err(|cause| failed(format!("does not start: {cause}")))?;
        let finished = self.finish(&mut child);
        if finished.is_err() {
            // It may have ended by itself in the meantime, and there is nothing to be done about any other reason.
            let _ = child.kill().and_then(|()| child.wait());
        }
        finished.map_err(failed)
    }

    fn command(&self, folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(&self.path);
        let environment = VARIABLES.iter().filter_map(|name| Some((name, env::var_os(name)?)));
        command.args(arguments).current_dir(folder).env_clear().envs(environment);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn finish(&self, child: &mut Child) -> Result<Finished, String> {
        let deadline = Instant::now() + self.timeout;
        let (stdout, stderr) = (collect(child.stdout.take()), collect(child.stderr.take()));
        let (stdout, stderr) = (self.receive(&stdout, deadline)?, self.receive(&stderr, deadline)?);
        // What has closed both is about to end.
        let status = child.wait().map_err(|cause| format!("is lost: {cause}"))?;
        let stderr = String::from_utf8_lossy(&stderr).into_owned();
        Ok(Finished { success: status.success(), stdout, stderr })
    }

    fn receive(&self, output: &Receiver<io::Result<Vec<u8>>>, deadline: Instant) -> Result<Vec<u8>, String> {
        let left = deadline.saturating_duration_since(Instant::now());
        let output = output.recv_timeout(left);
        let output = output.map_err(|_| format!("took longer than {} s", self.timeout.as_secs_f32()))?;
        let output = output.map_err(|cause| format!("its output cannot be read: {cause}"))?;
        match output.len() as u64 > MAX_BYTES {
            true => Err(format!("its output has more than {MAX_BYTES} bytes")),
            false => Ok(output),
        }
    }
}

/// Reads on a thread of its own, so that neither output waits for the other.
fn collect(pipe: Option<impl Read + Send + 'static>) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.map_or(Ok(0), |pipe| pipe.take(MAX_BYTES + 1).read_to_end(&mut bytes));
        // Nobody listens any more once the deadline has passed.
        let _ = sender.send(read.map(|_| bytes));
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, timeout: Duration) -> Result<Finished, String> {
        let program = Program { path: "/bin/sh".into(), timeout };
        program.run(Path::new("/"), &["-c", script])
    }

    #[test]
    fn both_outputs_are_read() {
        let finished = shell("yes | head -c 300000 >&2; echo out; exit 3", TIMEOUT).unwrap();
        assert_eq!((finished.success, &finished.stdout[..]), (false, &b"out\n"[..]));
        assert_eq!(finished.stderr.len(), 300_000);
    }

    #[test]
    fn a_program_that_does_not_end_is_killed() {
        let started = Instant::now();
        let error = shell("exec sleep 60", Duration::from_millis(100)).unwrap_err();
        assert_eq!(error, "/bin/sh: took longer than 0.1 s");
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_program_that_says_too_much_is_killed() {
        let error = shell("exec yes", TIMEOUT).unwrap_err();
        assert_eq!(error, "/bin/sh: its output has more than 67108864 bytes");
    }

    #[test]
    fn most_of_the_environment_is_kept_from_it() {
        let finished = shell("env", TIMEOUT).unwrap();
        let environment = String::from_utf8(finished.stdout).unwrap();
        assert!(
            env::vars().any(|(name, _)| name.starts_with("CARGO")),
            "tests run by Cargo have such variables"
        );
        assert!(!environment.contains("CARGO"), "{environment}");
    }
}
