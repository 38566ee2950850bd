//! Policies that tenants bring: follows the namespaces that an administrator selected, and the policy ConfigMaps of each.
//!
//! Each tenant has a task and a reloader of its own, beside the one of the webhook's own policies. They are compiled one
//! tenant at a time.

mod caps;
mod tenant;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use kube::Client;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
};

use super::{MOMENT, namespaces};
use crate::{
    conditions::Conditions,
    evaluate::{Governance, tenants::Tenant},
    kube::objects,
    reload::Reloader,
};

/// Namespaces that may bring policies. Each has a watch, and up to sixteen compiled policies in memory.
const MAX_TENANTS: usize = 200;

/// Who may bring policies.
pub struct Tenancy {
    /// A label selector for their namespaces.
    pub selector: String,
    /// What makes a tenant's policies, for each of them.
    pub reloader: Box<dyn Fn() -> Reloader + Send + Sync>,
}

/// Keeps the policies of all tenants in force.
pub(super) struct Keeper {
    pub(super) client: Client,
    /// The webhook's own namespace, which is no tenant's.
    pub(super) home: String,
    pub(super) identity: String,
    pub(super) tenancy: Tenancy,
    pub(super) governance: Arc<Governance>,
    pub(super) leads: watch::Receiver<bool>,
    pub(super) conditions: Conditions,
}

/// The tenants that there are, with what they have in force.
struct Board {
    tenants: Mutex<BTreeMap<String, Option<Arc<Tenant>>>>,
    governance: Arc<Governance>,
}

// === impl Keeper ===

impl Keeper {
    pub(super) async fn run(self) {
        let selection = objects::Selection { labels: self.tenancy.selector.clone(), ..namespaces() };
        let followed = objects::follow_outlines(
            self.client.clone(),
            selection,
            self.conditions.about("read-namespaces"),
        );
        let mut selected = followed.objects();
        let board = Arc::new(Board { tenants: Mutex::default(), governance: Arc::clone(&self.governance) });
        let turn = Arc::new(Semaphore::new(1));
        let mut tasks: BTreeMap<String, JoinSet<()>> = BTreeMap::new();
        while objects::settled(&mut selected, MOMENT).await {
            let Some(all) = selected.borrow().all.clone() else { continue };
            let names = all.keys().map(|(_, name)| name).filter(|name| **name != self.home);
            let names: Vec<&String> = names.take(MAX_TENANTS).collect();
            if all.len() > MAX_TENANTS.saturating_add(1) {
                tracing::warn!(selected = all.len(), "only {MAX_TENANTS} namespaces may bring policies");
            }
            tasks.retain(|name, _| names.contains(&name) || board.remove(name));
            for name in names {
                tasks.entry(name.clone()).or_insert_with(|| self.begin(name, &board, &turn));
            }
        }
    }

    fn begin(&self, namespace: &str, board: &Arc<Board>, turn: &Arc<Semaphore>) -> JoinSet<()> {
        tracing::info!(namespace, "policies of a tenant are followed");
        board.add(namespace);
        let keeper = tenant::Keeper::new(self, namespace, Arc::clone(board), Arc::clone(turn));
        let mut task = JoinSet::new();
        task.spawn(keeper.run());
        task
    }
}

// === impl Board ===

impl Board {
    fn add(&self, namespace: &str) {
        self.change(|tenants| drop(tenants.insert(namespace.to_owned(), None)));
    }

    /// Ends what a namespace has in force. Always `false`: it does not stay.
    fn remove(&self, namespace: &str) -> bool {
        tracing::info!(namespace, "policies of a tenant are no longer followed");
        self.change(|tenants| drop(tenants.remove(namespace)));
        false
    }

    /// Puts policies in force, unless the namespace is no tenant any more.
    fn set(&self, namespace: &str, tenant: Tenant) {
        self.change(|tenants| {
            if let Some(place) = tenants.get_mut(namespace) {
                *place = Some(Arc::new(tenant));
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Option<Arc<Tenant>>>)) {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut tenants);
        let in_force = tenants.iter().filter_map(|(name, tenant)| Some((name.clone(), tenant.clone()?)));
        self.governance.tenants.set(in_force.collect());
    }
}
