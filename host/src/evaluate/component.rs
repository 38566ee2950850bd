//! Asks a component about a request.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::subject::Subject;
use crate::{
    engine::{
        Fault,
        component::{self as engine, Component, Documents},
    },
    json::Document,
    policy::Metadata,
    verdict::{Enforcement, Finding, Violation},
};

/// A policy that is a component.
#[derive(Clone)]
pub struct Program {
    pub(super) component: Arc<Component>,
    pub(super) parameters: Arc<Document>,
    /// The objects of the cluster, by the kinds that it declares.
    pub(super) kinds: Arc<BTreeMap<String, Option<Arc<Document>>>>,
}

// === impl Program ===

impl Program {
    pub(super) fn ask(
        &self,
        metadata: &Metadata,
        subject: &Subject<'_>,
        now: Duration,
        left: Duration,
    ) -> Result<Finding, Fault> {
        let documents = Documents {
            review: Arc::clone(subject.request.document()),
            parameters: Arc::clone(&self.parameters),
            kinds: Arc::clone(&self.kinds),
        };
        let Some(found) = self.component.evaluate(documents, now, left)? else {
            return Ok(Finding::NotApplicable);
        };
        let violations = found.into_iter().map(|found| violation(found, metadata));
        violations.collect::<Result<_, _>>().map(Finding::of)
    }
}

/// A violation in the form that users know: severity, text, code.
fn violation(found: engine::Violation, metadata: &Metadata) -> Result<Violation, Fault> {
    if found.message.is_empty() {
        return Err(Fault::Answer("answered a violation without a message".to_owned()));
    }
    let details = found.details.as_deref().map(serde_json::from_str::<serde_json::Map<_, _>>).transpose();
    let details = details
        .map_err(|error| Fault::Answer(format!("answered details that are no JSON object: {error}")))?;
    Ok(Violation {
        message: format!("[FAIL] {} - {} ({})", metadata.severity, found.message, metadata.errcode),
        severity: metadata.severity,
        errcode: metadata.errcode.clone(),
        enforcement: Enforcement::Deny,
        field: found.field,
        details: details.map(Into::into),
        exempted: None,
    })
}
