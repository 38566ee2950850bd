//! The kinds of objects that the API server serves.

use kube::{
    Client, Discovery,
    api::ApiResource,
    discovery::{Scope, verbs},
};

/// A kind that can be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// Its group, version, kind, and name in paths.
    pub resource: ApiResource,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
    /// Whether the API server recommends that version of its group.
    pub recommended: bool,
}

/// All kinds that can be followed. Where a name is in several groups, Kubernetes' own come first, and of those the core.
///
/// # Errors
/// When the API server does not say.
pub async fn served(client: &Client) -> kube::Result<Vec<Served>> {
    // One request; API servers before 1.27 need one for each group and version.
    let discovery = match Discovery::new(client.clone()).run_aggregated().await {
        Ok(discovery) => discovery,
        Err(_) => Discovery::new(client.clone()).run().await?,
    };
    let mut groups = discovery.groups_alphabetical();
    groups.sort_by_key(|group| rank(group.name()));
    let mut served = Vec::new();
    for group in groups {
        for version in group.versions() {
            for (resource, capabilities) in group.versioned_resources(version) {
                if capabilities.supports_operation(verbs::LIST)
                    && capabilities.supports_operation(verbs::WATCH)
                {
                    served.push(Served {
                        recommended: version == group.preferred_version_or_latest(),
                        namespaced: capabilities.scope == Scope::Namespaced,
                        resource,
                    });
                }
            }
        }
    }
    Ok(served)
}

fn rank(group: &str) -> u8 {
    match group {
        "" => 0,
        own if !own.contains('.') => 1,
        own if own.ends_with(".k8s.io") => 2,
        _ => 3,
    }
}
