//! A trial of the image: its files are unpacked, what is to be started is started as the image's user, with a root that
//! cannot be written and without an engine, and has to judge a review over HTTPS.

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

use super::{archive, is_root};
use crate::{command, repository, steps};

/// Who the image's program is.
const USER: &str = "1900:1900";

/// Makes a folder the root of a program, which sees processes and has a place for temporary files, and can write nothing
/// else. What is mounted goes with the program.
const ENTER: &str = r#"
mount --bind "$1" "$1"
mount --rbind /proc "$1/proc"
mount --bind "$2" "$1/tmp"
mount -o remount,bind,ro "$1"
cd "$1"
shift 2
exec chroot --userspec="$USER" . "$@"
"#;

/// A review of a privileged Deployment, and the code that says so.
const REVIEW: &str = "testing/samples/review-update-deployment.json";
const CODE: &str = "MT2001";

/// A program of the image that runs. Dropping it ends it.
struct Running {
    child: Child,
    /// What it said when it listened.
    url: String,
    /// The certificate of its CA.
    authority: PathBuf,
}

/// Tries an image that was built.
pub(crate) fn run(image: &Path) -> Result<()> {
    let folder = TempDir::with_prefix("magtape-image-").context("cannot make a temporary folder")?;
    let place = |name: &str| folder.path().join(name);
    let (root, temporary) = (place("root"), place("temporary"));
    for path in [&root, &temporary, &root.join("proc"), &root.join("tmp")] {
        fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))?;
    }
    for (path, mode) in [(folder.path(), 0o755), (root.as_path(), 0o755), (temporary.as_path(), 0o1777)] {
        fs::set_permissions(path, Permissions::from_mode(mode))?;
    }
    let config = archive::unpack(image, &place("layout"), &root)?;
    let config = config.get("config").context("the image has no configuration")?;
    let says = |key: &str| config.get(key).cloned().unwrap_or_default();
    ensure!(says("User") == USER, "the image's user is {}, and not {USER}", says("User"));
    let command = [words(&says("Entrypoint")), words(&says("Cmd"))].concat();
    let running = start(&command, &root, &temporary)?;
    running.is_the_user()?;
    running.judges()
}

fn words(value: &Value) -> Vec<String> {
    let words = value.as_array().into_iter().flatten();
    words.filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

/// Starts the image's command with a certificate of its own, on a free port of the loopback.
fn start(command: &[String], root: &Path, temporary: &Path) -> Result<Running> {
    let (program, arguments) = command.split_first().context("the image has no command")?;
    let mut start = if is_root()? {
        let mut unshare = Command::new("unshare");
        unshare
            .args(["--mount", "--propagation", "private", "sh", "-euc", ENTER, "sh"])
            .arg(root)
            .arg(temporary);
        unshare.arg(program).env_clear().env("USER", USER).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        unshare
    } else {
        steps::say(
            "NOT AS ROOT: so the image's program runs as this user, not as 1900, with this machine's libraries and with a \
             root that can be written. Run `cargo xtask image` as root to try all of it.",
        )?;
        let mut bare = Command::new(root.join(program.trim_start_matches('/')));
        bare.env_clear().env("TMPDIR", temporary);
        bare
    };
    start.args(arguments).args(["--self-signed", "--listen", "127.0.0.1:0"]);
    let child = start.stdin(Stdio::null()).stderr(Stdio::piped()).spawn();
    listening(child.context("cannot start the image's program")?, temporary)
}

/// Reads what a program logs until it listens.
fn listening(mut child: Child, temporary: &Path) -> Result<Running> {
    let stderr = child.stderr.take().context("no log")?;
    let mut running = Running { child, url: String::new(), authority: PathBuf::new() };
    let mut said = Vec::new();
    let mut lines = BufReader::new(stderr).lines();
    while running.url.is_empty() {
        let Some(line) = lines.next() else { bail!("the image's program ended:\n{}", said.join("\n")) };
        let line = line.context("cannot read the log of the image's program")?;
        let parsed: Value = serde_json::from_str(&line).unwrap_or_default();
        let message = parsed.get("message").and_then(Value::as_str).unwrap_or_default();
        if let Some((_, path)) = message.split_once("its CA is in ") {
            running.authority = temporary.join(Path::new(path).file_name().unwrap_or_default());
        }
        if let Some(url) = message.strip_prefix("listening on ") {
            url.clone_into(&mut running.url);
        }
        said.push(line);
    }
    // Nobody reads on; its few lines fit into the pipe, and it ends soon.
    Ok(running)
}

// === impl Running ===

impl Running {
    /// Makes sure that it runs as the image's user, if this could make it so.
    fn is_the_user(&self) -> Result<()> {
        let id = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(&id).with_context(|| format!("cannot read {id}"))?;
        let uid = status.lines().find_map(|line| line.strip_prefix("Uid:")).unwrap_or_default();
        let expected = USER.split(':').next().unwrap_or_default();
        let as_said = uid.split_whitespace().all(|uid| uid == expected);
        ensure!(!is_root()? || as_said, "the image's program runs as {uid}, not as {expected}");
        Ok(())
    }

    /// Has it judge a review.
    fn judges(&self) -> Result<()> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail", "--max-time", "20", "--noproxy", "*", "--cacert"]);
        curl.arg(&self.authority).args(["--header", "Content-Type: application/json", "--data-binary"]);
        curl.arg(format!("@{}", repository::path(REVIEW).display())).arg(&self.url);
        let answer = command::output(curl)?;
        let review: Value = serde_json::from_str(&answer).with_context(|| format!("no JSON: {answer}"))?;
        let allowed = review.pointer("/response/allowed").and_then(Value::as_bool);
        let message = review.pointer("/response/status/message").and_then(Value::as_str).unwrap_or_default();
        ensure!(allowed == Some(false) && message.contains(CODE), "the image's program answers {answer}");
        steps::say(format_args!("the image's program denies: {message}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
