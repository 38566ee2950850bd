//! The families of decisions, and the counters that are kept of them.

use std::sync::{Arc, OnceLock};

use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Registry, Result};

use super::{
    super::{counters, each, register, table::Table},
    MAX_POLICIES, MAX_TENANTS_POLICIES,
};

/// From what a policy in Rust takes to the deadline of a policy.
const BUCKETS: [f64; 17] = [
    5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1.0,
];

const COUNT_TYPES: [&str; 3] = ["allowed", "denied", "total"];
const POLICY_COUNT_TYPES: [&str; 3] = ["pass", "fail", "total"];
const OUTCOMES: [&str; 4] = ["passed", "violated", "failed", "not_applicable"];

/// The families.
pub(super) struct Series {
    pub(super) requests: IntCounterVec,
    pub(super) policies: IntCounterVec,
    pub(super) seconds: HistogramVec,
    pub(super) outcomes: IntCounterVec,
    pub(super) failures: IntCounterVec,
}

/// The counters of a namespace.
pub(super) struct Namespace {
    pub(super) name: String,
    pub(super) requests: [IntCounter; 3],
    /// Of the requests that somebody was alerted to; most namespaces have none.
    pub(super) alerted: OnceLock<[IntCounter; 3]>,
    pub(super) policies: Table<Pair>,
}

/// The counters of a policy.
pub(super) struct Policy {
    pub(super) name: String,
    pub(super) seconds: Histogram,
    pub(super) outcomes: [IntCounter; 4],
}

/// The counters of a policy in a namespace.
pub(super) struct Pair {
    pub(super) policy: Arc<Policy>,
    pub(super) counts: [IntCounter; 3],
}

// === impl Series ===

impl Series {
    pub(super) fn new(registry: &Registry) -> Result<Self> {
        let seconds = HistogramOpts::new(
            "magtape_policy_evaluation_duration_seconds",
            "Seconds that a policy took for a request.",
        );
        let seconds = HistogramVec::new(seconds.buckets(BUCKETS.into()), &["policy"])?;
        let counters = |name, help, labels: &[&str]| counters(registry, name, help, labels);
        Ok(Self {
            requests: counters(
                "magtape_requests_total",
                "Requests by decision.",
                &["count_type", "ns", "alert_sent"],
            )?,
            policies: counters(
                "magtape_policy_total",
                "Objects that a policy passed, and violations that it found.",
                &["count_type", "policy", "ns"],
            )?,
            seconds: register(registry, seconds)?,
            outcomes: counters(
                "magtape_policy_outcomes_total",
                "Evaluations of a policy by how they ended.",
                &["policy", "outcome"],
            )?,
            failures: counters(
                "magtape_policy_failures_total",
                "Evaluations of a policy that had no answer, by why.",
                &["policy", "cause"],
            )?,
        })
    }

    pub(super) fn namespace(&self, name: &str) -> Namespace {
        Namespace {
            name: name.to_owned(),
            requests: self.requests(name, "false"),
            alerted: OnceLock::new(),
            policies: Table::new(MAX_POLICIES + MAX_TENANTS_POLICIES + 1),
        }
    }

    pub(super) fn alerted<'n>(&self, namespace: &'n Namespace) -> &'n [IntCounter; 3] {
        namespace.alerted.get_or_init(|| self.requests(&namespace.name, "true"))
    }

    fn requests(&self, namespace: &str, alert_sent: &str) -> [IntCounter; 3] {
        each(COUNT_TYPES, |count_type| self.requests.with_label_values(&[count_type, namespace, alert_sent]))
    }

    pub(super) fn policy(&self, name: &str) -> Policy {
        Policy {
            name: name.to_owned(),
            seconds: self.seconds.with_label_values(&[name]),
            outcomes: each(OUTCOMES, |outcome| self.outcomes.with_label_values(&[name, outcome])),
        }
    }

    pub(super) fn pair(&self, namespace: &Namespace, policy: &Arc<Policy>) -> Pair {
        let (policy_name, namespace) = (policy.name.as_str(), namespace.name.as_str());
        let counter =
            |count_type: &str| self.policies.with_label_values(&[count_type, policy_name, namespace]);
        Pair { policy: Arc::clone(policy), counts: each(POLICY_COUNT_TYPES, counter) }
    }
}
