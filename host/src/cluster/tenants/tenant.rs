//! One tenant: its ConfigMaps, its policies, and the statuses that tell of them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use kube::Client;
use tokio::sync::{Semaphore, watch};

use super::{
    super::{MOMENT, POLICIES, RETRY, config_maps, keeper::same_content},
    Board,
    caps::{self, MAX_CONFIG_MAPS},
};
use crate::{
    conditions::Condition,
    evaluate::tenants::{Allowance, MAX_POLICIES, Tenant},
    kube::{
        objects::{self, Followed, Key, Selection},
        refused,
        status::{Content, Status, Writer},
    },
    reload::{self, ConfigMaps, Reloader},
};

/// From one reload of a tenant to the next. Whoever changes policies all the time keeps nobody else's waiting.
const PAUSE: Duration = Duration::from_secs(1);

/// A tenant that takes long to compile waits this many times as long.
const PATIENCE: u32 = 4;

/// Keeps the policies of one namespace in force.
pub(super) struct Keeper {
    client: Client,
    namespace: String,
    selection: Selection,
    /// What its ConfigMaps are called. They are read one by one, because a namespace may hold any number.
    outlines: Followed,
    reloader: Arc<Mutex<Reloader>>,
    allowance: Arc<Allowance>,
    board: Arc<Board>,
    turn: Arc<Semaphore>,
    writer: Writer,
    leads: watch::Receiver<bool>,
    condition: Condition,
}

/// What became of the ConfigMaps at the last reload.
#[derive(Default)]
struct Known {
    /// Those that were read.
    config_maps: Arc<ConfigMaps>,
    statuses: BTreeMap<Key, Status>,
    /// Whether there has been one.
    loaded: bool,
}

// === impl Keeper ===

impl Keeper {
    pub(super) fn new(
        of_all: &super::Keeper,
        namespace: &str,
        board: Arc<Board>,
        turn: Arc<Semaphore>,
    ) -> Self {
        let selection = config_maps(namespace, POLICIES);
        Self {
            client: of_all.client.clone(),
            namespace: namespace.to_owned(),
            outlines: objects::follow_outlines(
                of_all.client.clone(),
                selection.clone(),
                of_all.conditions.about("read-policies"),
            ),
            condition: of_all.conditions.about("read-policies"),
            selection,
            reloader: Arc::new(Mutex::new((of_all.tenancy.reloader)())),
            allowance: Arc::new(Allowance::new(Instant::now())),
            board,
            turn,
            writer: Writer::new(
                of_all.client.clone(),
                Content::Policies,
                of_all.identity.clone(),
                of_all.leads.clone(),
                &of_all.conditions,
            ),
            leads: of_all.leads.clone(),
        }
    }

    pub(super) async fn run(mut self) {
        let mut outlines = self.outlines.objects();
        let mut known = Known::default();
        let mut again = false;
        loop {
            tokio::select! {
                alive = objects::settled(&mut outlines, MOMENT) => if !alive { return },
                changed = self.leads.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(RETRY), if again => {}
            }
            let Some(all) = outlines.borrow().all.clone() else { continue };
            let config_maps = match self.read(&all, &known.config_maps).await {
                Ok(config_maps) => Arc::new(config_maps),
                Err(error) => {
                    self.condition.fails(&refused(&error));
                    tracing::warn!(
                        namespace = self.namespace,
                        "policies of a tenant cannot be read: {error}"
                    );
                    again = true;
                    continue;
                }
            };
            self.condition.is_well();
            let mut pause = Duration::ZERO;
            if !known.loaded || !same_content(&known.config_maps, &config_maps) {
                let (statuses, took) = self.reload(Arc::clone(&config_maps)).await;
                pause = PAUSE.max(took.saturating_mul(PATIENCE));
                (known.statuses, known.loaded) = (statuses, true);
            }
            known.config_maps = config_maps;
            again = self.tell(&known, &all).await > 0;
            tokio::time::sleep(pause).await;
        }
    }

    /// Reads the first ConfigMaps, as far as they are not known.
    async fn read(&self, outlines: &ConfigMaps, known: &ConfigMaps) -> kube::Result<ConfigMaps> {
        let version = |object: &serde_json::Value| object.pointer("/metadata/resourceVersion").cloned();
        let mut read = ConfigMaps::new();
        for (key, outline) in outlines.iter().take(MAX_CONFIG_MAPS) {
            let same = known.get(key).filter(|known| version(known) == version(outline));
            let object = match same {
                Some(known) => Some(Arc::clone(known)),
                None => objects::get(&self.client, &self.selection, &key.1).await?,
            };
            read.extend(object.map(|object| (key.clone(), object)));
        }
        Ok(read)
    }

    /// Puts in force what these ConfigMaps have, and says how long that took, when it was this tenant's turn.
    async fn reload(&self, config_maps: Arc<ConfigMaps>) -> (BTreeMap<Key, Status>, Duration) {
        // It is never closed.
        let _turn = self.turn.acquire().await;
        let began = Instant::now();
        let (namespace, allowance) = (self.namespace.clone(), Arc::clone(&self.allowance));
        let (reloader, board) = (Arc::clone(&self.reloader), Arc::clone(&self.board));
        let load = move || {
            let mut reloader = reloader.lock().unwrap_or_else(PoisonError::into_inner);
            let (tenant, errors) = load(&namespace, &config_maps, &mut reloader, allowance);
            tracing::info!(namespace, policies = tenant.len(), "policies of a tenant are in force");
            board.set(&namespace, tenant);
            errors
        };
        let errors = tokio::task::spawn_blocking(load).await.unwrap_or_else(|error| {
            tracing::error!(namespace = self.namespace, "policies of a tenant were not loaded: {error}");
            BTreeMap::new()
        });
        let status = |(key, errors): (Key, Vec<String>)| (key, Status { errors, ..Status::default() });
        (errors.into_iter().map(status).collect(), began.elapsed())
    }

    /// Writes the statuses, also of those that were not read.
    async fn tell(&self, known: &Known, outlines: &ConfigMaps) -> usize {
        let (mut statuses, mut objects) = (known.statuses.clone(), (*known.config_maps).clone());
        for (key, outline) in outlines.iter().skip(MAX_CONFIG_MAPS) {
            statuses.insert(key.clone(), Status { errors: vec![caps::too_many()], ..Status::default() });
            objects.insert(key.clone(), Arc::clone(outline));
        }
        self.writer.write(&statuses, &objects).await
    }
}

/// A tenant's policies, and what is wrong with each ConfigMap.
fn load(
    namespace: &str,
    config_maps: &ConfigMaps,
    reloader: &mut Reloader,
    allowance: Arc<Allowance>,
) -> (Tenant, BTreeMap<Key, Vec<String>>) {
    let caps::Admitted { config_maps: admitted, mut errors } = caps::admit(config_maps);
    let reloaded = reloader.reload(&admitted);
    errors.extend(reloaded.errors);
    for entry in reloaded.policies.iter().skip(MAX_POLICIES) {
        let policy = &entry.policy;
        let error = format!(
            "policy {} is left out: a namespace has at most {MAX_POLICIES}, in order of their names",
            policy.metadata.name
        );
        if let Some(errors) = reload::owner(&admitted, &policy.origin).and_then(|key| errors.get_mut(key)) {
            errors.push(error);
        }
    }
    (Tenant::new(namespace, &reloaded.policies, allowance), errors)
}
