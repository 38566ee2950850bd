//! Why a policy could not be evaluated.

use std::fmt;

/// What an evaluation without an answer ended with. It is for operators, not for the user who sent the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The kind of reason in one word, of which there are few.
    pub cause: &'static str,
    /// The reason.
    pub reason: String,
}

// === impl Failure ===

impl Failure {
    /// Nobody had time to ask the policy.
    pub const OVERLOAD: &'static str = "overload";

    /// The policies of a tenant have used up their share of time.
    pub const ALLOWANCE: &'static str = "allowance";

    /// A failure of that kind.
    pub fn new(cause: &'static str, reason: impl Into<String>) -> Self {
        Self { cause, reason: reason.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}
