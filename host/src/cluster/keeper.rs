//! Keeps in force the policies that the cluster has, with the objects that they read.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{MOMENT, RETRY, begun::Begun, replicas::Replicas};
use crate::{
    evaluate::{Current, Made, Policies},
    kube::{
        objects::{self, Followed, Key, Objects},
        status::{Status, Writer},
    },
    metrics::Metrics,
    reload::{self, ConfigMaps, Reloaded, Reloader},
};

/// What has changed in the cluster is given to policies in at most a fifth of the time: so many times as long as it took
/// is waited.
const SHARE: u32 = 4;

/// Keeps the policies.
pub(super) struct Keeper {
    pub(super) policies: Followed,
    pub(super) data: Followed,
    pub(super) replicas: Replicas,
    pub(super) reloader: Arc<Mutex<Reloader>>,
    pub(super) made: Arc<Mutex<Made>>,
    pub(super) current: Arc<Current>,
    pub(super) ready: Box<dyn Fn() + Send + Sync>,
    pub(super) writer: Writer,
    pub(super) leads: watch::Receiver<bool>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) known: State,
}

/// What the keeper knows.
#[derive(Default)]
pub(super) struct State {
    /// What is in force is made of these.
    all: Arc<ConfigMaps>,
    /// What is wrong with each of them.
    errors: BTreeMap<Key, Vec<String>>,
    /// What policies read and is not known, by where they came from.
    unmet: BTreeMap<String, String>,
    /// How long it took to give policies what they read.
    given_in: Duration,
}

// === impl Keeper ===

impl Keeper {
    pub(super) async fn run(mut self, mut begun: Begun) {
        // Before anything is judged, so that the first request is judged as strictly as the next.
        begun.wait().await;
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
                () = tokio::time::sleep(RETRY) => {}
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
        let began = Instant::now();
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
        let broken = errors.values().filter(|errors| !errors.is_empty()).count();
        self.metrics.loads().loaded(began.elapsed(), errors.len() - broken, broken);
        self.current.set_shared(policies);
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
        let mut statuses: BTreeMap<Key, Status> = errors
            .iter()
            .map(|(key, errors)| (key.clone(), Status { errors: errors.clone(), ..Status::default() }))
            .collect();
        for (origin, reason) in unmet {
            if let Some(status) = reload::owner(all, origin).and_then(|key| statuses.get_mut(key)) {
                status.errors.push(reason.clone());
            }
        }
        self.writer.write(&statuses, all).await;
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
pub(super) fn same_content(one: &ConfigMaps, other: &ConfigMaps) -> bool {
    let has_same = |object: &serde_json::Value, other: &serde_json::Value| {
        ["/data", "/binaryData", "/metadata/labels"]
            .iter()
            .all(|pointer| object.pointer(pointer) == other.pointer(pointer))
    };
    one.len() == other.len()
        && one.iter().zip(other).all(|((key, object), (other_key, other_object))| {
            key == other_key && (Arc::ptr_eq(object, other_object) || has_same(object, other_object))
        })
}
