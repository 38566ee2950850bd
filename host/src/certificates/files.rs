//! Certificates in files, which are looked at again and again: what is mounted from a Secret is swapped by a symbolic
//! link, and other programs write one file after the other.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::task::JoinSet;

use super::{
    CertificateError, complain,
    identity::{Bundle, Identity},
    pem::{Pem, Secret},
    tls::Tls,
};
use crate::conditions::{Condition, Conditions};

/// How often files are looked at. Two small files that are in memory anyway cost less than whatever would watch them.
const EVERY: Duration = Duration::from_secs(1);

/// A chain or a bundle takes a few kilobytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// Files that belong together.
#[derive(Clone, Debug)]
pub struct Files<const N: usize>(pub [PathBuf; N]);

/// What is to be made of new content.
type Take<const N: usize> = Box<dyn Fn(&[Pem; N]) -> Result<(), CertificateError> + Send>;

/// What is in the files, in words, and whether it can be used.
type What = (&'static str, Condition);

/// Shows what the files have, a chain and its key, whenever that is no longer `shown`. Dropping the answer
/// ends it.
pub fn follow(files: Files<2>, shown: [Pem; 2], tls: Arc<Tls>, conditions: &Conditions) -> JoinSet<()> {
    watch(
        files,
        shown,
        ("certificate", conditions.about("certificate")),
        Box::new(move |[chain, key]| Identity::read(chain, key).map(|new| tls.show(&new))),
    )
}

/// Trusts the clients that the CAs in the file have signed certificates for, whenever that is
/// no longer `trusted`.
pub fn trust(files: Files<1>, trusted: [Pem; 1], tls: Arc<Tls>, conditions: &Conditions) -> JoinSet<()> {
    watch(
        files,
        trusted,
        ("CA of clients", conditions.about("client-ca")),
        Box::new(move |[ca]| Bundle::read(ca).and_then(|new| tls.trust(&new))),
    )
}

fn watch<const N: usize>(files: Files<N>, taken: [Pem; N], what: What, take: Take<N>) -> JoinSet<()> {
    let mut task = JoinSet::new();
    task.spawn(run(files, taken, what, take));
    task
}

async fn run<const N: usize>(files: Files<N>, taken: [Pem; N], (what, condition): What, take: Take<N>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut taken, mut failed) = (Ok(taken), None);
    loop {
        ticks.tick().await;
        // A file system that hangs is not to hold up connections.
        let reading = files.clone();
        let Ok(read) = tokio::task::spawn_blocking(move || reading.read()).await else { continue };
        let read = read.map_err(|error| error.to_string());
        if taken == read {
            condition.is_well();
            continue;
        }
        match read
            .as_ref()
            .map_err(String::clone)
            .and_then(|pems| take(pems).map_err(|error| error.to_string()))
        {
            Ok(()) => {
                tracing::info!("another {what} is in use, from {}", files.names());
                condition.is_well();
                taken = read;
            }
            // What was being written when it was looked at is whole the next time.
            Err(error) if failed.as_ref() == Some(&read) => {
                complain(&condition, &format!("the {what} before stays in use: {error}"));
            }
            Err(_) => failed = Some(read),
        }
    }
}

// === impl Files ===

impl<const N: usize> Files<N> {
    /// What is in them now.
    ///
    /// # Errors
    /// Names the file that cannot be read or is too large.
    pub fn read(&self) -> Result<[Pem; N], CertificateError> {
        let mut pems = Vec::with_capacity(N);
        for path in &self.0 {
            let place = path.display().to_string();
            let text = read(path).map_err(|cause| CertificateError::Unreadable {
                place: place.clone(),
                reason: format!("no certificate could be read: {cause}"),
            })?;
            pems.push(Pem { place, text: Secret(text) });
        }
        pems.try_into().map_err(|_| CertificateError::Tls("files are missing".to_owned()))
    }

    fn names(&self) -> String {
        self.0.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" and ")
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    if u64::try_from(text.len()).is_ok_and(|length| length <= MAX_BYTES) {
        Ok(text)
    } else {
        Err(io::Error::other(format!("it has more than {MAX_BYTES} bytes")))
    }
}
