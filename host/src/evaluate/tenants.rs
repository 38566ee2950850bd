//! Policies that tenants bring: they judge requests of their own namespace only, after the webhook's own policies and
//! within bounds of their own. All that they can do is refuse, there.

mod allowance;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

pub use allowance::Allowance;

use super::{Policies, evaluate, unasked};
use crate::{
    engine::Limits,
    policy::{Entry, Policy},
    review::Request,
    verdict::{Failure, Finding, Outcome},
};

/// Policies of one namespace.
pub const MAX_POLICIES: usize = 16;

/// All policies of a namespace together, for one request. They usually need less than a millisecond.
const BUDGET: Duration = Duration::from_millis(250);

/// Why policies were not asked.
const SPENT: &str =
    "the policies of the namespace have used up their time; they get 100 milliseconds each second";

/// The policies of a namespace.
pub struct Tenant {
    namespace: String,
    policies: Policies,
    allowance: Arc<Allowance>,
}

/// The tenants, by their namespaces.
pub type Tenants = BTreeMap<String, Arc<Tenant>>;

/// The bounds of one evaluation of one policy of a tenant. Most are as for other policies.
pub fn limits() -> Limits {
    Limits {
        // A quarter of what others have: many tenants have sandboxes at one time.
        memory_bytes: 32 * 1024 * 1024,
        // Two thousand times what a policy usually needs, and little enough that a loop is no outage.
        deadline: Duration::from_millis(100),
        // Sixteen times what the API server passes on to users.
        result_bytes: 64 * 1024,
        // OPA's modules are 140 to 400 KB.
        module_bytes: 1024 * 1024,
        ..Limits::default()
    }
}

// === impl Tenant ===

impl Tenant {
    /// The first [`MAX_POLICIES`] of these, under names that say whose they are: `team-a:policy-label`.
    pub fn new(namespace: impl Into<String>, policies: &Policies, allowance: Arc<Allowance>) -> Self {
        let namespace = namespace.into();
        let mut named = Policies::new();
        for entry in policies.iter().take(MAX_POLICIES) {
            let mut metadata = entry.policy.metadata.clone();
            metadata.name = format!("{namespace}:{}", metadata.name);
            let policy = Policy { metadata, ..entry.policy.clone() };
            // They had different names before.
            let _ = named.add(Entry { policy, program: entry.program.clone() });
        }
        Self { namespace, policies: named, allowance }
    }

    /// What its policies say of a request of its namespace. All of them together get at most what is `left` of the
    /// request's time.
    pub fn evaluate(&self, request: &Request, left: Duration) -> Vec<Outcome> {
        let started = Instant::now();
        if !self.allowance.has_some(started) {
            return self.unasked(request, &Failure::new(Failure::ALLOWANCE, SPENT));
        }
        let mut outcomes = evaluate(&self.policies, request, left.min(BUDGET));
        self.allowance.spend(started, started.elapsed());
        outcomes.iter_mut().for_each(|outcome| self.sign(outcome));
        outcomes
    }

    /// What comes of a request that nobody has time for.
    pub fn unasked(&self, request: &Request, why: &Failure) -> Vec<Outcome> {
        unasked(&self.policies, request, why)
    }

    /// Its policies, under the names that say whose they are.
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    /// How many policies it has.
    pub fn len(&self) -> usize {
        self.policies.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// Nobody is to take a text of a tenant for one of the webhook's own.
    fn sign(&self, outcome: &mut Outcome) {
        if let Finding::Violated(violations) = &mut outcome.finding {
            let sign = format!(" - policy of namespace {}", self.namespace);
            violations.iter_mut().for_each(|violation| violation.message.push_str(&sign));
        }
    }
}
