//! What a policy of OPA's reads of the cluster: below `data.kubernetes` as kube-mgmt lays it out, and below
//! `data.inventory` as Gatekeeper does.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    super::cluster::{Made, Standing},
    Program,
};
use crate::{
    engine::opa::{Module, Tree},
    inventory::{Inventory, Kind, Objects},
    json::Paths,
    policy::{DataReads, Need},
};

/// What the policies of one module read.
pub(in super::super) struct Cluster {
    module: Arc<Module>,
    /// Below `data`; everything that is listed when nobody knows.
    reads: Option<Paths>,
    needs: BTreeSet<Need>,
    is_gatekeeper: bool,
    standing: Standing,
}

/// Objects of a kind, and where they are below `data`.
struct Part<'i> {
    kind: &'i Kind,
    objects: &'i Arc<Objects>,
    layout: Layout,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Kubernetes,
    Inventory,
}

// === impl Program ===

impl Program {
    pub(in super::super) fn needs(&self) -> BTreeSet<Need> {
        let mut needs = self.cluster.needs.clone();
        needs.extend(
            self.constraint
                .iter()
                .filter(|asked| asked.matching.has_namespace_selector())
                .map(|_| namespaces()),
        );
        needs
    }

    pub(in super::super) fn wanted(&self, kind: &Kind, listed: bool) -> Paths {
        let mut wanted = self.cluster.wanted(kind, listed);
        let selects = self.constraint.as_ref().is_some_and(|asked| asked.matching.has_namespace_selector());
        if selects && kind.group_version == "v1" && kind.kind == "Namespace" {
            wanted.add(&["metadata"]);
        }
        wanted
    }

    pub(in super::super) fn give_cluster(
        &self,
        inventory: &Inventory,
        made: &mut Made,
    ) -> Result<(), String> {
        self.cluster.give(inventory)?;
        match &self.constraint {
            Some(asked) if asked.matching.has_namespace_selector() => {
                let known = inventory.objects(&namespaces())?;
                known.iter().for_each(|(_, objects)| asked.set_namespaces(made.namespaces(objects)));
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// What has to be known to select by the labels of a namespace.
fn namespaces() -> Need {
    Need::Kind(Some("v1".to_owned()), "Namespace".to_owned())
}

// === impl Cluster ===

impl Cluster {
    /// What the policies of that module read.
    pub(in super::super) fn new(
        module: &Arc<Module>,
        reads: Option<&DataReads>,
        is_gatekeeper: bool,
    ) -> Self {
        Self {
            module: Arc::clone(module),
            reads: reads.map(DataReads::paths),
            needs: reads.map(DataReads::needs).unwrap_or_default(),
            is_gatekeeper,
            standing: Standing::default(),
        }
    }

    /// Why the policy cannot be asked, if so.
    pub(super) fn missing(&self) -> Option<String> {
        if self.needs.is_empty() { None } else { self.standing.missing() }
    }

    /// Which parts of an object of that kind it reads.
    fn wanted(&self, kind: &Kind, listed: bool) -> Paths {
        let Some(reads) = &self.reads else { return if listed { Paths::whole() } else { Paths::none() } };
        let below = |paths: Paths, key: &str| paths.below(key).cloned().unwrap_or_default();
        let kubernetes = below(below(reads.clone(), "kubernetes"), &kind.resource);
        let scope = below(reads.clone(), "inventory");
        let mut wanted = Paths::none();
        let inventory = if kind.namespaced {
            wanted.merge(&kubernetes.below_any().below_any());
            below(scope, "namespace").below_any()
        } else {
            wanted.merge(&kubernetes.below_any());
            below(scope, "cluster")
        };
        wanted.merge(&below(below(inventory, &kind.group_version), &kind.kind).below_any());
        wanted
    }

    fn give(&self, inventory: &Inventory) -> Result<(), String> {
        let parts = self.parts(inventory);
        let objects = parts.as_ref().map(|parts| parts.iter().map(|part| Arc::clone(part.objects)).collect());
        let nothing = parts.as_ref().is_ok_and(Vec::is_empty);
        self.standing.give(objects.map_err(Clone::clone), || {
            let whole = Paths::whole();
            let wanted = self.reads.as_ref().unwrap_or(&whole);
            let mut tree = Tree::default();
            parts.iter().flatten().for_each(|part| part.add_to(&mut tree, wanted));
            self.module.set_data((!nothing).then_some(&tree)).map_err(|error| error.to_string())
        })
    }

    /// What it reads of an inventory.
    fn parts<'i>(&self, inventory: &'i Inventory) -> Result<Vec<Part<'i>>, String> {
        let mut parts = Vec::new();
        for need in &self.needs {
            let layout =
                if matches!(need, Need::Resource(..)) { Layout::Kubernetes } else { Layout::Inventory };
            let known = inventory.objects(need)?.into_iter();
            parts.extend(known.map(|(kind, objects)| Part { kind, objects, layout }));
        }
        // What reads at large is given what the operator has listed.
        let at_large = |layout: Layout| match &self.reads {
            Some(reads) => reads.below(layout.root()).is_some_and(|below| below.below("").is_some()),
            None => self.is_gatekeeper == (layout == Layout::Inventory),
        };
        for layout in [Layout::Kubernetes, Layout::Inventory].into_iter().filter(|layout| at_large(*layout)) {
            for kind in &inventory.listed {
                parts.push(Part { kind, objects: inventory.of_kind(kind)?, layout });
            }
        }
        Ok(parts)
    }
}

// === impl Layout ===

impl Layout {
    fn root(self) -> &'static str {
        match self {
            Layout::Kubernetes => "kubernetes",
            Layout::Inventory => "inventory",
        }
    }
}

// === impl Part ===

impl<'i> Part<'i> {
    fn add_to<'t>(&self, tree: &mut Tree<'t>, wanted: &'t Paths)
    where
        'i: 't,
    {
        if self.layout == Layout::Kubernetes {
            tree.open(&["kubernetes", &self.kind.resource]);
        }
        for ((namespace, name), object) in self.objects.iter() {
            let Kind { group_version, kind, resource, namespaced } = self.kind;
            let path: &[&'i str] = match (self.layout, namespaced) {
                (Layout::Kubernetes, false) => &["kubernetes", resource, name],
                (Layout::Kubernetes, true) => &["kubernetes", resource, namespace, name],
                (Layout::Inventory, false) => &["inventory", "cluster", group_version, kind, name],
                (Layout::Inventory, true) => {
                    &["inventory", "namespace", namespace, group_version, kind, name]
                }
            };
            tree.insert(path, object, wanted);
        }
    }
}
