//! Those who send requests in a cluster.

/// The user of the cluster's own client, which sets the recording up.
pub(super) const SETUP: &str = "admin";

/// The group of those who deploy.
pub(super) const DEPLOYERS: &str = "shop:deployers";

/// Somebody who sends requests.
#[derive(Clone, Debug)]
pub(super) struct Actor {
    pub(super) user: String,
    pub(super) group: &'static str,
    /// What the program calls itself; the API server takes the part before the slash as field manager.
    pub(super) agent: &'static str,
}

// === impl Actor ===

impl Actor {
    /// What deploys the shop.
    pub(super) fn pipeline() -> Self {
        Self { user: "pipeline@shop.example".to_owned(), group: DEPLOYERS, agent: "deploy/2.7.0" }
    }

    /// Somebody at a keyboard.
    pub(super) fn person() -> Self {
        Self { user: "on-call@shop.example".to_owned(), group: DEPLOYERS, agent: "kubectl/v1.35.4" }
    }

    /// A controller of Kubernetes' own.
    pub(super) fn controller(name: &str) -> Self {
        let user = format!("system:serviceaccount:kube-system:{name}");
        Self { user, group: "system:serviceaccounts", agent: "kube-controller-manager/v1.35.4" }
    }

    /// The scheduler.
    pub(super) fn scheduler() -> Self {
        let user = "system:kube-scheduler".to_owned();
        Self { user, group: "system:authenticated", agent: "kube-scheduler/v1.35.4" }
    }
}
