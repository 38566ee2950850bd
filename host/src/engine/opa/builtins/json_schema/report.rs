//! The errors of a validation, and how well a value fitted in spite of them.

use crate::engine::opa::value::Value;

/// One error.
pub(super) struct Failure {
    kind: &'static str,
    /// Where, such as `spec.containers.0`; `(Root)` for the document itself.
    field: String,
    description: String,
}

/// What came of one schema: by the score the library chooses which alternative's errors to show.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) failures: Vec<Failure>,
    pub(super) score: i64,
}

// === impl Failure ===

impl Failure {
    pub(super) fn new(kind: &'static str, field: String, description: String) -> Self {
        Self { kind, field, description }
    }
}

impl From<Failure> for Value {
    fn from(failure: Failure) -> Self {
        let error = format!("{}: {}", failure.field, failure.description);
        let fields = [
            ("desc", failure.description),
            ("error", error),
            ("field", failure.field),
            ("type", failure.kind.to_owned()),
        ];
        Value::Object(fields.into_iter().map(|(name, text)| (name.into(), text.into())).collect())
    }
}

// === impl Outcome ===

impl Outcome {
    pub(super) fn is_valid(&self) -> bool {
        self.failures.is_empty()
    }

    pub(super) fn add(&mut self, failure: Failure) {
        self.failures.push(failure);
        self.score -= 2;
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.failures.extend(other.failures);
        self.score += other.score;
    }
}
