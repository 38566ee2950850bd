//! The answer to a review.

use serde::Serialize;

use crate::verdict::{Audit, Verdict};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Review<'v> {
    api_version: &'static str,
    kind: &'static str,
    response: Response<'v>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'v> {
    uid: &'v str,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'v>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    warnings: &'v [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_annotations: Option<&'v Audit>,
}

#[derive(Serialize)]
struct Status<'v> {
    message: &'v str,
    reason: &'static str,
    code: u16,
}

/// The AdmissionReview that answers the request `uid`, as JSON. The `audit` goes into the API server's audit log.
///
/// # Errors
/// Never for such plain data, but the serialiser's type says it might.
pub fn response(uid: &str, verdict: &Verdict, audit: Option<&Audit>) -> serde_json::Result<Vec<u8>> {
    let status = Status { message: &verdict.message, reason: "Forbidden", code: 403 };
    serde_json::to_vec(&Review {
        api_version: "admission.k8s.io/v1",
        kind: "AdmissionReview",
        response: Response {
            uid,
            allowed: verdict.allowed,
            status: (!verdict.allowed).then_some(status),
            warnings: &verdict.warnings,
            audit_annotations: audit,
        },
    })
}
