//! Copies of the objects that policies read. What is copied follows from the policies, and from what the operator lists.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures_util::future::{pending, select_all};
use kube::{
    Client,
    api::{ApiResource, GroupVersionKind},
};
use serde_json::Value;
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use crate::{
    conditions::Conditions,
    evaluate::Policies,
    inventory::{Inventory, Kind, Known},
    json::{Document, Paths},
    kube::{
        kinds::{self, Served},
        objects::{self, Followed, Objects, Selection},
    },
    metrics::{self, Copied},
    policy::Need,
};

/// A kind that the cluster does not have is looked for again so often: its definition may come later.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// What the metrics call it.
const PURPOSE: &str = "replicas";

/// The API server lists ten thousand objects in a second or two.
const LISTED_WITHIN: Duration = Duration::from_secs(10);

/// The objects that policies read, as they come and go.
pub(super) struct Replicas {
    client: Client,
    listed: BTreeSet<Need>,
    needs: BTreeMap<Need, Known<Vec<Kind>>>,
    followed: BTreeMap<Kind, Copies>,
    looked: Option<Instant>,
    metrics: metrics::Copies,
    conditions: Conditions,
    /// Whether something has changed since the last inventory.
    dirty: bool,
}

/// The objects of one kind.
struct Copies {
    wanted: Arc<Paths>,
    objects: watch::Receiver<Objects<Document>>,
    /// Ends with it.
    _followed: Followed<Document>,
}

// === impl Replicas ===

impl Replicas {
    /// Nothing yet, but what the operator lists.
    pub(super) fn new(
        client: Client,
        listed: BTreeSet<Need>,
        metrics: metrics::Copies,
        conditions: Conditions,
    ) -> Self {
        let (needs, followed) = (BTreeMap::new(), BTreeMap::new());
        Self { client, listed, needs, followed, looked: None, metrics, conditions, dirty: false }
    }

    /// Follows what these policies read, and waits until it is there, or known why not. What others read is given up.
    pub(super) async fn adjust(&mut self, policies: &Policies) {
        let needs: BTreeSet<Need> = policies.needs().union(&self.listed).cloned().collect();
        self.look_for(needs).await;
        let listed = self.kinds_of(self.listed.iter());
        let kinds = self.kinds_of(self.needs.keys());
        self.followed.retain(|kind, _| kinds.contains(kind));
        self.metrics.keep(PURPOSE, |known| kinds.iter().any(|kind| label(kind) == known));
        for kind in kinds {
            let wanted = policies.wanted(&kind, listed.contains(&kind));
            self.follow(kind, wanted);
        }
        self.settle().await;
    }

    fn kinds_of<'n>(&self, needs: impl Iterator<Item = &'n Need>) -> BTreeSet<Kind> {
        needs.filter_map(|need| self.needs.get(need)?.as_ref().ok()).flatten().cloned().collect()
    }

    /// Asks the API server which kinds are meant.
    async fn look_for(&mut self, needs: BTreeSet<Need>) {
        let is_known = |need: &Need| matches!(self.needs.get(need), Some(Ok(kinds)) if !kinds.is_empty());
        if needs.iter().all(is_known) {
            self.needs.retain(|need, _| needs.contains(need));
            return;
        }
        self.looked = Some(Instant::now());
        let served = kinds::served(&self.client).await.map_err(|error| error.to_string());
        let found = |need: Need| {
            let kinds = served.as_ref().map(|served| meant(&need, served)).map_err(Clone::clone);
            (need, kinds)
        };
        self.needs = needs.into_iter().map(found).collect();
    }

    fn follow(&mut self, kind: Kind, wanted: Paths) {
        let mut all = wanted.clone();
        if let Some(before) = self.followed.get(&kind) {
            all.merge(&before.wanted);
            // Objects that were pruned for others have to be had again.
            if *before.wanted == all {
                return;
            }
        }
        let selection =
            Selection { resource: resource(&kind), namespace: None, labels: String::new(), name: None };
        let wanted = Arc::new(all);
        let parts = Arc::clone(&wanted);
        let condition = self.conditions.about("read-objects");
        let make = move |object| document(object, &parts);
        let followed = objects::follow_as(self.client.clone(), selection, condition, make);
        let objects = followed.objects();
        self.metrics.follow(PURPOSE, label(&kind), move || copied(&objects.borrow()));
        let copies = Copies { wanted, objects: followed.objects(), _followed: followed };
        self.followed.insert(kind, copies);
    }

    /// Waits until each kind has been listed, or could not be.
    async fn settle(&mut self) {
        let until = Instant::now() + LISTED_WITHIN;
        for copies in self.followed.values_mut() {
            let heard = copies.objects.wait_for(|objects| objects.all.is_some() || objects.stale.is_some());
            // What takes longer is told as not listed yet.
            drop(timeout_at(until, heard).await);
        }
    }

    /// Waits until something has changed, and a moment more for what changes with it.
    pub(super) async fn changed(&mut self, moment: Duration) {
        // Whoever is interrupted in that moment has it told the next time.
        if !self.dirty {
            let all = self.followed.values_mut();
            let changed: Vec<_> = all.map(|copies| Box::pin(copies.objects.changed())).collect();
            if changed.is_empty() {
                pending::<()>().await;
            }
            drop(select_all(changed).await);
            self.dirty = true;
        }
        tokio::time::sleep(moment).await;
    }

    /// Whether a kind is missed that may have come in the meantime.
    pub(super) fn is_to_look_again(&self) -> bool {
        let missed = |known: &Known<Vec<Kind>>| known.as_ref().map_or(true, Vec::is_empty);
        self.looked.is_some_and(|looked| looked.elapsed() >= LOOK_AGAIN) && self.needs.values().any(missed)
    }

    /// What is known now.
    pub(super) fn inventory(&mut self) -> Inventory {
        self.dirty = false;
        let kinds = self.followed.iter_mut().map(|(kind, copies)| (kind.clone(), copies.known())).collect();
        Inventory { needs: self.needs.clone(), kinds, listed: self.kinds_of(self.listed.iter()) }
    }
}

// === impl Copies ===

impl Copies {
    fn known(&mut self) -> Known<Arc<crate::inventory::Objects>> {
        let objects = self.objects.borrow_and_update();
        match (&objects.all, &objects.stale) {
            // What was true a while ago is better than nothing; how old it is can be seen in the metrics.
            (Some(all), _) => Ok(Arc::clone(all)),
            (None, Some((_, reason))) => Err(reason.clone()),
            (None, None) => Err("they have not been listed yet".to_owned()),
        }
    }
}

/// The name of a kind in the metrics.
fn label(kind: &Kind) -> String {
    format!("{}/{}", kind.group_version, kind.resource)
}

fn copied(objects: &Objects<Document>) -> Copied {
    let bytes = |all: &BTreeMap<_, Arc<Document>>| all.values().map(|one| one.text().len()).sum();
    let size = objects.all.as_ref().map(|all| (all.len(), bytes(all)));
    Copied { stale: objects.staleness(), size: Some(size.unwrap_or_default()) }
}

/// The kinds that a need stands for, of those that are served.
fn meant(need: &Need, served: &[Served]) -> Vec<Kind> {
    let is_of = |served: &Served, group_version: &Option<String>| match group_version {
        Some(wanted) => served.resource.api_version == *wanted,
        None => served.recommended,
    };
    match need {
        Need::Resource(group_version, name) => {
            let found = served.iter().find(|one| one.resource.plural == *name && is_of(one, group_version));
            found.map(kind).into_iter().collect()
        }
        Need::Kind(group_version, name) => {
            let found = served.iter().filter(|one| one.resource.kind == *name && is_of(one, group_version));
            found.map(kind).collect()
        }
    }
}

fn kind(served: &Served) -> Kind {
    let resource = &served.resource;
    Kind {
        group_version: resource.api_version.clone(),
        kind: resource.kind.clone(),
        resource: resource.plural.clone(),
        namespaced: served.namespaced,
    }
}

fn resource(kind: &Kind) -> ApiResource {
    let (group, version) = kind.group_version.split_once('/').unwrap_or(("", &kind.group_version));
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, &kind.kind), &kind.resource)
}

/// The wanted parts of an object, in little room.
fn document(mut object: Value, wanted: &Paths) -> Document {
    prune(&mut object, wanted);
    // What serde_json has written is nested no deeper than what it reads.
    Document::parse(object.to_string()).unwrap_or_else(|error| {
        tracing::error!("an object of the cluster is left out: {error}");
        Document::null()
    })
}

fn prune(value: &mut Value, wanted: &Paths) {
    if wanted.is_whole() {
        return;
    }
    if let Value::Object(members) = value {
        members.retain(|key, member| {
            wanted.below(key).is_some_and(|wanted| {
                prune(member, wanted);
                true
            })
        });
    }
}
