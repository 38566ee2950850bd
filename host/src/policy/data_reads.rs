//! Which parts of `data` a policy can read, and which objects of the cluster those are.
//!
//! The patterns come from the Rego compiler (host/rego-compiler/reads.go). What no pattern leads to may be left out of
//! the data: the policy answers the same.

use std::{collections::BTreeSet, fmt};

use super::reads;
use crate::json::Paths;

/// Keys below `data`, where nothing is any key. The empty key comes last and says that only its being there is looked at.
pub type Pattern = Vec<Option<String>>;

/// Places below `data`; everything at and below each of them may be read, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataReads {
    patterns: Vec<Pattern>,
}

/// A kind of objects that a policy reads, as far as it says which.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// By the name in the API's paths, such as `pods`; of the group and version, such as `apps/v1`, if it is said.
    Resource(Option<String>, String),
    /// By its kind, such as `Pod`; of every group and version unless one is said.
    Kind(Option<String>, String),
}

/// As a flag or a policy would write it: `apps/v1/deployments`, `pods`, `networking.k8s.io/v1/Ingress`.
impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Need::Resource(group_version, name) | Need::Kind(group_version, name)) = self;
        group_version.iter().try_for_each(|group_version| write!(f, "{group_version}/"))?;
        f.write_str(name)
    }
}

/// As the policy would write it: `data.kubernetes.pods[_][_].metadata.labels`.
impl fmt::Display for DataReads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let references: Vec<String> = self.patterns.iter().map(reference).collect();
        f.write_str(&references.join(", "))
    }
}

fn reference(pattern: &Pattern) -> String {
    let mut text = "data".to_owned();
    for key in pattern {
        match key.as_deref() {
            Some("") => {}
            Some(key) => reads::push_key(&mut text, key),
            None => text.push_str("[_]"),
        }
    }
    text
}

// === impl DataReads ===

impl DataReads {
    /// What is read when all of these are.
    pub fn new(patterns: Vec<Pattern>) -> Self {
        Self { patterns }
    }

    /// The patterns as the compiler tells them.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// The same as paths below `data`.
    pub fn paths(&self) -> Paths {
        let mut paths = Paths::none();
        self.patterns.iter().for_each(|pattern| paths.add_pattern(pattern));
        paths
    }

    /// The kinds of objects that it names: below `data.kubernetes` by resource, as kube-mgmt lays them out, and below
    /// `data.inventory` by kind, as Gatekeeper does.
    pub fn needs(&self) -> BTreeSet<Need> {
        self.patterns.iter().filter_map(need).collect()
    }
}

fn need(pattern: &Pattern) -> Option<Need> {
    let key = |at: usize| pattern.get(at).cloned().flatten().filter(|key| !key.is_empty());
    match (key(0)?.as_str(), key(1)?.as_str()) {
        ("kubernetes", resource) => Some(Need::Resource(None, resource.to_owned())),
        ("inventory", "cluster") => Some(Need::Kind(key(2), key(3)?)),
        ("inventory", "namespace") => Some(Need::Kind(key(3), key(4)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `kubernetes.pods.*.*.metadata` as a pattern.
    fn reads(patterns: &[&str]) -> DataReads {
        let key = |key: &str| (key != "*").then(|| key.to_owned());
        DataReads::new(patterns.iter().map(|pattern| pattern.split('.').map(key).collect()).collect())
    }

    #[test]
    fn what_is_named_is_needed() {
        for (pattern, need) in [
            ("kubernetes.pods.*.*.metadata", Some("pods")),
            ("kubernetes.namespaces", Some("namespaces")),
            ("kubernetes", None),
            ("kubernetes.*.default", None),
            ("inventory.cluster.v1.Namespace.*.metadata", Some("v1/Namespace")),
            ("inventory.namespace.*.*.Ingress.*", Some("Ingress")),
            ("inventory.namespace.shop.apps/v1.Deployment", Some("apps/v1/Deployment")),
            ("inventory.namespace.*.v1", None),
            ("limits.pods", None),
        ] {
            let needs: Vec<String> = reads(&[pattern]).needs().iter().map(Need::to_string).collect();
            assert_eq!(needs, need.into_iter().collect::<Vec<_>>(), "{pattern}");
        }
    }

    #[test]
    fn they_are_shown_as_references() {
        let reads = reads(&["kubernetes.namespaces.*.metadata.annotations.a/b", "kubernetes.pods.*.*."]);
        let shown = "data.kubernetes.namespaces[_].metadata.annotations[\"a/b\"], data.kubernetes.pods[_][_]";
        assert_eq!(reads.to_string(), shown);
    }
}
