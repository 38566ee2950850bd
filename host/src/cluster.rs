//! The webhook's life in a cluster: follows the policy ConfigMaps of its namespace and the objects that policies read,
//! keeps in force what they have, and tells their owners what became of them.
//!
//! Each replica does all but the last for itself. The one that holds the Lease does that.
//!
//! `keeper` keeps the policies and `replicas` what they read, `exemptions` the exemptions, `tenants` the policies that
//! tenants bring, and `levels` the deny level of each namespace.

mod begun;
mod exemptions;
mod keeper;
mod levels;
mod replicas;
mod tenants;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use kube::{Client, api::ApiResource};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    conditions::Conditions,
    evaluate::{Current, Governance},
    kube::{
        objects::{self, Followed, Objects, Selection},
        status::{Content, Writer},
    },
    metrics::{Copied, Metrics},
    policy::Need,
    reload::Reloader,
    source,
    verdict::DenyLevel,
};
use keeper::Keeper;
use replicas::Replicas;
pub use tenants::Tenancy;

/// ConfigMaps with policies, whatever the label says; one that it cannot say is an error in the status.
const POLICIES: &str = "openpolicyagent.org/policy";

/// ConfigMaps with data that policies read.
const DATA: &str = "openpolicyagent.org/data=opa";

/// What is applied together is loaded together; still far below the second in which a change is to be in force.
const MOMENT: Duration = Duration::from_millis(100);

/// Statuses that could not be written are tried again, and kinds that are missed are looked for.
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
    /// The kinds of objects that the operator lists, for policies that do not say what they read.
    pub listed: BTreeSet<Need>,
    /// Where it is told what does not go as it should.
    pub conditions: Conditions,
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
    _keeping: JoinSet<()>,
    /// Kept as long as what follows from them is.
    _followed: [Followed; 2],
}

/// Begins to keep `in_force` as the cluster is. `ready` is called when that is so for the first time, and after every
/// change of policies. Policies of tenants are not waited for. `metrics` tells how it goes.
pub fn keep(
    place: Place,
    reloader: Reloader,
    tenancy: Option<Tenancy>,
    in_force: InForce,
    metrics: Arc<Metrics>,
    ready: impl Fn() + Send + Sync + 'static,
) -> Cluster {
    let Place { client, namespace, identity, leads, listed, conditions } = place;
    let InForce { policies: current, governance, level } = in_force;
    let follow = |labels: &str, about| {
        objects::follow(client.clone(), config_maps(&namespace, labels), conditions.about(about))
    };
    let writer = |content| Writer::new(client.clone(), content, identity.clone(), leads.clone(), &conditions);
    let (beginning, begun) = begun::channel();
    let namespaces = objects::follow(client.clone(), namespaces(), conditions.about("read-namespaces"));
    let exemptions = follow(source::exemptions::LABEL, "read-exemptions");
    let (policies, data) = (follow(POLICIES, "read-policies"), follow(DATA, "read-data"));
    watch(&metrics, "policies", "v1/configmaps", policies.objects());
    watch(&metrics, "data", "v1/configmaps", data.objects());
    watch(&metrics, "exemptions", "v1/configmaps", exemptions.objects());
    watch(&metrics, "levels", "v1/namespaces", namespaces.objects());
    let mut keeping = JoinSet::new();
    keeping.spawn(levels::keep(namespaces.objects(), Arc::clone(&governance), level, beginning.clone()));
    if let Some(tenancy) = tenancy {
        let tenants = tenants::Keeper {
            client: client.clone(),
            home: namespace.clone(),
            identity: identity.clone(),
            tenancy,
            governance: Arc::clone(&governance),
            leads: leads.clone(),
            conditions: conditions.clone(),
        };
        keeping.spawn(tenants.run());
    }
    let exempting = exemptions::Keeper {
        config_maps: exemptions.objects(),
        governance,
        writer: writer(Content::Exemptions),
        leads: leads.clone(),
    };
    keeping.spawn(exempting.run(beginning));
    let keeper = Keeper {
        policies,
        data,
        replicas: Replicas::new(client.clone(), listed, metrics.copies().clone(), conditions.clone()),
        metrics,
        reloader: Arc::new(Mutex::new(reloader)),
        made: Arc::default(),
        current,
        ready: Box::new(ready),
        writer: writer(Content::Policies),
        leads: leads.clone(),
        known: keeper::State::default(),
    };
    keeping.spawn(keeper.run(begun));
    Cluster { _keeping: keeping, _followed: [namespaces, exemptions] }
}

/// Tells for how long nothing has been heard of what is followed.
fn watch(metrics: &Metrics, purpose: &'static str, kind: &str, objects: watch::Receiver<Objects>) {
    metrics
        .copies()
        .follow(purpose, kind, move || Copied { stale: objects.borrow().staleness(), size: None });
}

fn config_maps(namespace: &str, labels: &str) -> Selection {
    let resource = ApiResource::erase::<k8s_openapi::api::core::v1::ConfigMap>(&());
    Selection { resource, namespace: Some(namespace.to_owned()), labels: labels.to_owned(), name: None }
}

fn namespaces() -> Selection {
    let resource = ApiResource::erase::<k8s_openapi::api::core::v1::Namespace>(&());
    Selection { resource, namespace: None, labels: String::new(), name: None }
}
