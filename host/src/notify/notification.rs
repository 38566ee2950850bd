//! What is told of a decision: a copy, bounded, of what sinks need.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::texts::fit;
use crate::{
    decision::Decision,
    json::Value,
    review::Request,
    shorten,
    verdict::{DenyLevel, Enforcement, Finding, Outcome, Severity, Violation},
};

/// Violations that are told one by one, the gravest; more are counted. With the bounds below, what is kept of one decision is 100 KiB
/// at most, and mostly a hundredth of that.
const MAX_VIOLATIONS: usize = 64;

/// Of the text of one violation.
const MAX_TEXT_BYTES: usize = 512;

/// No name in Kubernetes is longer.
const MAX_NAME_BYTES: usize = 253;

/// Of all texts together.
const MAX_MESSAGE_BYTES: usize = 16 * 1024;

/// One decision, as sinks are told of it.
#[derive(Clone, Debug)]
pub struct Notification {
    /// The API server's name for the request.
    pub uid: String,
    /// When it was decided.
    pub time: Timestamp,
    /// The name that people know the cluster by.
    pub cluster: String,
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    pub operation: String,
    /// What was judged.
    pub object: Object,
    /// Who sent it.
    pub user: String,
    /// The level that decided.
    pub level: DenyLevel,
    /// Whether the object may pass.
    pub allowed: bool,
    /// Whether a policy could not be evaluated.
    pub failed: bool,
    /// The gravest violation, a policy that could not be evaluated being HIGH.
    pub severity: Severity,
    /// What policies have against it, in the order of their texts.
    pub violations: Vec<Told>,
    /// Violations that there are beside those.
    pub omitted: usize,
    /// All texts, as the message of a denial has them.
    pub message: String,
    /// How often the same was decided and not told since it was told last.
    pub repeats: u64,
}

/// What was judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// Such as `apps/v1`.
    pub api_version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// Empty for objects of the cluster.
    pub namespace: String,
    /// The name, or what the API server will begin it with.
    pub name: String,
    /// The API server's name for the object, if it has one yet.
    pub uid: Option<String>,
}

/// One violation, or a policy that could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The policy's name.
    pub policy: String,
    /// The policy's code.
    pub code: String,
    /// How grave it is.
    pub severity: Severity,
    /// What may come of it.
    pub enforcement: Enforcement,
    /// Whether the policy could not be evaluated.
    pub failed: bool,
    /// The exemption it falls under.
    pub exemption: Option<String>,
    /// Where in the object it is, if the policy says so.
    pub field: Option<String>,
    /// What users read of it.
    pub text: String,
}

/// Whether anything is to be told of the decision: it is a denial, or policies have something against the object that
/// people are told of and no exemption covers.
pub(super) fn is_due(decision: &Decision<'_>) -> bool {
    !decision.verdict.allowed || decision.outcomes.iter().any(is_told)
}

fn is_told(outcome: &Outcome) -> bool {
    match &outcome.finding {
        Finding::NotApplicable | Finding::Passed => false,
        Finding::Violated(violations) => violations
            .iter()
            .any(|violation| violation.exempted.is_none() && violation.enforcement != Enforcement::DryRun),
        Finding::Failed(_) => outcome.exempted.is_none() && outcome.enforcement != Enforcement::DryRun,
    }
}

/// The object's name, or what the API server will begin it with.
pub(super) fn name(request: &Request) -> String {
    if !request.name.is_empty() {
        return shorten::to_bytes(&request.name, MAX_NAME_BYTES);
    }
    text(request, "/request/object/metadata/generateName").unwrap_or_default()
}

/// A field of the review, cut.
fn text(request: &Request, pointer: &str) -> Option<String> {
    let value = request.document().root().pointer(pointer).and_then(Value::string)?;
    Some(shorten::to_bytes(value, MAX_NAME_BYTES))
}

// === impl Notification ===

impl Notification {
    pub(super) fn new(decision: &Decision<'_>, cluster: &str, repeats: u64) -> Self {
        let request = decision.request;
        let mut violations: Vec<Told> = decision.outcomes.iter().flat_map(told).collect();
        let counts = |told: &&Told| told.exemption.is_none();
        let severity = violations.iter().filter(counts).map(|told| told.severity).max();
        let omitted = violations.len().saturating_sub(MAX_VIOLATIONS);
        if omitted > 0 {
            violations.sort_by_key(|told| Reverse(told.severity));
            violations.truncate(MAX_VIOLATIONS);
        }
        violations.sort_unstable_by(|one, other| one.text.cmp(&other.text));
        let failed = !decision.judged
            || decision
                .outcomes
                .iter()
                .any(|outcome| matches!(outcome.finding, Finding::Failed(_)) && is_told(outcome));
        Self {
            uid: shorten::to_bytes(&request.uid, MAX_NAME_BYTES),
            time: Timestamp::now(),
            cluster: cluster.to_owned(),
            operation: shorten::to_bytes(&request.operation, MAX_NAME_BYTES),
            object: Object::new(request),
            user: text(request, "/request/userInfo/username").unwrap_or_default(),
            level: decision.level,
            allowed: decision.verdict.allowed,
            failed,
            severity: severity.unwrap_or(Severity::Low),
            message: message(decision, &violations, omitted),
            violations,
            omitted,
            repeats,
        }
    }

    /// As many texts of violations as fit into `max_bytes`, and a count of those that do not.
    pub(super) fn within(&self, max_bytes: usize) -> String {
        if self.message.len() <= max_bytes {
            return self.message.clone();
        }
        fit(self.violations.iter().map(|told| told.text.as_str()), self.omitted, max_bytes)
    }
}

/// What users read. When nobody had time to judge, that is one text for all policies.
fn message(decision: &Decision<'_>, violations: &[Told], omitted: usize) -> String {
    if !decision.judged {
        return shorten::to_bytes(&decision.verdict.message, MAX_TEXT_BYTES);
    }
    fit(violations.iter().map(|told| told.text.as_str()), omitted, MAX_MESSAGE_BYTES)
}

/// What users are told of one policy.
fn told(outcome: &Outcome) -> Vec<Told> {
    let violated =
        outcome.violations().iter().filter(|violation| violation.enforcement != Enforcement::DryRun);
    let failed = std::iter::once_with(|| Told::failed(outcome)).filter(|told| told.failed);
    let all = violated.map(|violation| Told::violated(outcome, violation)).chain(failed);
    all.zip(outcome.texts())
        .map(|(told, text)| Told { text: shorten::to_bytes(&text, MAX_TEXT_BYTES), ..told })
        .collect()
}

// === impl Object ===

impl Object {
    fn new(request: &Request) -> Self {
        Self {
            api_version: shorten::to_bytes(request.kind.api_version(), MAX_NAME_BYTES),
            kind: shorten::to_bytes(&request.kind.kind, MAX_NAME_BYTES),
            namespace: shorten::to_bytes(&request.namespace, MAX_NAME_BYTES),
            name: name(request),
            uid: text(request, "/request/object/metadata/uid"),
        }
    }
}

// === impl Told ===

impl Told {
    fn violated(outcome: &Outcome, violation: &Violation) -> Self {
        Self {
            policy: shorten::to_bytes(&outcome.policy, MAX_NAME_BYTES),
            code: shorten::to_bytes(&violation.errcode, MAX_NAME_BYTES),
            severity: violation.severity,
            enforcement: violation.enforcement,
            failed: false,
            exemption: violation.exempted.as_ref().map(|exempted| exempted.name.clone()),
            field: violation.field.as_deref().map(|field| shorten::to_bytes(field, MAX_NAME_BYTES)),
            text: String::new(),
        }
    }

    fn failed(outcome: &Outcome) -> Self {
        Self {
            policy: shorten::to_bytes(&outcome.policy, MAX_NAME_BYTES),
            code: shorten::to_bytes(&outcome.errcode, MAX_NAME_BYTES),
            severity: Severity::High,
            enforcement: outcome.enforcement,
            failed: matches!(outcome.finding, Finding::Failed(_)),
            exemption: outcome.exempted.as_ref().map(|exempted| exempted.name.clone()),
            field: None,
            text: String::new(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;
    use crate::verdict::{Failure, FailurePolicy, decide, examples};

    /// A denial of a Deployment of that name.
    pub(in crate::notify) fn notification(name: &str) -> Notification {
        let review = json!({"request": {"uid": "u", "operation": "CREATE", "namespace": "demo", "name": name,
            "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
            "userInfo": {"username": "jane"}, "object": {"metadata": {"name": name, "uid": "of the object"}}}});
        decided(&review, vec![violated(Severity::High, "[FAIL] HIGH - bad, and worse (MT1)")], true)
    }

    fn violated(severity: Severity, text: &str) -> Outcome {
        outcome(Finding::Violated(vec![Violation::new(text, severity, "MT1")]))
    }

    fn outcome(finding: Finding) -> Outcome {
        examples::outcome("p", finding)
    }

    fn decided(review: &serde_json::Value, outcomes: Vec<Outcome>, judged: bool) -> Notification {
        let request = Request::parse(review.to_string().into_bytes()).unwrap();
        let verdict = decide(&outcomes, DenyLevel::Low, FailurePolicy::Fail);
        let decision = Decision { judged, ..Decision::example(&request, &outcomes, &verdict) };
        assert!(is_due(&decision));
        let notification = Notification::new(&decision, "test-cluster", 0);
        if judged && notification.omitted == 0 {
            assert_eq!(notification.message, verdict.message);
        }
        notification
    }

    fn bare(object: &serde_json::Value) -> serde_json::Value {
        json!({"request": {"uid": "u", "operation": "CREATE", "kind": {"version": "v1", "kind": "Pod"}, "object": object}})
    }

    #[test]
    fn what_is_told_is_what_was_decided() {
        let told = notification("web");
        let object = Object {
            api_version: "apps/v1".to_owned(),
            kind: "Deployment".to_owned(),
            namespace: "demo".to_owned(),
            name: "web".to_owned(),
            uid: Some("of the object".to_owned()),
        };
        assert_eq!((told.object, told.user.as_str()), (object, "jane"));
        assert_eq!((told.severity, told.allowed, told.failed), (Severity::High, false, false));
        let nameless = decided(
            &bare(&json!({"metadata": {"generateName": "web-"}})),
            vec![violated(Severity::Low, "x")],
            true,
        );
        assert_eq!(
            (nameless.object.name.as_str(), nameless.user.as_str(), nameless.allowed),
            ("web-", "", true)
        );
    }

    #[test]
    fn what_failed_is_grave_and_what_nobody_is_told_of_is_left_out() {
        let failed = outcome(Finding::Failed(Failure::new("trap", "a secret reason")));
        let mut silent = violated(Severity::High, "nobody sees this");
        if let Finding::Violated(violations) = &mut silent.finding {
            violations[0].enforcement = Enforcement::DryRun;
        }
        let told = decided(
            &bare(&json!({})),
            vec![failed.clone(), silent.clone(), violated(Severity::Low, "a")],
            true,
        );
        assert_eq!((told.severity, told.failed, told.violations.len()), (Severity::High, true, 2));
        assert!(!format!("{told:?}").contains("secret reason"));
        let request = Request::parse(bare(&json!({})).to_string().into_bytes()).unwrap();
        let verdict = decide(&[], DenyLevel::Low, FailurePolicy::Fail);
        let outcomes = [silent, outcome(Finding::Passed)];
        assert!(!is_due(&Decision::example(&request, &outcomes, &verdict)));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let long = "ü".repeat(100_000);
        let outcomes = (0..1000).map(|number| violated(Severity::Med, &format!("{number} {long}"))).collect();
        let object = json!({"metadata": {"name": long, "uid": long}});
        let told = decided(&bare(&object), outcomes, true);
        assert_eq!((told.violations.len(), told.omitted), (MAX_VIOLATIONS, 1000 - MAX_VIOLATIONS));
        assert!(format!("{told:?}").len() < 100 * 1024, "{}", format!("{told:?}").len());
        assert!(told.message.ends_with("more violations") && told.message.len() <= MAX_MESSAGE_BYTES);
        assert!(told.within(1024).len() <= 1024);
    }
}
