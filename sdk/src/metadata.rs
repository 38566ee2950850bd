//! What a policy says of itself.

/// How grave a policy's violations are. The deny level decides which of them refuse an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Refuses at level HIGH only.
    Low,
    /// Refuses at levels MED and HIGH.
    Med,
    /// Refuses at every level but OFF.
    High,
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is deleted.
    Delete,
    /// Something connects to it, such as `kubectl exec`.
    Connect,
}

/// A policy's description, written as a constant.
#[derive(Clone, Copy, Debug)]
pub struct Metadata {
    /// Unique among the policies of a host.
    pub name: &'static str,
    /// How grave its violations are.
    pub severity: Severity,
    /// The code that users look up, such as `MT1001`.
    pub errcode: &'static str,
    /// The kinds it judges; none means all.
    pub targets: &'static [&'static str],
    /// The operations it judges; none means all.
    pub operations: &'static [Operation],
    /// The kinds it looks up.
    pub needs: &'static [&'static str],
    /// What it is about, in a few words.
    pub title: Option<&'static str>,
    /// What it is about, and why.
    pub description: Option<&'static str>,
    /// Where more is said.
    pub url: Option<&'static str>,
}

// === impl Metadata ===

impl Metadata {
    /// A policy that looks at everything. `name` is unique among the policies of a host, `errcode` is what users look up.
    pub const fn new(name: &'static str, severity: Severity, errcode: &'static str) -> Self {
        Self {
            name,
            severity,
            errcode,
            targets: &[],
            operations: &[],
            needs: &[],
            title: None,
            description: None,
            url: None,
        }
    }

    /// The kinds it judges, such as `Pod`, or `apps/Deployment` with the group; none means all.
    #[must_use]
    pub const fn targets(self, targets: &'static [&'static str]) -> Self {
        Self { targets, ..self }
    }

    /// The operations it judges; none means all.
    #[must_use]
    pub const fn operations(self, operations: &'static [Operation]) -> Self {
        Self { operations, ..self }
    }

    /// The kinds that it looks up, as `v1/services` or `networking.k8s.io/v1/ingresses`; see [`lookup`](crate::lookup).
    #[must_use]
    pub const fn needs(self, needs: &'static [&'static str]) -> Self {
        Self { needs, ..self }
    }

    /// What it is about, in a few words.
    #[must_use]
    pub const fn title(self, title: &'static str) -> Self {
        Self { title: Some(title), ..self }
    }

    /// What it is about, and why.
    #[must_use]
    pub const fn description(self, description: &'static str) -> Self {
        Self { description: Some(description), ..self }
    }

    /// Where more is said.
    #[must_use]
    pub const fn url(self, url: &'static str) -> Self {
        Self { url: Some(url), ..self }
    }
}
