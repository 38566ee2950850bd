//! What the system says of a running program.

use std::{fs, time::Duration};

use anyhow::{Context, Result};

/// Memory that a program has in use, in MB of a million bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resident {
    /// All of it.
    pub(crate) all: f64,
    /// The part that is its own; the rest is pages of files, the program itself for the most part.
    pub(crate) own: f64,
}

/// The memory that the program has in use.
pub(crate) fn resident(id: u32) -> Result<Resident> {
    let path = format!("/proc/{id}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let megabytes = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kibibytes: Option<f64> = line.and_then(|line| line.trim_end_matches("kB").trim().parse().ok());
        kibibytes.map(|kibibytes| kibibytes * 1024.0 / 1e6).with_context(|| format!("{path} has no {field}"))
    };
    Ok(Resident { all: megabytes("VmRSS:")?, own: megabytes("RssAnon:")? })
}

/// The processor time that the program has taken.
pub(super) fn cpu(id: u32) -> Result<Duration> {
    let path = format!("/proc/{id}/stat");
    let stat = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    // The name comes before, in parentheses, and may hold anything.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second()))
}
