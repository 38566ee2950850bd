//! The webhook's life in a cluster: follows the policy ConfigMaps of its namespace and the objects that policies read,
//! keeps in force what they have, and tells their owners what became of them.
//!
//! Each replica does all but the last for itself. The one that holds the Lease does that.

mod replicas;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use kube::{Client, api::ApiResource};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    evaluate::{Current, Made, Policies},
    kube::{
        lease,
        objects::{self, Followed, Key, Objects, Selection},
        status::{Status, Writer},
    },
    policy::Need,
    reload::{self, ConfigMaps, Reloaded, Reloader},
};
use replicas::Replicas;

/// ConfigMaps with policies, whatever the label says; one that it cannot say is an error in the status.
const POLICIES: &str = "openpolicyagent.org/policy";

/// ConfigMaps with data that policies read.
const DATA: &str = "openpolicyagent.org/data=opa";

/// What is applied together is loaded together; still far below the second in which a change is to be in force.
const MOMENT: Duration = Duration::from_millis(100);

/// The Lease of the replica that writes.
const LEASE: &str = "magtape-leader";

/// What has changed in the cluster is given to policies in at most this share of the time.
const SHARE: u32 = 4;

/// Kinds that are missed are looked for, and statuses that could not be written are tried, from time to time.
const AGAIN: Duration = Duration::from_secs(10);

/// Where the webhook lives.
pub struct Place {
    /// To the API server.
    pub client: Client,
    /// The namespace with the policies.
    pub namespace: String,
    /// This replica's name.
    pub identity: String,
    /// The kinds of objects that the operator lists, for policies that do not say what they read.
    pub listed: BTreeSet<Need>,
}

/// The tasks of a webhook in a cluster; dropping it ends them.
pub struct Cluster {
    keeping: JoinHandle<()>,
    candidate: lease::Candidate,
}

struct Keeper {
    policies: Followed,
    data: Followed,
    replicas: Replicas,
    reloader: Arc<Mutex<Reloader>>,
    made: Arc<Mutex<Made>>,
    current: Arc<Current>,
    ready: Box<dyn Fn() + Send + Sync>,
    writer: Writer,
    leads: watch::Receiver<bool>,
    known: State,
}

/// What the keeper knows.
#[derive(Default)]
struct State {
    /// What is in force is made of these.
    all: Arc<ConfigMaps>,
    /// What is wrong with each of them.
    errors: BTreeMap<Key, Vec<String>>,
    /// What policies read and is not known, by where they came from.
    unmet: BTreeMap<String, String>,
    /// How long it took to give policies what they read.
    given_in: Duration,
}

/// Begins to keep in `current` what the cluster has. `ready` is called when that is so for the first time, and after every
/// change.
pub fn keep(
    place: Place,
    reloader: Reloader,
    current: Arc<Current>,
    ready: impl Fn() + Send + Sync + 'static,
) -> Cluster {
    let Place { client, namespace, identity, listed } = place;
    let follow = |labels: &str| {
        let resource = ApiResource::erase::<k8s_openapi::api::core::v1::ConfigMap>(&());
        let selection = Selection { resource, namespace: Some(namespace.clone()), labels: labels.to_owned() };
        objects::follow(client.clone(), selection)
    };
    let candidate = lease::run_for(client.clone(), &namespace, LEASE, &identity);
    let keeper = Keeper {
        policies: follow(POLICIES),
        data: follow(DATA),
        replicas: Replicas::new(client.clone(), listed),
        reloader: Arc::new(Mutex::new(reloader)),
        made: Arc::default(),
        current,
        ready: Box::new(ready),
        leads: candidate.leads(),
        writer: Writer::new(client.clone(), identity),
        known: State::default(),
    };
    Cluster { keeping: tokio::spawn(keeper.run()), candidate }
}

// === impl Cluster ===

impl Cluster {
    /// Ends, and lets another replica lead at once.
    pub async fn end(self) {
        self.keeping.abort();
        self.candidate.release().await;
    }
}

// === impl Keeper ===

impl Keeper {
    async fn run(mut self) {
        let (mut policies, mut data) = (self.policies.objects(), self.data.objects());
        let mut began = false;
        loop {
            let pause = (self.known.given_in * SHARE).max(MOMENT);
            let mut changed = false;
            tokio::select! {
                alive = objects::settled(&mut policies, MOMENT) => if !alive { return },
                alive = objects::settled(&mut data, MOMENT) => if !alive { return },
                alive = self.leads.changed() => if alive.is_err() { return },
                () = self.replicas.changed(pause) => changed = true,
                () = tokio::time::sleep(AGAIN) => {}
            }
            let Some(all) = both(&policies, &data) else { continue };
            if !began || !same_content(&self.known.all, &all) {
                began |= self.reload(Arc::clone(&all)).await;
            } else if changed || self.replicas.is_to_look_again() {
                self.refresh().await;
            }
            self.known.all = all;
            self.tell().await;
        }
    }

    /// Puts in force what these ConfigMaps have; `false` when it could not be found out.
    async fn reload(&mut self, all: Arc<ConfigMaps>) -> bool {
        let reloader = Arc::clone(&self.reloader);
        let reload = move || reloader.lock().unwrap_or_else(PoisonError::into_inner).reload(&all);
        let Reloaded { policies, errors } = match tokio::task::spawn_blocking(reload).await {
            Ok(reloaded) => reloaded,
            Err(error) => {
                tracing::error!("policies were not loaded, and those before stay in force: {error}");
                return false;
            }
        };
        for ((namespace, name), errors) in &errors {
            errors
                .iter()
                .for_each(|error| tracing::error!(namespace, name, "a policy is not in force: {error}"));
        }
        let policies = Arc::new(policies);
        self.replicas.adjust(&policies).await;
        self.give(&policies).await;
        tracing::info!(policies = policies.len(), config_maps = errors.len(), "policies are in force");
        self.current.set(policies);
        self.known.errors = errors;
        (self.ready)();
        true
    }

    /// Gives the policies in force what has changed of what they read.
    async fn refresh(&mut self) {
        let policies = self.current.get();
        if self.replicas.is_to_look_again() {
            self.replicas.adjust(&policies).await;
        }
        self.give(&policies).await;
    }

    async fn give(&mut self, policies: &Arc<Policies>) {
        let inventory = self.replicas.inventory();
        let (made, policies) = (Arc::clone(&self.made), Arc::clone(policies));
        let began = Instant::now();
        let give =
            move || policies.give(&inventory, &mut made.lock().unwrap_or_else(PoisonError::into_inner));
        let unmet = match tokio::task::spawn_blocking(give).await {
            Ok(unmet) => unmet,
            Err(error) => {
                return tracing::error!("policies were not given what has changed in the cluster: {error}");
            }
        };
        self.known.given_in = began.elapsed();
        for (origin, reason) in &unmet {
            if self.known.unmet.get(origin) != Some(reason) {
                tracing::error!("{origin}: {reason}");
            }
        }
        self.known.unmet = unmet;
    }

    /// Tells owners what became of their ConfigMaps, if this replica leads.
    async fn tell(&mut self) {
        let State { all, errors, unmet, .. } = &self.known;
        let mut statuses: BTreeMap<Key, Status> =
            errors.iter().map(|(key, errors)| (key.clone(), Status { errors: errors.clone() })).collect();
        for (origin, reason) in unmet {
            if let Some(status) = reload::owner(all, origin).and_then(|key| statuses.get_mut(key)) {
                status.errors.push(reason.clone());
            }
        }
        if *self.leads.borrow() {
            self.writer.write(&statuses, all).await;
        }
    }
}

/// All ConfigMaps, once both kinds have been listed.
fn both(policies: &watch::Receiver<Objects>, data: &watch::Receiver<Objects>) -> Option<Arc<ConfigMaps>> {
    let (policies, data) = (policies.borrow().all.clone()?, data.borrow().all.clone()?);
    let mut all = (*policies).clone();
    all.extend(data.iter().map(|(key, object)| (key.clone(), Arc::clone(object))));
    Some(Arc::new(all))
}

/// Whether nothing has changed that policies are made of. Statuses are written as annotations, which are none of it.
fn same_content(one: &ConfigMaps, other: &ConfigMaps) -> bool {
    let content = |object: &serde_json::Value| {
        ["/data", "/binaryData", "/metadata/labels"].map(|pointer| object.pointer(pointer).cloned())
    };
    one.len() == other.len()
        && one.iter().zip(other).all(|((key, object), (other_key, other_object))| {
            key == other_key
                && (Arc::ptr_eq(object, other_object) || content(object) == content(other_object))
        })
}
