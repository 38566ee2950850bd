//! Exemptions: objects that an administrator lets pass although policies have something against them.
//!
//! What is matched is what the API server says of an object, its kind, namespace and name, and never what the object
//! says of itself. Whoever reads exemptions decides who may write them.

mod read;

use std::sync::Arc;

use jiff::Timestamp;

pub use read::{ExemptionError, MAX_EXEMPTIONS};

use super::glob::Glob;
use crate::verdict::{Exempted, Finding, Outcome};

/// One exemption. It holds where all that it names fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// Names of policies.
    policies: Vec<String>,
    /// Codes of violations, or of policies that could not be evaluated.
    codes: Vec<String>,
    namespaces: Vec<Glob>,
    /// `Kind` or `group/Kind`; empty means all.
    kinds: Vec<String>,
    /// Empty means all.
    names: Vec<Glob>,
    /// The first moment at which it holds no more; `None` if it has no end.
    until: Option<Timestamp>,
    told: Arc<Exempted>,
}

/// What the API server says of an object.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'r> {
    /// Its API group, such as `apps`; empty for the core group.
    pub group: &'r str,
    /// Its kind, such as `Deployment`.
    pub kind: &'r str,
    /// Its namespace; empty for objects of the cluster.
    pub namespace: &'r str,
    /// Its name; empty while it has none.
    pub name: &'r str,
}

/// All exemptions that there are, also those that have ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exemptions(Vec<Exemption>);

// === impl Exemption ===

impl Exemption {
    /// Whether it has no end, which is rarely what is meant.
    pub fn is_endless(&self) -> bool {
        self.until.is_none()
    }

    /// Its name: a ConfigMap and a key in it.
    pub fn name(&self) -> &str {
        &self.told.name
    }

    fn holds(&self, subject: Subject<'_>, now: Timestamp) -> bool {
        let any = |globs: &[Glob], name: &str| globs.iter().any(|glob| glob.matches(name));
        let is_kind = |kind: &String| match kind.split_once('/') {
            Some((group, kind)) => (group, kind) == (subject.group, subject.kind),
            None => kind == subject.kind,
        };
        self.until.is_none_or(|until| now < until)
            && any(&self.namespaces, subject.namespace)
            && (self.kinds.is_empty() || self.kinds.iter().any(is_kind))
            && (self.names.is_empty() || any(&self.names, subject.name))
    }

    fn is_from(&self, policy: &str, errcode: &str) -> bool {
        let names = |list: &[String], text: &str| list.iter().any(|listed| listed == text);
        names(&self.policies, policy) || names(&self.codes, errcode)
    }
}

// === impl Exemptions ===

impl Exemptions {
    /// Marks what `outcomes` have against an object as far as it is exempt at the time `now`. The first exemption that
    /// holds is told.
    pub fn apply(&self, subject: Subject<'_>, now: Timestamp, outcomes: &mut [Outcome]) {
        let held: Vec<&Exemption> = self.0.iter().filter(|exemption| exemption.holds(subject, now)).collect();
        if held.is_empty() {
            return;
        }
        for outcome in outcomes {
            let exempted = |errcode: &str| {
                let exemption = held.iter().find(|exemption| exemption.is_from(&outcome.policy, errcode));
                exemption.map(|exemption| Arc::clone(&exemption.told))
            };
            match &mut outcome.finding {
                Finding::NotApplicable | Finding::Passed => {}
                Finding::Failed(_) => outcome.exempted = exempted(&outcome.errcode),
                Finding::Violated(violations) => violations
                    .iter_mut()
                    .for_each(|violation| violation.exempted = exempted(&violation.errcode)),
            }
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Exemption> for Exemptions {
    fn from_iter<I: IntoIterator<Item = Exemption>>(exemptions: I) -> Self {
        Self(exemptions.into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
