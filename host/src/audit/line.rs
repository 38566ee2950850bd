//! One decision as a line.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::Content;
use crate::{
    decision::Decision,
    json::Value,
    review::Request,
    shorten,
    verdict::{Finding, Outcome, Violation},
};

/// Violations of one policy that are named; more are counted.
const MAX_VIOLATIONS: usize = 64;

/// Of one message.
const MAX_MESSAGE_CHARS: usize = 1024;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'d> {
    time: Timestamp,
    uid: &'d str,
    operation: &'d str,
    group: &'d str,
    version: &'d str,
    kind: &'d str,
    namespace: &'d str,
    name: &'d str,
    user: Option<Cow<'d, str>>,
    dry_run: bool,
    allowed: bool,
    level: &'static str,
    judged: bool,
    /// Only where it is so, as nobody should use it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    trusted_owner: bool,
    elapsed_microseconds: u64,
    policies: Vec<Asked<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'d RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'d> {
    name: &'d str,
    code: &'d str,
    digest: String,
    outcome: &'static str,
    elapsed_microseconds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exemption: Option<&'d str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    violations: Vec<Found<'d>>,
    #[serde(skip_serializing_if = "is_zero")]
    omitted: usize,
}

#[derive(Serialize)]
struct Found<'d> {
    severity: &'static str,
    denies: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    exemption: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'d str>,
}

/// The line, with its end.
pub(super) fn of(decision: &Decision<'_>, content: Content) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&Line::of(decision, content))?;
    line.push(b'\n');
    Ok(line)
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn microseconds(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

// === impl Line ===

impl<'d> Line<'d> {
    fn of(decision: &Decision<'d>, content: Content) -> Self {
        let request = decision.request;
        let name = shorten::name;
        Self {
            time: Timestamp::now(),
            uid: name(&request.uid),
            operation: name(&request.operation),
            group: name(&request.kind.group),
            version: name(&request.kind.version),
            kind: name(&request.kind.kind),
            namespace: name(&request.namespace),
            name: name(&request.name),
            user: user(request),
            dry_run: request.dry_run,
            allowed: decision.verdict.allowed,
            level: decision.level.as_str(),
            judged: decision.judged && !decision.trusted_owner,
            trusted_owner: decision.trusted_owner,
            elapsed_microseconds: microseconds(decision.elapsed),
            policies: decision.outcomes.iter().map(|outcome| Asked::of(outcome, decision, content)).collect(),
            object: (content == Content::Objects).then(|| object(request)).flatten(),
        }
    }
}

fn user(request: &Request) -> Option<Cow<'_, str>> {
    let user = request.document().root().pointer("/request/userInfo/username").and_then(Value::string)?;
    Some(match user {
        Cow::Borrowed(user) => shorten::name(user).into(),
        Cow::Owned(user) => shorten::name(&user).to_owned().into(),
    })
}

/// The object as it came; nothing of a Secret.
fn object(request: &Request) -> Option<&RawValue> {
    if request.kind.group.is_empty() && request.kind.kind == "Secret" {
        return None;
    }
    let object = request.document().root().pointer("/request/object")?;
    serde_json::from_str(object.raw()).ok()
}

// === impl Asked ===

impl<'d> Asked<'d> {
    fn of(outcome: &'d Outcome, decision: &Decision<'_>, content: Content) -> Self {
        let violations = outcome.violations();
        let found = |violation| Found::of(violation, decision, content);
        Self {
            name: shorten::name(&outcome.policy),
            code: shorten::name(&outcome.errcode),
            digest: outcome.digest.to_string(),
            outcome: match outcome.finding {
                Finding::NotApplicable => "notApplicable",
                Finding::Passed => "passed",
                Finding::Violated(_) => "violated",
                Finding::Failed(_) => "failed",
            },
            elapsed_microseconds: microseconds(outcome.elapsed),
            exemption: outcome.exempted.as_deref().map(|exempted| exempted.name.as_str()),
            violations: violations.iter().take(MAX_VIOLATIONS).map(found).collect(),
            omitted: violations.len().saturating_sub(MAX_VIOLATIONS),
        }
    }
}

// === impl Found ===

impl<'d> Found<'d> {
    fn of(violation: &'d Violation, decision: &Decision<'_>, content: Content) -> Self {
        let is_quoted = content >= Content::Messages;
        Self {
            severity: violation.severity.as_str(),
            denies: violation.denies(decision.level),
            exemption: violation.exempted.as_deref().map(|exempted| exempted.name.as_str()),
            message: is_quoted.then(|| shorten::first(&violation.message, MAX_MESSAGE_CHARS)),
            field: violation
                .field
                .as_deref()
                .filter(|_| is_quoted)
                .map(|field| shorten::first(field, MAX_MESSAGE_CHARS)),
        }
    }
}
