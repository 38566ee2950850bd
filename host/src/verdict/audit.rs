//! What the API server writes into its audit log about a decision.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{DenyLevel, Finding, Outcome};

/// Bytes of one value, cut at a whole item. An audit log has a line for each request.
const VALUE_BYTES: usize = 2048;

/// What is said of a decision in which a policy had something to say. The API server puts the webhook's name before
/// these keys, so they are to be names without a prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Audit {
    /// The codes of the policies that found something, sorted and joined by commas.
    #[serde(skip_serializing_if = "String::is_empty")]
    violated: String,
    /// The codes of those that could not be evaluated.
    #[serde(skip_serializing_if = "String::is_empty")]
    failed: String,
    /// The exemptions that were used, by name.
    #[serde(skip_serializing_if = "String::is_empty")]
    exemptions: String,
    /// The level that decided.
    deny_level: &'static str,
}

// === impl Audit ===

impl Audit {
    /// What is to be said; nothing if all policies passed.
    pub fn of(outcomes: &[Outcome], level: DenyLevel) -> Option<Self> {
        let codes = |is: fn(&Finding) -> bool| {
            list(
                outcomes
                    .iter()
                    .filter(|outcome| is(&outcome.finding))
                    .map(|outcome| outcome.errcode.as_str()),
            )
        };
        let violated = codes(|finding| matches!(finding, Finding::Violated(_)));
        let failed = codes(|finding| matches!(finding, Finding::Failed(_)));
        if violated.is_empty() && failed.is_empty() {
            return None;
        }
        let exempted = outcomes.iter().flat_map(|outcome| {
            let of_violations =
                outcome.violations().iter().filter_map(|violation| violation.exempted.as_ref());
            of_violations.chain(&outcome.exempted).map(|exempted| exempted.name.as_str())
        });
        Some(Self { violated, failed, exemptions: list(exempted), deny_level: level.as_str() })
    }
}

/// Each once, in order; as many as fit.
fn list<'t>(items: impl Iterator<Item = &'t str>) -> String {
    let mut list = String::new();
    for item in items.collect::<BTreeSet<_>>() {
        if list.len() + item.len() >= VALUE_BYTES {
            break;
        }
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(item);
    }
    list
}
