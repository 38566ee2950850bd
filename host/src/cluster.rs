//! The webhook's life in a cluster: follows the policy ConfigMaps of its namespace, keeps in force what they have, and
//! tells their owners what became of them.
//!
//! Each replica does the first two for itself. The one that holds the Lease does the last.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use kube::{Client, api::ApiResource};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    evaluate::Current,
    kube::{
        objects::{self, Followed, Key, Objects, Selection},
        status::{Status, Writer},
    },
    reload::{ConfigMaps, Reloader},
};

/// ConfigMaps with policies, whatever the label says; one that it cannot say is an error in the status.
const POLICIES: &str = "openpolicyagent.org/policy";

/// ConfigMaps with data that policies read.
const DATA: &str = "openpolicyagent.org/data=opa";

/// What is applied together is loaded together; still far below the second in which a change is to be in force.
const MOMENT: Duration = Duration::from_millis(100);

/// Statuses that could not be written are tried again.
const RETRY: Duration = Duration::from_secs(10);

/// Where the webhook lives.
#[derive(Clone)]
pub struct Place {
    /// To the API server.
    pub client: Client,
    /// The namespace with the policies.
    pub namespace: String,
    /// This replica's name.
    pub identity: String,
    /// Whether this replica is the one that writes.
    pub leads: watch::Receiver<bool>,
}

/// The tasks of a webhook in a cluster; dropping it ends them.
pub struct Cluster {
    keeping: JoinHandle<()>,
}

struct Keeper {
    policies: Followed,
    data: Followed,
    reloader: Arc<Mutex<Reloader>>,
    current: Arc<Current>,
    ready: Box<dyn Fn() + Send + Sync>,
    writer: Writer,
    leads: watch::Receiver<bool>,
}

/// Begins to keep in `current` what the cluster has. `ready` is called when that is so for the first time, and after every
/// change.
pub fn keep(
    place: Place,
    reloader: Reloader,
    current: Arc<Current>,
    ready: impl Fn() + Send + Sync + 'static,
) -> Cluster {
    let Place { client, namespace, identity, leads } = place;
    let follow = |labels: &str| {
        let resource = ApiResource::erase::<k8s_openapi::api::core::v1::ConfigMap>(&());
        let selection =
            Selection { resource, namespace: Some(namespace.clone()), labels: labels.to_owned(), name: None };
        objects::follow(client.clone(), selection)
    };
    let keeper = Keeper {
        policies: follow(POLICIES),
        data: follow(DATA),
        reloader: Arc::new(Mutex::new(reloader)),
        current,
        ready: Box::new(ready),
        leads,
        writer: Writer::new(client.clone(), identity),
    };
    Cluster { keeping: tokio::spawn(keeper.run()) }
}

// === impl Cluster ===

impl Drop for Cluster {
    fn drop(&mut self) {
        self.keeping.abort();
    }
}

// === impl Keeper ===

impl Keeper {
    async fn run(mut self) {
        let (mut policies, mut data) = (self.policies.objects(), self.data.objects());
        let mut told = BTreeMap::new();
        let mut seen: Option<Arc<ConfigMaps>> = None;
        let mut untold = false;
        loop {
            tokio::select! {
                alive = objects::settled(&mut policies, MOMENT) => if !alive { return },
                alive = objects::settled(&mut data, MOMENT) => if !alive { return },
                changed = self.leads.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(RETRY), if untold => {}
            }
            let Some(all) = both(&policies, &data) else { continue };
            if seen.as_ref().is_none_or(|seen| !same_content(seen, &all))
                && let Some(statuses) = self.reload(Arc::clone(&all)).await
            {
                told = statuses;
            }
            untold = *self.leads.borrow() && self.writer.write(&told, &all).await > 0;
            seen = Some(all);
        }
    }

    /// Puts in force what these ConfigMaps have.
    async fn reload(&self, all: Arc<ConfigMaps>) -> Option<BTreeMap<Key, Status>> {
        let reloader = Arc::clone(&self.reloader);
        let reload = move || reloader.lock().unwrap_or_else(PoisonError::into_inner).reload(&all);
        let reloaded = match tokio::task::spawn_blocking(reload).await {
            Ok(reloaded) => reloaded,
            Err(error) => {
                tracing::error!("policies were not loaded, and those before stay in force: {error}");
                return None;
            }
        };
        for ((namespace, name), errors) in &reloaded.errors {
            errors
                .iter()
                .for_each(|error| tracing::error!(namespace, name, "a policy is not in force: {error}"));
        }
        tracing::info!(
            policies = reloaded.policies.len(),
            config_maps = reloaded.errors.len(),
            "policies are in force"
        );
        self.current.set(reloaded.policies);
        (self.ready)();
        Some(reloaded.errors.into_iter().map(|(key, errors)| (key, Status { errors })).collect())
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
