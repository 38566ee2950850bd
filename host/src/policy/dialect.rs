//! What a module's entrypoints say about how to use it, and how to read what they answer.
//!
//! A policy is a package; its dialect is told from the rules it has, or stated by the annotation
//! `custom.dialect`.

mod find;
mod gatekeeper;
mod magtape;
mod opa;
mod review;

use std::{fmt, str::FromStr};

pub use find::{Found, NoPolicy, find, of_rules};
pub use gatekeeper::violations as gatekeeper_violations;
pub use magtape::{MagTape, violations as magtape_violations};
pub use opa::violations as opa_violations;
pub use review::violations as review_violations;

/// A convention of writing admission policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `policy_metadata`, `matches` and `deny[info]` in `kubernetes.admission.<name>`.
    MagTape,
    /// `deny[msg]`, in any package.
    Opa,
    /// A rule that answers an AdmissionReview's `{"response": {"allowed": …}}`.
    Review,
    /// `violation[{"msg": …}]` over `{"review": …, "parameters": …}`.
    Gatekeeper,
    /// No policy: others import it.
    Library,
}

/// The rules of a policy that the host asks, each as the module's `E`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules<E> {
    /// See [`MagTape`].
    MagTape(MagTape<E>),
    /// The set of messages.
    Opa(E),
    /// The answer.
    Review(E),
    /// The set of violations.
    Gatekeeper(E),
}

/// A dialect that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown dialect {0:?}: there are magtape, opa, review, gatekeeper and library")]
pub struct UnknownDialect(String);

// === impl Dialect ===

impl Dialect {
    /// As the annotation states it.
    pub fn as_str(self) -> &'static str {
        match self {
            Dialect::MagTape => "magtape",
            Dialect::Opa => "opa",
            Dialect::Review => "review",
            Dialect::Gatekeeper => "gatekeeper",
            Dialect::Library => "library",
        }
    }

    /// The names of the rules that are its entrypoints.
    pub fn rules(self) -> &'static [&'static str] {
        match self {
            Dialect::MagTape => &["deny", "matches", "policy_metadata"],
            Dialect::Opa => &["deny"],
            Dialect::Review => &["main"],
            Dialect::Gatekeeper => &["violation"],
            Dialect::Library => &[],
        }
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        use Dialect::{Gatekeeper, Library, MagTape, Opa, Review};
        let known = [MagTape, Opa, Review, Gatekeeper, Library];
        known
            .into_iter()
            .find(|dialect| dialect.as_str() == text)
            .ok_or_else(|| UnknownDialect(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

// === impl Rules ===

impl<E> Rules<E> {
    /// Whose they are.
    pub fn dialect(&self) -> Dialect {
        match self {
            Rules::MagTape(_) => Dialect::MagTape,
            Rules::Opa(_) => Dialect::Opa,
            Rules::Review(_) => Dialect::Review,
            Rules::Gatekeeper(_) => Dialect::Gatekeeper,
        }
    }
}
