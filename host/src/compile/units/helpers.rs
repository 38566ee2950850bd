//! Which files a policy is compiled with.

use std::collections::BTreeSet;

use super::{File, has};
use crate::{compile::protocol::Analysed, policy::dialect::Dialect};

/// The files that a policy needs, found by following what each of them uses, each with the rules that are left out
/// of it: the verdicts of other policies in the same package.
pub(super) fn helpers(root: usize, files: &[File<'_>], dialect: Dialect) -> Vec<(usize, Vec<String>)> {
    let Some(policy) = files.get(root) else { return Vec::new() };
    let mut members = BTreeSet::from([root]);
    let mut open = vec![root];
    while let Some(file) = open.pop().and_then(|index| files.get(index)) {
        for (index, other) in files.iter().enumerate() {
            let needed = is_part(&policy.facts, &other.facts, dialect)
                || file.facts.uses.iter().any(|used| provides(&other.facts, used));
            if needed && members.insert(index) {
                open.push(index);
            }
        }
    }
    members.remove(&root);
    let left_out = |index: &usize| left_out(&policy.facts, &files.get(*index)?.facts, dialect);
    members.iter().map(|index| (*index, left_out(index).unwrap_or_default())).collect()
}

/// Whether a file has more of the same MagTape policy: its metadata, or further violations.
fn is_part(policy: &Analysed, other: &Analysed, dialect: Dialect) -> bool {
    let entrypoint = |rule: &str| dialect.rules().contains(&rule);
    dialect == Dialect::MagTape
        && other.package == policy.package
        && other.rules.iter().any(|rule| entrypoint(&rule.name))
        && !(has(policy, "policy_metadata") && has(other, "policy_metadata"))
}

fn left_out(policy: &Analysed, other: &Analysed, dialect: Dialect) -> Option<Vec<String>> {
    if other.package != policy.package || is_part(policy, other, dialect) {
        return None;
    }
    let rules = other.rules.iter().map(|rule| rule.name.clone());
    Some(rules.filter(|rule| dialect.rules().contains(&rule.as_str()) && has(policy, rule)).collect())
}

/// Whether a document is, holds, or is inside one of a file's rules.
pub(super) fn provides(facts: &Analysed, used: &[String]) -> bool {
    match used.strip_prefix(facts.package.as_slice()) {
        Some([rule, ..]) => has(facts, rule),
        Some([]) => true,
        None => facts.package.starts_with(used) && !used.is_empty(),
    }
}
