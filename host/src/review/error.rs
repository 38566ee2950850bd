//! Why a review cannot be read.

use crate::json::NotJson;

/// A review that cannot be read. The text is for whoever sent it.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// No JSON.
    #[error("the body is no AdmissionReview: it {0}")]
    Json(#[from] NotJson),
    /// JSON that is something else.
    #[error("the body is no AdmissionReview: it is a {0}")]
    Kind(String),
    /// A field without which nothing can be judged.
    #[error("the review cannot be judged: it has no {0}")]
    Missing(&'static str),
    /// A field of another type.
    #[error("the review cannot be judged: {field} must be {wanted}")]
    Type {
        /// Where it is.
        field: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// A field that decides something and is there twice.
    #[error("the review cannot be judged: {0} is there twice")]
    Twice(String),
}
