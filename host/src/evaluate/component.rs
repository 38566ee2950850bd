//! Asks a component about a request.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use super::{
    cluster::{Made, Standing},
    subject::Subject,
};
use crate::{
    engine::{
        Fault,
        component::{self as engine, Component, Documents},
    },
    inventory::{Inventory, Kind},
    json::{Document, Paths},
    policy::{Metadata, Need},
    verdict::{Enforcement, Finding, Violation},
};

/// A policy that is a component.
#[derive(Clone)]
pub struct Program {
    pub(super) component: Arc<Component>,
    pub(super) parameters: Arc<Document>,
    /// What it looks up.
    pub(super) cluster: Arc<Cluster>,
}

/// The objects of the cluster, by the kinds that a policy declares; nothing where none are known.
pub(super) type Kinds = BTreeMap<String, Option<Arc<Document>>>;

/// What a policy looks up.
pub(super) struct Cluster {
    needs: BTreeMap<String, Need>,
    kinds: RwLock<Arc<Kinds>>,
    standing: Standing,
}

// === impl Program ===

impl Program {
    pub(super) fn ask(
        &self,
        metadata: &Metadata,
        subject: &Subject<'_>,
        now: Duration,
        left: Duration,
    ) -> Result<Finding, Fault> {
        self.cluster.missing().map_or(Ok(()), |reason| Err(Fault::Cluster(reason)))?;
        let documents = Documents {
            review: Arc::clone(subject.request.document()),
            parameters: Arc::clone(&self.parameters),
            kinds: self.cluster.kinds(),
        };
        let Some(found) = self.component.evaluate(documents, now, left)? else {
            return Ok(Finding::NotApplicable);
        };
        let violations = found.into_iter().map(|found| violation(found, metadata));
        violations.collect::<Result<_, _>>().map(Finding::of)
    }
}

impl Program {
    pub(super) fn needs(&self) -> BTreeSet<Need> {
        self.cluster.needs.values().cloned().collect()
    }

    /// Which parts of an object of that kind it reads. It may read any.
    pub(super) fn wanted(&self, kind: &Kind) -> Paths {
        let is_it = |need: &Need| match need {
            Need::Resource(group_version, resource) => {
                *resource == kind.resource
                    && group_version.as_ref().is_none_or(|wanted| *wanted == kind.group_version)
            }
            Need::Kind(..) => false,
        };
        if self.cluster.needs.values().any(is_it) { Paths::whole() } else { Paths::none() }
    }

    pub(super) fn give_cluster(&self, inventory: &Inventory, made: &mut Made) -> Result<(), String> {
        let Cluster { needs, kinds, standing } = &*self.cluster;
        let known = needs.iter().map(|(name, need)| Ok((name, inventory.objects(need)?)));
        let known = known.collect::<Result<Vec<_>, String>>();
        let objects = known.as_ref().map(|known| {
            known
                .iter()
                .flat_map(|(_, objects)| objects.iter().map(|(_, objects)| Arc::clone(objects)))
                .collect()
        });
        standing.give(objects.map_err(Clone::clone), || {
            let mut found = Kinds::new();
            for (name, objects) in known.iter().flatten() {
                let document =
                    objects.first().map(|(kind, objects)| made.document(kind, objects)).transpose()?;
                found.insert((*name).clone(), document);
            }
            *kinds.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(found);
            Ok(())
        })
    }
}

// === impl Cluster ===

impl Cluster {
    /// What a policy looks up that declares these kinds, and what of it is known already.
    pub(super) fn new(declared: &BTreeSet<String>, kinds: Kinds) -> Self {
        let need = |name: &String| {
            let need = match name.rsplit_once('/') {
                Some((group_version, resource)) => {
                    Need::Resource(Some(group_version.to_owned()), resource.to_owned())
                }
                None => Need::Resource(None, name.clone()),
            };
            (name.clone(), need)
        };
        Self {
            needs: declared.iter().map(need).collect(),
            kinds: RwLock::new(Arc::new(kinds)),
            standing: Standing::default(),
        }
    }

    /// Why the policy cannot be asked, if so.
    fn missing(&self) -> Option<String> {
        if self.needs.is_empty() { None } else { self.standing.missing() }
    }

    fn kinds(&self) -> Arc<Kinds> {
        Arc::clone(&self.kinds.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A violation in the form that users know: severity, text, code.
fn violation(found: engine::Violation, metadata: &Metadata) -> Result<Violation, Fault> {
    if found.message.is_empty() {
        return Err(Fault::Answer("answered a violation without a message".to_owned()));
    }
    let details = found.details.as_deref().map(serde_json::from_str::<serde_json::Map<_, _>>).transpose();
    let details = details
        .map_err(|error| Fault::Answer(format!("answered details that are no JSON object: {error}")))?;
    Ok(Violation {
        message: format!("[FAIL] {} - {} ({})", metadata.severity, found.message, metadata.errcode),
        severity: metadata.severity,
        errcode: metadata.errcode.clone(),
        enforcement: Enforcement::Deny,
        field: found.field,
        details: details.map(Into::into),
        exempted: None,
    })
}
