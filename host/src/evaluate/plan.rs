//! Which policies look at which requests, and at what of them: worked out once for each kind of request.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, PoisonError, RwLock},
};

use super::Program;
use crate::{
    json::Paths,
    policy::{Entry, PolicySet, Target},
    review::Request,
};

/// A cluster has some hundred kinds of objects and four operations. Plans beyond this are made anew each time.
const MAX_PLANS: usize = 1024;

/// The policies in force, ready to run.
#[derive(Default)]
pub struct Policies {
    set: PolicySet<Program>,
    plans: RwLock<HashMap<String, Arc<Plan>>>,
}

/// What is to be done for a kind of request.
pub(super) struct Plan {
    /// The policies that look at it, in order of their names.
    pub(super) selected: Vec<Arc<Entry<Program>>>,
    /// What they can read of the review.
    pub(super) wanted: Paths,
}

// === impl Policies ===

impl Policies {
    /// A set without policies.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a policy, unless one of that name is there already.
    ///
    /// # Errors
    /// Where the policy that holds the name came from.
    pub fn add(&mut self, entry: Entry<Program>) -> Result<(), String> {
        self.plans.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        self.set.add(entry)
    }

    pub(super) fn plan(&self, request: &Request) -> Arc<Plan> {
        // No part of a name in Kubernetes has a blank; names that do share plans with nobody who is asked for.
        let kind = &request.kind;
        let key = format!("{} {} {}", request.operation, kind.kind, kind.group);
        let known = self.plans.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        known.unwrap_or_else(|| self.make_plan(key, request))
    }

    fn make_plan(&self, key: String, request: &Request) -> Arc<Plan> {
        let target =
            Target { group: &request.kind.group, kind: &request.kind.kind, operation: &request.operation };
        let plan = Arc::new(Plan::new(self.set.select(target).cloned().collect()));
        let mut plans = self.plans.write().unwrap_or_else(PoisonError::into_inner);
        if plans.len() < MAX_PLANS {
            plans.insert(key, Arc::clone(&plan));
        }
        plan
    }
}

impl Clone for Policies {
    fn clone(&self) -> Self {
        Self { set: self.set.clone(), plans: RwLock::default() }
    }
}

impl Deref for Policies {
    type Target = PolicySet<Program>;

    fn deref(&self) -> &Self::Target {
        &self.set
    }
}

// === impl Plan ===

impl Plan {
    fn new(selected: Vec<Arc<Entry<Program>>>) -> Self {
        let mut wanted = Paths::none();
        for entry in &selected {
            entry.program.wants(&mut wanted);
        }
        Self { selected, wanted }
    }
}
