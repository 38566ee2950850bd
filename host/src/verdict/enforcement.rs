//! What may come of a violation, apart from how grave it is.

/// Gatekeeper's `enforcementAction`; policies of the other dialects always have the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforcement {
    /// The deny level decides.
    #[default]
    Deny,
    /// The user is warned and the object passes, at any level.
    Warn,
    /// Only reports and metrics tell of it.
    DryRun,
}

// === impl Enforcement ===

impl Enforcement {
    /// As Gatekeeper writes it: `deny`, `warn` or `dryrun`.
    pub fn as_str(self) -> &'static str {
        match self {
            Enforcement::Deny => "deny",
            Enforcement::Warn => "warn",
            Enforcement::DryRun => "dryrun",
        }
    }
}
