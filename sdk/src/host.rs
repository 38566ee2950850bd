//! What the host does for a policy, beside handing it the review.

use std::time::Duration;

use crate::{Value, documents};

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For whoever writes the policy.
    Debug,
    /// For whoever runs it.
    Info,
    /// Something is not as it should be.
    Warn,
    /// Something went wrong.
    Error,
}

/// Writes a line to the host's log. The host adds the policy's name, cuts long lines, and drops what is too many.
pub fn log(level: Level, message: impl AsRef<str>) {
    documents::log(level, message.as_ref());
}

/// The time of the evaluation, since 1970-01-01T00:00:00Z. It does not pass while the policy runs.
pub fn now() -> Duration {
    Duration::from_nanos(documents::now())
}

/// The objects of a kind in the cluster: an object by namespace of objects by name, or an object by name for kinds without
/// namespaces. `None` when the host knows nothing of that kind.
///
/// `kind` is one that the policy's metadata declares, such as `networking.k8s.io/v1/ingresses`
/// ([`Metadata::needs`](crate::Metadata::needs)); asking for another ends the evaluation.
pub fn lookup(kind: &str) -> Option<Value> {
    documents::lookup(kind).map(Value::new)
}
