//! What happened, and whether it may happen.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::wire::stats::{median, quantile};

/// How much more memory the last third may take than the one before: a part of it, and what an allocator may keep of
/// one reload.
const GROWTH: f64 = 1.1;
const GROWTH_MB: f64 = 4.0;

/// How many failures are told in words.
const TOLD: usize = 5;

/// What happened so far.
#[derive(Default)]
pub(super) struct Tally {
    /// How long each request took, in milliseconds.
    taken: Vec<f64>,
    changes: u64,
    failures: Vec<String>,
    /// The memory of each replica at each look, in MB.
    memory: Vec<Vec<f64>>,
}

// === impl Tally ===

impl Tally {
    /// A request was answered, and what was wrong with the answer.
    pub(super) fn asked(&mut self, taken: Duration, wrong: Option<String>) {
        self.taken.push(taken.as_secs_f64() * 1e3);
        self.failures.extend(wrong);
    }

    /// A policy was changed.
    pub(super) fn changed(&mut self) {
        self.changes += 1;
    }

    /// Each replica has so much memory in use.
    pub(super) fn remember(&mut self, memory: Vec<f64>) {
        self.memory.push(memory);
    }

    /// All of it in a line.
    pub(super) fn line(&self, elapsed: Duration) -> String {
        let memory: Vec<String> =
            self.memory.last().into_iter().flatten().map(|memory| format!("{memory:.1} MB")).collect();
        format!(
            "{:>5} s: {} requests, {} failed, median {:.1} ms, p99 {:.1} ms; {} changes of policies; memory {}",
            elapsed.as_secs(),
            self.taken.len(),
            self.failures.len(),
            median(&self.taken),
            quantile(&self.taken, 0.99),
            self.changes,
            memory.join(" and ")
        )
    }

    /// That nothing failed and nothing grew; else what did is the error.
    pub(super) fn verdict(&self) -> Result<String> {
        let told: Vec<&str> = self.failures.iter().take(TOLD).map(String::as_str).collect();
        ensure!(told.is_empty(), "{} requests failed:\n{}", self.failures.len(), told.join("\n"));
        let mut thirds = Vec::new();
        for replica in 0..self.memory.first().map_or(0, Vec::len) {
            let memory: Vec<f64> = self.memory.iter().filter_map(|look| look.get(replica).copied()).collect();
            thirds.push(steady(&memory)?);
        }
        Ok(format!(
            "No request failed, and memory did not grow from the second third of the time to the last: {}.",
            thirds.join(", ")
        ))
    }
}

/// What a replica's memory was, if the last third of the looks is not above the one before.
fn steady(memory: &[f64]) -> Result<String> {
    let third = memory.len() / 3;
    let mean = |looks: &[f64]| looks.iter().sum::<f64>() / looks.len().max(1) as f64;
    let (before, last) = memory.split_at(memory.len() - third);
    let (_, second) = before.split_at(before.len() - third);
    let (second, last) = (mean(second), mean(last));
    ensure!(
        last <= second * GROWTH + GROWTH_MB,
        "memory grows: {second:.1} MB in the second third of the time, {last:.1} MB in the last"
    );
    Ok(format!("{second:.1} MB to {last:.1} MB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_or_grows_ends_in_failure() {
        assert_eq!(steady(&[90.0, 40.0, 50.0, 52.0, 51.0, 55.0]).unwrap(), "51.0 MB to 53.0 MB");
        let error = steady(&[40.0, 40.0, 50.0, 52.0, 70.0, 90.0]).unwrap_err().to_string();
        assert!(error.contains("51.0 MB") && error.contains("80.0 MB"), "{error}");
        assert!(steady(&[]).is_ok());

        let mut tally = Tally::default();
        tally.asked(Duration::from_millis(4), None);
        tally.remember(vec![50.0, 51.0]);
        assert!(tally.verdict().unwrap().starts_with("No request failed"));
        tally.asked(Duration::from_millis(6), Some("status 500".to_owned()));
        assert!(tally.line(Duration::from_secs(30)).contains("2 requests, 1 failed"));
        assert!(tally.verdict().unwrap_err().to_string().contains("status 500"));
    }
}
