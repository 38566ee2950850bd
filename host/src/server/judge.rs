//! What a review is answered with, judged or not. It takes the time of the processor and waits for nothing.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{Counts, REFUSAL_BYTES, Service};
use crate::{
    decision::Decision,
    evaluate::{evaluate, unasked},
    review::{self, Request},
    shorten,
    verdict::{Audit, DenyLevel, Failure, Finding, Outcome, Verdict, decide},
};

/// What the user reads when nobody had time to judge; in the form of every other text.
const BUSY: &str = "[FAIL] HIGH - The webhook was too busy to ask its policies";

/// What is answered to a body.
#[derive(Debug)]
pub(super) enum Answer {
    /// An AdmissionReview, as JSON.
    Review(Vec<u8>),
    /// It is no review that could be judged, and why.
    NoReview(String),
    /// It is too large to be looked into by a thread that has other things to do.
    Busy,
    /// A defect of this program.
    Defect(String),
}

/// When a request came, until when its policies may take, and the trace that it belongs to.
#[derive(Clone)]
pub(super) struct Arrival {
    pub(super) received: Instant,
    pub(super) deadline: Instant,
    pub(super) trace_parent: Option<Box<str>>,
}

/// What came of a request.
struct Judged {
    /// Whether it was let pass because of its owner.
    trusted_owner: bool,
    level: DenyLevel,
    outcomes: Vec<Outcome>,
    verdict: Verdict,
}

// === impl Service ===

impl Service {
    /// Judges the review in `body`, and answers before anything else that is left to do.
    pub(super) fn judge(&self, body: Vec<u8>, arrival: Arrival, answer: oneshot::Sender<Answer>) {
        let request = match read(body) {
            Ok(request) => request,
            // Nobody may be there any more to hear it; here as below.
            Err(no_review) => return drop(answer.send(no_review)),
        };
        let judged = self.let_pass(&request).unwrap_or_else(|| self.ask(&request, arrival.deadline));
        drop(answer.send(judged.answer(&request)));
        let decision = judged.decision(&request, &arrival, true);
        log(&decision);
        self.tell(&decision);
    }

    fn ask(&self, request: &Request, deadline: Instant) -> Judged {
        let left = || deadline.saturating_duration_since(Instant::now());
        let outcomes = evaluate(&self.policies.get(), request, left());
        // After the others, of whose time they take none.
        let of_tenant = self.governance.tenant(request).map(|tenant| tenant.evaluate(request, left()));
        self.decide(request, outcomes, of_tenant)
    }

    /// What is decided of an object that nobody looks at because of its owner, which is counted.
    fn let_pass(&self, request: &Request) -> Option<Judged> {
        let is_trusted =
            self.stance.trusts_owners && request.first_owner_kind().is_some_and(|kind| kind == "ReplicaSet");
        is_trusted.then(|| {
            self.trusted.fetch_add(1, Ordering::Relaxed);
            Judged { trusted_owner: true, ..self.decide(request, Vec::new(), None) }
        })
    }

    /// Tells those who tell of decisions.
    fn tell(&self, decision: &Decision<'_>) {
        self.observers.iter().for_each(|observer| observer.decided(decision));
    }

    /// Decides by what policies said, the level of the namespace and the exemptions.
    fn decide(
        &self,
        request: &Request,
        mut outcomes: Vec<Outcome>,
        of_tenant: Option<Vec<Outcome>>,
    ) -> Judged {
        self.governance.exempt(request, &mut outcomes);
        outcomes.extend(of_tenant.into_iter().flatten());
        let level = self.governance.level(request, self.stance.level);
        let verdict = decide(&outcomes, level, self.stance.failure_policy);
        Judged { trusted_owner: false, level, outcomes, verdict }
    }

    /// What is answered to a review that nobody had time to judge, by the failure policy.
    pub(super) fn unjudged(&self, body: Vec<u8>, arrival: &Arrival, reason: &str) -> Answer {
        let request = (body.len() <= REFUSAL_BYTES).then(|| read(body));
        let uid = request
            .as_ref()
            .and_then(|request| request.as_ref().ok())
            .map(|request| shorten::name(&request.uid));
        let Counts { refused, expired, .. } = self.counts();
        tracing::warn!(uid, refused, expired, "not judged: {reason}");
        match request {
            None => Answer::Busy,
            Some(Ok(request)) => {
                let judged = self.let_pass(&request).unwrap_or_else(|| self.unasked(&request));
                self.tell(&judged.decision(&request, arrival, false));
                judged.answer(&request)
            }
            Some(Err(no_review)) => no_review,
        }
    }

    /// The verdict as if every policy that looks at such a request had failed.
    fn unasked(&self, request: &Request) -> Judged {
        let busy = Failure::new(Failure::OVERLOAD, BUSY);
        let of_tenant = self.governance.tenant(request).map(|tenant| tenant.unasked(request, &busy));
        let judged = self.decide(request, unasked(&self.policies.get(), request, &busy), of_tenant);
        Judged { verdict: in_one_text(judged.verdict), ..judged }
    }
}

// === impl Judged ===

impl Judged {
    fn answer(&self, request: &Request) -> Answer {
        let audit = Audit::of(&self.outcomes, self.level);
        match review::response(&request.uid, &self.verdict, audit.as_ref()) {
            Ok(json) => Answer::Review(json),
            Err(error) => Answer::Defect(error.to_string()),
        }
    }

    fn decision<'a>(&'a self, request: &'a Request, arrival: &'a Arrival, judged: bool) -> Decision<'a> {
        Decision {
            request,
            level: self.level,
            outcomes: &self.outcomes,
            verdict: &self.verdict,
            judged,
            trusted_owner: self.trusted_owner,
            elapsed: arrival.received.elapsed(),
            trace_parent: arrival.trace_parent.as_deref(),
        }
    }
}

/// One text for all policies that nobody had time to ask.
fn in_one_text(verdict: Verdict) -> Verdict {
    let busy = |texts: usize| (texts > 0).then(|| BUSY.to_owned());
    Verdict {
        allowed: verdict.allowed,
        message: busy(verdict.message.len()).unwrap_or_default(),
        warnings: busy(verdict.warnings.len()).into_iter().collect(),
    }
}

/// The one place where a body becomes a request.
fn read(body: Vec<u8>) -> Result<Request, Answer> {
    Request::parse(body).map_err(|error| Answer::NoReview(error.to_string()))
}

fn log(decision: &Decision<'_>) {
    let Decision { request, level, outcomes, verdict, .. } = decision;
    tracing::info!(
        uid = shorten::name(&request.uid),
        kind = shorten::name(&request.kind.kind),
        namespace = shorten::name(&request.namespace),
        name = shorten::name(&request.name),
        operation = shorten::name(&request.operation),
        dry_run = request.dry_run,
        allowed = verdict.allowed,
        trusted_owner = decision.trusted_owner,
        deny_level = level.as_str(),
        violations = outcomes.iter().map(Outcome::violations).map(<[_]>::len).sum::<usize>(),
        elapsed_us = outcomes.iter().map(|outcome| outcome.elapsed).sum::<Duration>().as_micros(),
        failed = outcomes.iter().filter(|outcome| matches!(outcome.finding, Finding::Failed(_))).count(),
        exempted = outcomes.iter().map(Outcome::exempted).sum::<usize>(),
        "judged"
    );
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::{
        conditions::Conditions,
        evaluate::{Current, Governance},
        server::Stance,
        verdict::FailurePolicy,
    };

    fn arrival() -> Arrival {
        Arrival { received: Instant::now(), deadline: Instant::now(), trace_parent: None }
    }

    fn unjudged(body: &str) -> Answer {
        let (policies, governance) = (Arc::<Current>::default(), Arc::<Governance>::default());
        let (level, failure_policy) = (DenyLevel::Low, FailurePolicy::Fail);
        let stance = Stance { level, failure_policy, trusts_owners: false };
        let (name, observers, conditions) = (String::new(), Vec::new(), Conditions::default());
        let service = Service::new(policies, governance, stance, name, observers, conditions);
        service.unwrap().unjudged(body.as_bytes().to_vec(), &arrival(), "for the test")
    }

    fn review(name: &str) -> String {
        let request = json!({"uid": "u", "operation": "CREATE", "kind": {"kind": "Pod"}, "name": name});
        json!({ "request": request }).to_string()
    }

    #[test]
    fn what_no_policy_looks_at_is_allowed_without_a_word() {
        let Answer::Review(json) = unjudged(&review("web")) else { panic!() };
        let answer: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(answer["response"], json!({"uid": "u", "allowed": true}));
    }

    #[test]
    fn policies_that_nobody_asked_are_one_text() {
        let verdict = |allowed, message: &str, warnings: &[&str]| Verdict {
            allowed,
            message: message.to_owned(),
            warnings: warnings.iter().map(|text| (*text).to_owned()).collect(),
        };
        assert_eq!(in_one_text(verdict(false, "a, b", &["a", "b"])), verdict(false, BUSY, &[BUSY]));
        assert_eq!(in_one_text(verdict(true, "", &["a", "b"])), verdict(true, "", &[BUSY]));
        assert_eq!(in_one_text(verdict(true, "", &[])), verdict(true, "", &[]));
    }

    #[test]
    fn what_cannot_be_answered_so_is_an_error() {
        assert!(matches!(unjudged("{"), Answer::NoReview(_)));
        assert!(matches!(unjudged(&review(&"x".repeat(REFUSAL_BYTES))), Answer::Busy));
    }
}
