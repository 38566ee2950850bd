//! What a person sees of a run: progress on a terminal, a table by topic, and one last line that counts.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::cases::End;

/// One case and how it ended.
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) topic: String,
    pub(crate) end: End,
}

/// A bar on a terminal; silent elsewhere.
pub(crate) struct Progress {
    done: AtomicUsize,
    all: usize,
    shown: bool,
}

#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    listed: usize,
    refused: usize,
    not_compilable: usize,
}

// === impl Progress ===

impl Progress {
    pub(crate) fn new(all: usize) -> Self {
        Self { done: AtomicUsize::new(0), all, shown: io::stderr().is_terminal() }
    }

    pub(crate) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.shown && done.is_multiple_of(20) {
            let filled = done * 40 / self.all.max(1);
            // A bar that cannot be shown is no reason to stop.
            let _ = write!(io::stderr(), "\r[{:40}] {done}/{}", "#".repeat(filled), self.all);
        }
    }

    pub(crate) fn finish(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

// === impl Counts ===

impl Counts {
    fn add(&mut self, end: &End) {
        *match end {
            End::Passed => &mut self.passed,
            End::Failed(_) => &mut self.failed,
            End::Listed => &mut self.listed,
            End::Refused => &mut self.refused,
            End::NotCompilable => &mut self.not_compilable,
        } += 1;
    }
}

/// Prints everything, and tells whether no case failed and the list has none that passes.
pub(crate) fn print(rows: &mut [Row], stale: &[String], verbose: bool) -> io::Result<bool> {
    rows.sort_by(|left, right| left.id.cmp(&right.id));
    let mut out = anstream::stdout().lock();
    let mut topics: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut all = Counts::default();
    for row in rows.iter() {
        topics.entry(&row.topic).or_default().add(&row.end);
        all.add(&row.end);
    }
    writeln!(
        out,
        "{:34} {:>7} {:>7} {:>7} {:>8} {:>15}",
        "topic", "passed", "failed", "listed", "refused", "not compilable"
    )?;
    for (topic, counts) in &topics {
        let Counts { passed, failed, listed, refused, not_compilable } = counts;
        writeln!(out, "{topic:34} {passed:7} {failed:7} {listed:7} {refused:8} {not_compilable:15}")?;
    }
    failures(rows, verbose, &mut out)?;
    for id in stale {
        writeln!(out, "{id} is listed and passes: take it from testing/conformance/listed.txt")?;
    }
    let Counts { passed, failed, listed, refused, not_compilable } = all;
    writeln!(
        out,
        "conformance: {passed} passed, {failed} failed, {listed} listed, {refused} refused, {not_compilable} not \
         compilable"
    )?;
    Ok(failed == 0 && stale.is_empty())
}

fn failures(rows: &[Row], verbose: bool, out: &mut impl Write) -> io::Result<()> {
    for row in rows {
        if let End::Failed(reason) = &row.end {
            let shown: String = reason.chars().take(if verbose { 4000 } else { 300 }).collect();
            writeln!(out, "FAILED {}\n    {shown}", row.id)?;
        }
    }
    Ok(())
}
