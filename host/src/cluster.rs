//! The webhook's life in a cluster: follows the policy ConfigMaps of its namespace, keeps in force what they have, and
//! tells their owners what became of them.
//!
//! Each replica does the first two for itself. The one that holds the Lease does the last.
//!
//! The same holds for exemptions (`exemptions`) and for policies that tenants bring (`tenants`). `levels` follows the
//! namespaces, for the deny level of each.

mod begun;
mod exemptions;
mod levels;
mod tenants;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use kube::{Client, api::ApiResource};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    evaluate::{Current, Governance},
    kube::{
        lease,
        objects::{self, Followed, Key, Objects, Selection},
        status::{Content, Status, Writer},
    },
    reload::{ConfigMaps, Reloader},
    source,
    verdict::DenyLevel,
};
use begun::Begun;
pub use tenants::Tenancy;

/// ConfigMaps with policies, whatever the label says; one that it cannot say is an error in the status.
const POLICIES: &str = "openpolicyagent.org/policy";

/// ConfigMaps with data that policies read.
const DATA: &str = "openpolicyagent.org/data=opa";

/// What is applied together is loaded together; still far below the second in which a change is to be in force.
const MOMENT: Duration = Duration::from_millis(100);

/// The Lease of the replica that writes.
const LEASE: &str = "magtape-leader";

/// Statuses that could not be written are tried again.
const RETRY: Duration = Duration::from_secs(10);

/// Where the webhook lives.
pub struct Place {
    /// To the API server.
    pub client: Client,
    /// The namespace with the policies.
    pub namespace: String,
    /// This replica's name.
    pub identity: String,
}

/// What the webhook judges by, kept as the cluster has it.
#[derive(Clone)]
pub struct InForce {
    /// The policies.
    pub policies: Arc<Current>,
    /// What is said beside them.
    pub governance: Arc<Governance>,
    /// The deny level where no namespace is stricter.
    pub level: DenyLevel,
}

/// The tasks of a webhook in a cluster; dropping it ends them.
pub struct Cluster {
    keeping: JoinSet<()>,
    candidate: lease::Candidate,
    /// Kept as long as what follows from them is.
    _followed: [Followed; 2],
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

/// Begins to keep `in_force` as the cluster is. `ready` is called when that is so for the first time, and after every
/// change of policies. Policies of tenants are not waited for.
pub fn keep(
    place: Place,
    reloader: Reloader,
    tenancy: Option<Tenancy>,
    in_force: InForce,
    ready: impl Fn() + Send + Sync + 'static,
) -> Cluster {
    let Place { client, namespace, identity } = place;
    let InForce { policies: current, governance, level } = in_force;
    let follow = |labels: &str| objects::follow(client.clone(), config_maps(&namespace, labels));
    let candidate = lease::run_for(client.clone(), &namespace, LEASE, &identity);
    let writer = |content| Writer::new(client.clone(), content, identity.clone());
    let (beginning, begun) = begun::channel();
    let namespaces = objects::follow(client.clone(), namespaces());
    let exemptions = follow(source::exemptions::LABEL);
    let mut keeping = JoinSet::new();
    keeping.spawn(levels::keep(namespaces.objects(), Arc::clone(&governance), level, beginning.clone()));
    if let Some(tenancy) = tenancy {
        let tenants = tenants::Keeper {
            client: client.clone(),
            home: namespace.clone(),
            identity: identity.clone(),
            tenancy,
            governance: Arc::clone(&governance),
            leads: candidate.leads(),
        };
        keeping.spawn(tenants.run());
    }
    let exempting = exemptions::Keeper {
        config_maps: exemptions.objects(),
        governance,
        writer: writer(Content::Exemptions),
        leads: candidate.leads(),
    };
    keeping.spawn(exempting.run(beginning));
    let keeper = Keeper {
        policies: follow(POLICIES),
        data: follow(DATA),
        reloader: Arc::new(Mutex::new(reloader)),
        current,
        ready: Box::new(ready),
        writer: writer(Content::Policies),
        leads: candidate.leads(),
    };
    keeping.spawn(keeper.run(begun));
    Cluster { keeping, candidate, _followed: [namespaces, exemptions] }
}

fn config_maps(namespace: &str, labels: &str) -> Selection {
    let resource = ApiResource::erase::<k8s_openapi::api::core::v1::ConfigMap>(&());
    Selection { resource, namespace: Some(namespace.to_owned()), labels: labels.to_owned() }
}

fn namespaces() -> Selection {
    let resource = ApiResource::erase::<k8s_openapi::api::core::v1::Namespace>(&());
    Selection { resource, namespace: None, labels: String::new() }
}

// === impl Cluster ===

impl Cluster {
    /// Ends, and lets another replica lead at once.
    pub async fn end(mut self) {
        self.keeping.abort_all();
        self.candidate.release().await;
    }
}

// === impl Keeper ===

impl Keeper {
    async fn run(mut self, mut begun: Begun) {
        // Before anything is judged, so that the first request is judged as strictly as the next.
        begun.wait().await;
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
        Some(
            reloaded
                .errors
                .into_iter()
                .map(|(key, errors)| (key, Status { errors, ..Status::default() }))
                .collect(),
        )
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
