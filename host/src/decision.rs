//! What was decided of one request, and those who tell of it: metrics, notifications, an audit log.

use std::time::Duration;

use crate::{
    review::Request,
    verdict::{DenyLevel, Outcome, Verdict},
};

/// The decision on one request, as it was answered.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// What was asked.
    pub request: &'a Request,
    /// The level that decided.
    pub level: DenyLevel,
    /// What each policy said, exemptions marked.
    pub outcomes: &'a [Outcome],
    /// What was answered.
    pub verdict: &'a Verdict,
    /// Whether policies were asked at all; otherwise nobody had time, and `outcomes` say so.
    pub judged: bool,
    /// Whether it was let pass, unasked, because of what the object says of its owner, as an operator has allowed it.
    pub trusted_owner: bool,
    /// From the request's body to its answer, time in the queue included.
    pub elapsed: Duration,
    /// The trace that it belongs to, if the API server said one: a header `traceparent` of W3C Trace Context, as it came.
    pub trace_parent: Option<&'a str>,
}

/// Is told of every decision, after it was answered, on a thread that others need: what takes longer than
/// microseconds, or may wait, is to be done elsewhere.
pub trait Observer: Send + Sync {
    /// Takes note of a decision. What is needed of it later is to be copied, and bounded.
    fn decided(&self, decision: &Decision<'_>);
}

#[cfg(test)]
impl<'a> Decision<'a> {
    /// That a request was judged by these, at the level LOW and in no time.
    pub(crate) fn example(request: &'a Request, outcomes: &'a [Outcome], verdict: &'a Verdict) -> Self {
        let (level, elapsed) = (DenyLevel::Low, Duration::ZERO);
        Self {
            request,
            level,
            outcomes,
            verdict,
            judged: true,
            trusted_owner: false,
            elapsed,
            trace_parent: None,
        }
    }
}
