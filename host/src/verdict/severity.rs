//! How grave a violation is.

use std::{fmt, str::FromStr};

/// How grave a violation is; the order is the meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good practice is not followed.
    Low,
    /// Something will go wrong some day.
    Med,
    /// Something is wrong or dangerous now.
    High,
}

/// A severity that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown severity {0:?}: it is LOW, MED or HIGH")]
pub struct UnknownSeverity(String);

// === impl Severity ===

impl Severity {
    /// `LOW`, `MED` or `HIGH`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "LOW",
            Severity::Med => "MED",
            Severity::High => "HIGH",
        }
    }

    /// The gravest severity that a message claims by `[FAIL] HIGH` anywhere in it, which is what the original
    /// MagTape decided by.
    pub fn claimed_by(message: &str) -> Option<Self> {
        [Severity::High, Severity::Med, Severity::Low]
            .into_iter()
            .find(|severity| message.contains(&format!("[FAIL] {severity}")))
    }
}

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "LOW" => Ok(Severity::Low),
            "MED" => Ok(Severity::Med),
            "HIGH" => Ok(Severity::High),
            other => Err(UnknownSeverity(other.chars().take(40).collect())),
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
