//! What was decided, by namespace and by policy.
//!
//! This is what every request costs, so the counters of a policy in a namespace are found by their names once and kept.
//! Names come from requests and from tenants, who may have any number of them: beyond a bound they are `other`.

mod series;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use prometheus::{IntCounter, Registry, Result};

use super::{OTHER, counters, each, table::Table};
use crate::{
    decision::Decision,
    verdict::{DenyLevel, Finding, Outcome},
};
use series::{Namespace, Pair, Policy, Series};

/// Namespaces that are told apart.
const MAX_NAMESPACES: usize = 1000;

/// Policies of the webhook that are told apart.
const MAX_POLICIES: usize = 600;

/// Policies of tenants that are told apart, beside those of the webhook, which they cannot crowd out.
const MAX_TENANTS_POLICIES: usize = 200;

/// Policies in namespaces that are told apart. Each is three series.
const MAX_PAIRS: usize = 10_000;

/// No namespace of Kubernetes has a longer name; whatever has is none.
const MAX_NAMESPACE_BYTES: usize = 63;

const DECISIONS: [&str; 4] = ["allowed", "warned", "denied", "exempted"];
const LEVELS: [DenyLevel; 4] = [DenyLevel::Off, DenyLevel::Low, DenyLevel::Med, DenyLevel::High];

/// Counts decisions.
pub(super) struct Decisions {
    series: Series,
    /// By level, each by outcome.
    decisions: [[IntCounter; 4]; 4],
    namespaces: Table<Namespace>,
    elsewhere: Arc<Namespace>,
    policies: Table<Policy>,
    of_tenants: Table<Policy>,
    others: Arc<Policy>,
    pairs: AtomicUsize,
}

// === impl Decisions ===

impl Decisions {
    pub(super) fn new(registry: &Registry) -> Result<Self> {
        let series = Series::new(registry)?;
        let decisions = counters(
            registry,
            "magtape_decisions_total",
            "Requests by the deny level that decided and what was decided.",
            &["deny_level", "outcome"],
        )?;
        let decisions = LEVELS
            .map(|level| each(DECISIONS, |outcome| decisions.with_label_values(&[level.as_str(), outcome])));
        let (elsewhere, others) = (Arc::new(series.namespace(OTHER)), Arc::new(series.policy(OTHER)));
        Ok(Self {
            series,
            decisions,
            namespaces: Table::new(MAX_NAMESPACES),
            elsewhere,
            policies: Table::new(MAX_POLICIES),
            of_tenants: Table::new(MAX_TENANTS_POLICIES),
            others,
            pairs: AtomicUsize::new(0),
        })
    }

    pub(super) fn count(&self, decision: &Decision<'_>, alerted: bool) {
        let [allowed, denied, total] = &self.decided(decision);
        let namespace = self.namespace(&decision.request.namespace);
        let requests = if alerted { self.series.alerted(&namespace) } else { &namespace.requests };
        for (counter, by) in requests.iter().zip([allowed, denied, total]) {
            counter.inc_by(u64::from(*by));
        }
        decision.outcomes.iter().for_each(|outcome| self.policy(&namespace, outcome));
    }

    /// Counts the decision itself; answers whether it was allowed, denied, and one of either.
    fn decided(&self, decision: &Decision<'_>) -> [bool; 3] {
        let allowed = decision.verdict.allowed;
        let is_exempted = || decision.outcomes.iter().any(|outcome| outcome.exempted() > 0);
        let outcome = match allowed {
            false => 2,
            true if is_exempted() => 3,
            true => usize::from(!decision.verdict.warnings.is_empty()),
        };
        let level = LEVELS.iter().position(|level| *level == decision.level).unwrap_or_default();
        if let Some(counter) = self.decisions.get(level).and_then(|level| level.get(outcome)) {
            counter.inc();
        }
        [allowed, !allowed, true]
    }

    fn policy(&self, namespace: &Arc<Namespace>, outcome: &Outcome) {
        let pair = self.pair(namespace, &outcome.policy);
        let policy = &pair.policy;
        let [passed, violated, failed, not_applicable] = &policy.outcomes;
        // As MagTape: one for each violation, and nothing of a policy that does not apply or has failed.
        let [pass, fail, total] = &pair.counts;
        match &outcome.finding {
            Finding::Passed => [passed, pass, total].into_iter().for_each(IntCounter::inc),
            Finding::Violated(violations) => {
                violated.inc();
                let count = u64::try_from(violations.len()).unwrap_or(u64::MAX);
                [fail, total].into_iter().for_each(|counter| counter.inc_by(count));
            }
            Finding::Failed(failure) => {
                failed.inc();
                self.series.failures.with_label_values(&[policy.name.as_str(), failure.cause]).inc();
            }
            Finding::NotApplicable => not_applicable.inc(),
        }
        // Of no time at all it is where nobody had time to ask.
        if !outcome.elapsed.is_zero() {
            policy.seconds.observe(outcome.elapsed.as_secs_f64());
        }
    }

    fn namespace(&self, name: &str) -> Arc<Namespace> {
        let known = || self.namespaces.find_or(name, || self.series.namespace(name));
        (name.len() <= MAX_NAMESPACE_BYTES)
            .then(known)
            .flatten()
            .unwrap_or_else(|| Arc::clone(&self.elsewhere))
    }

    /// The counters of a policy in a namespace, or of those in other namespaces when there are too many of both.
    fn pair(&self, namespace: &Arc<Namespace>, policy: &str) -> Arc<Pair> {
        if let Some(pair) = namespace.policies.find(policy) {
            return pair;
        }
        let policy = self.known(policy);
        let pair_in = |namespace: &Namespace| {
            namespace.policies.find_or(&policy.name, || self.series.pair(namespace, &policy))
        };
        let known = namespace.policies.find(&policy.name);
        known
            .or_else(|| {
                (Arc::ptr_eq(namespace, &self.elsewhere) || self.has_room()).then(|| pair_in(namespace))?
            })
            .or_else(|| pair_in(&self.elsewhere))
            // There is room for every known policy there.
            .unwrap_or_else(|| Arc::new(self.series.pair(&self.elsewhere, &policy)))
    }

    fn has_room(&self) -> bool {
        self.pairs.fetch_add(1, Ordering::Relaxed) < MAX_PAIRS
    }

    fn known(&self, name: &str) -> Arc<Policy> {
        // As `evaluate::tenants` names them.
        let table = if name.contains(':') { &self.of_tenants } else { &self.policies };
        table.find_or(name, || self.series.policy(name)).unwrap_or_else(|| Arc::clone(&self.others))
    }
}
