//! Rules that ask the policies of their set. kube-mgmt's users and MagTape's have one, because OPA answers for one
//! rule only; the host asks each policy by itself.

use super::{File, Role, has};

/// What else a rule has that answers a review with what others find.
const ANSWERING: [&str; 6] = ["main", "response", "uid", "reason", "reasons", "message"];

/// The policies that a file asks, when it does nothing else: those of whole packages, or their verdicts if it answers
/// a review with them. A file that takes helpers of a policy, or has rules of its own, gathers nothing.
pub(super) fn gathered(
    index: usize,
    files: &[File<'_>],
    roles: &[Option<Role>],
    answers: bool,
) -> Option<String> {
    let facts = &files.get(index)?.facts;
    if answers && !facts.rules.iter().all(|rule| ANSWERING.contains(&rule.name.as_str())) {
        return None;
    }
    let policies: Vec<&File<'_>> = files
        .iter()
        .zip(roles)
        .filter(|(_, role)| matches!(role, Some(Role::Policy(_))))
        .map(|(file, _)| file)
        .collect();
    let asks = |used: &&Vec<String>| {
        // MagTape's own collector, also where it is the only file.
        let all = used.as_slice() == ["kubernetes", "admission"];
        let packages =
            policies.iter().any(|policy| policy.facts.package.starts_with(used) && !used.is_empty());
        all || packages || (answers && policies.iter().any(|policy| is_verdict(policy, used)))
    };
    let outside = facts.uses.iter().filter(|used| !used.starts_with(&facts.package));
    let mut outside = outside.peekable();
    let first = outside.peek().map(|used| format!("data.{}", used.join(".")))?;
    outside.all(|used| asks(&used)).then_some(first)
}

fn is_verdict(policy: &File<'_>, used: &[String]) -> bool {
    let rule = used.strip_prefix(policy.facts.package.as_slice()).and_then(<[String]>::first);
    rule.is_some_and(|rule| ["deny", "violation"].contains(&rule.as_str()) && has(&policy.facts, rule))
}
