//! What tests judge by.

use std::time::Duration;

use super::{Digest, Enforcement, Finding, Outcome};

/// What a policy with the code MT1 said, in no time.
pub(crate) fn outcome(policy: &str, finding: Finding) -> Outcome {
    Outcome {
        policy: policy.to_owned(),
        errcode: "MT1".to_owned(),
        digest: Digest::of(b""),
        enforcement: Enforcement::Deny,
        finding,
        elapsed: Duration::ZERO,
        exempted: None,
    }
}
