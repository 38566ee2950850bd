//! What is counted and measured, as a page in Prometheus' text format.
//!
//! `decisions` counts what was decided, `http` what was asked for, `loads` the policies that were put in force, and
//! `copies` the objects of the cluster that are followed. `process` is the process itself. What others know anyway is read
//! from them when the page is asked for (`family`). Whatever comes from outside is a label only up to a bound (`table`).

mod copies;
mod decisions;
mod family;
mod http;
mod loads;
mod process;
mod table;

use std::sync::OnceLock;

use prometheus::{
    IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry, Result, TextEncoder, core::Collector,
};

use crate::decision::{Decision, Observer};
pub use copies::{Copied, Copies};
use decisions::Decisions;
pub use family::{Family, Kind, Sample};
pub use http::{Asked, Http};
use loads::Loads;

/// The label of whatever is beyond a bound.
const OTHER: &str = "other";

/// Tells whether somebody is alerted to a decision.
type Alerts = Box<dyn Fn(&Decision<'_>) -> bool + Send + Sync>;

/// All series of a process.
pub struct Metrics {
    registry: Registry,
    decisions: Decisions,
    http: Http,
    loads: Loads,
    copies: Copies,
    alerts: OnceLock<Alerts>,
}

// === impl Metrics ===

impl Metrics {
    /// Nothing counted yet.
    ///
    /// # Errors
    /// Never, unless two series here have the same name.
    pub fn new() -> Result<Self> {
        let registry = Registry::new();
        let version = env!("CARGO_PKG_VERSION");
        info(&registry, "app_info", "The program.", &format!("v{version}"))?;
        info(&registry, "magtape_exporter_info", "What makes this page.", version)?;
        registry.register(Box::new(process::Process::new()?))?;
        let metrics = Self {
            decisions: Decisions::new(&registry)?,
            http: Http::new(&registry)?,
            loads: Loads::new(&registry)?,
            copies: Copies::default(),
            alerts: OnceLock::new(),
            registry,
        };
        metrics.copies.register(&metrics)?;
        Ok(metrics)
    }

    /// Adds series that are read when the page is asked for, which should take microseconds and wait for nothing. Beyond
    /// two thousand they are left out.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn read(&self, family: Family, read: impl Fn() -> Vec<Sample> + Send + Sync + 'static) -> Result<()> {
        self.registry.register(Box::new(family::Read::new(family, Box::new(read))?))
    }

    /// Says how it is known whether somebody is alerted to a decision; nobody is where this is never said. It counts once.
    pub fn alerts(&self, alerts: impl Fn(&Decision<'_>) -> bool + Send + Sync + 'static) {
        // Whoever says it twice has said it.
        let _ = self.alerts.set(Box::new(alerts));
    }

    /// The requests that are answered.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// The policies that are put in force.
    pub fn loads(&self) -> &Loads {
        &self.loads
    }

    /// The objects of the cluster that are followed.
    pub fn copies(&self) -> &Copies {
        &self.copies
    }

    /// The page.
    ///
    /// # Errors
    /// Never for series that have been registered.
    pub fn page(&self) -> Result<String> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

impl Observer for Metrics {
    fn decided(&self, decision: &Decision<'_>) {
        let alerted = self.alerts.get().is_some_and(|alerts| alerts(decision));
        self.decisions.count(decision, alerted);
    }
}

/// A series that is always 1 and says a version.
fn info(registry: &Registry, name: &str, help: &str, version: &str) -> Result<()> {
    let gauge = register(registry, IntGaugeVec::new(Opts::new(name, help), &["version"])?)?;
    gauge.with_label_values(&[version]).set(1);
    Ok(())
}

fn counters(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec> {
    register(registry, IntCounterVec::new(Opts::new(name, help), labels)?)
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> Result<C> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

/// Counters of one family that differ in one label only, in the order of its values.
fn each<const N: usize>(values: [&str; N], counter: impl Fn(&str) -> IntCounter) -> [IntCounter; N] {
    values.map(counter)
}

#[cfg(test)]
mod tests;
