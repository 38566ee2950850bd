//! What the API server asks about, and what nobody would ever be asked about.

use serde_json::Value;

use super::{Findings, Object, items, texts};

/// What policies of MagTape's look at: group and resource. Pods are reached through all of the others.
const RESOURCES: [(&str, &str); 11] = [
    ("", "pods"),
    ("", "pods/ephemeralcontainers"),
    ("", "replicationcontrollers"),
    ("", "services"),
    ("apps", "deployments"),
    ("apps", "statefulsets"),
    ("apps", "daemonsets"),
    ("apps", "replicasets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
    ("policy", "poddisruptionbudgets"),
];

pub(super) fn examine(object: &Object, name: &str, webhook: &Value, findings: &mut Findings) {
    let rules: Vec<&Value> = items(webhook, "/rules").collect();
    let is_seen = |group: &str, resource: &str| rules.iter().any(|rule| covers(rule, group, resource));
    let missing: Vec<&str> = RESOURCES
        .iter()
        .filter(|(group, resource)| !is_seen(group, resource))
        .map(|(_, resource)| *resource)
        .collect();
    if missing.is_empty() {
        findings.same(object, format!("{name}: its rules have all that the policies look at"));
    } else {
        findings.changes(
            object,
            format!("{name}: its rules do not have {}, so no policy is asked about them", missing.join(", ")),
            "add them; a Pod made by a ReplicaSet of somebody's own is seen as a Pod only",
        );
    }
    if rules.iter().any(|rule| has(rule, "/operations", "DELETE")) {
        findings.changes(
            object,
            format!("{name}: its rules have DELETE, and deletions are judged by the object that goes"),
            "take DELETE out, unless policies are about deletions: a privileged Pod could not be deleted either",
        );
    }
}

fn covers(rule: &Value, group: &str, resource: &str) -> bool {
    let (main, sub) = resource.split_once('/').unwrap_or((resource, ""));
    let resources = texts(rule, "/resources");
    let names = |name: &&str| match name.split_once('/') {
        None => sub.is_empty() && (*name == "*" || *name == main),
        Some((first, second)) => {
            (first == "*" || first == main) && (second == "*" || (!sub.is_empty() && second == sub))
        }
    };
    has(rule, "/apiGroups", group) && resources.iter().any(names)
}

fn has(rule: &Value, list: &str, name: &str) -> bool {
    texts(rule, list).iter().any(|item| *item == "*" || *item == name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_cover_what_the_api_server_says_they_do() {
        let rule = |groups: &[&str], resources: &[&str]| json!({"apiGroups": groups, "resources": resources});
        for (rule, group, resource, expected) in [
            (rule(&["*"], &["*"]), "apps", "deployments", true),
            (rule(&["*"], &["*"]), "", "pods/ephemeralcontainers", false),
            (rule(&["*"], &["*/*"]), "", "pods/ephemeralcontainers", true),
            (rule(&[""], &["pods/*"]), "", "pods/ephemeralcontainers", true),
            (rule(&[""], &["pods/*"]), "", "pods", true),
            (rule(&[""], &["pods/status"]), "", "pods", false),
            (rule(&["apps"], &["pods"]), "", "pods", false),
            (rule(&[], &[]), "", "pods", false),
        ] {
            assert_eq!(covers(&rule, group, resource), expected, "{rule} {group}/{resource}");
        }
    }
}
