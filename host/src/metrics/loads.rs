//! The policies that were put in force, and how that went.

use std::time::{Duration, SystemTime};

use prometheus::{Gauge, Histogram, HistogramOpts, IntGauge, IntGaugeVec, Opts, Registry, Result};

use super::register;

/// From a change of one policy that is in the cache to hundreds that are not.
const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];

/// Tells how policies were loaded.
pub struct Loads {
    seconds: Histogram,
    succeeded: Gauge,
    good: IntGauge,
    broken: IntGauge,
}

// === impl Loads ===

impl Loads {
    pub(super) fn new(registry: &Registry) -> Result<Self> {
        let seconds = HistogramOpts::new(
            "magtape_policy_load_duration_seconds",
            "Seconds that it took to compile and load what had changed.",
        );
        let succeeded = Gauge::new(
            "magtape_policy_load_success_timestamp_seconds",
            "Unix time at which all policies that there are were last put in force.",
        )?;
        let config_maps = Opts::new(
            "magtape_policy_configmaps",
            "ConfigMaps with policies or their data, by whether all that they have is in force.",
        );
        let config_maps = register(registry, IntGaugeVec::new(config_maps, &["state"])?)?;
        Ok(Self {
            seconds: register(registry, Histogram::with_opts(seconds.buckets(BUCKETS.into()))?)?,
            succeeded: register(registry, succeeded)?,
            good: config_maps.with_label_values(&["ok"]),
            broken: config_maps.with_label_values(&["error"]),
        })
    }

    /// Policies were put in force, of so many ConfigMaps. With a broken one it is no success.
    pub fn loaded(&self, elapsed: Duration, good: usize, broken: usize) {
        self.seconds.observe(elapsed.as_secs_f64());
        self.good.set(i64::try_from(good).unwrap_or(i64::MAX));
        self.broken.set(i64::try_from(broken).unwrap_or(i64::MAX));
        if broken == 0 {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            self.succeeded.set(now.as_secs_f64());
        }
    }
}
