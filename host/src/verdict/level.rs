//! Which severities refuse an object.

use std::{fmt, str::FromStr};

use super::Severity;

/// The deny level: how strict the webhook is. The order is the meaning: what is greater refuses more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum DenyLevel {
    /// Nothing is refused; violations only warn.
    Off,
    /// HIGH refuses.
    #[default]
    Low,
    /// HIGH and MED refuse.
    Med,
    /// HIGH, MED and LOW refuse.
    High,
}

/// A deny level that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown deny level {0:?}: it is OFF, LOW (only HIGH violations deny), MED (HIGH and MED) or HIGH (all)"
)]
pub struct UnknownLevel(String);

// === impl DenyLevel ===

impl DenyLevel {
    /// Whether a violation of that severity refuses the object.
    pub fn denies(self, severity: Severity) -> bool {
        match self {
            DenyLevel::Off => false,
            DenyLevel::Low => severity >= Severity::High,
            DenyLevel::Med => severity >= Severity::Med,
            DenyLevel::High => true,
        }
    }

    /// `OFF`, `LOW`, `MED` or `HIGH`.
    pub fn as_str(self) -> &'static str {
        match self {
            DenyLevel::Off => "OFF",
            DenyLevel::Low => "LOW",
            DenyLevel::Med => "MED",
            DenyLevel::High => "HIGH",
        }
    }
}

impl FromStr for DenyLevel {
    type Err = UnknownLevel;

    /// Upper or lower case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_uppercase().as_str() {
            "OFF" => Ok(DenyLevel::Off),
            "LOW" => Ok(DenyLevel::Low),
            "MED" => Ok(DenyLevel::Med),
            "HIGH" => Ok(DenyLevel::High),
            _ => Err(UnknownLevel(text.chars().take(40).collect())),
        }
    }
}

impl fmt::Display for DenyLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
