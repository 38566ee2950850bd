//! What is done with a review while the clock runs. What it makes is dropped in that time too.

use std::hint::black_box;

use anyhow::Result;
use magtape::{
    engine::opa::{Base, Image},
    evaluate::{Policies, evaluate},
    json::Document,
    review::{self, Request},
    verdict::{Audit, DenyLevel, FailurePolicy, decide},
};
use serde_json::Value;

use super::BUDGET;

/// One way of taking a review.
pub(super) struct Way<'p>(Box<dyn FnMut(Vec<u8>) -> Result<()> + 'p>);

// === impl Way ===

impl<'p> Way<'p> {
    /// The scale: what a program pays that wants the review as data.
    pub(super) fn value() -> Self {
        Self(Box::new(|body| {
            black_box(serde_json::from_slice::<Value>(&body)?);
            Ok(())
        }))
    }

    /// Reading the request alone.
    pub(super) fn parse() -> Self {
        Self(Box::new(|body| {
            black_box(Request::parse(body)?);
            Ok(())
        }))
    }

    /// All of the review as policies take it.
    pub(super) fn image() -> Self {
        Self(Box::new(|body| {
            black_box(Image::of(&Document::parse(body)?, Base::ALL[0]));
            Ok(())
        }))
    }

    /// Everything that the webhook does between the body of a request and the body of its answer.
    pub(super) fn verdict(policies: &'p Policies) -> Self {
        Self(Box::new(|body| {
            let request = Request::parse(body)?;
            let outcomes = evaluate(policies, &request, BUDGET);
            let verdict = decide(&outcomes, DenyLevel::High, FailurePolicy::Fail);
            let audit = Audit::of(&outcomes, DenyLevel::High);
            black_box(review::response(&request.uid, &verdict, audit.as_ref())?);
            Ok(())
        }))
    }

    /// Takes one review.
    pub(super) fn take(&mut self, body: Vec<u8>) -> Result<()> {
        (self.0)(black_box(body))
    }
}
