//! Follows the objects of a kind: a list, then every change, for ever. Who follows sees all of them at once, as of the
//! last change.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, TypeMeta},
    runtime::{
        WatchStreamExt,
        watcher::{self, Event},
    },
};
use serde_json::Value;
use tokio::{sync::watch, task::JoinHandle};

/// Which objects.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Their kind.
    pub resource: ApiResource,
    /// Their namespace; all of them if none is named.
    pub namespace: Option<String>,
    /// A label selector, such as `app=web`; empty selects all.
    pub labels: String,
    /// The one object of this name, which a right to that name alone allows; all of them if none is named.
    pub name: Option<String>,
}

/// Namespace, which is empty for objects of the cluster, and name.
pub type Key = (String, String);

/// The objects as of one moment.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// Each as the API server has it, but for `managedFields`; `None` until all of them have been listed once.
    pub all: Option<Arc<BTreeMap<Key, Arc<Value>>>>,
    /// Since when nothing has been heard, and why; `None` while all is well.
    pub stale: Option<(Instant, String)>,
}

/// Objects that are followed; dropping it ends that.
#[derive(Debug)]
pub struct Followed {
    objects: watch::Receiver<Objects>,
    task: JoinHandle<()>,
}

/// What the watch is told, in one place with its bounds.
fn config(labels: &str, name: Option<&str>) -> watcher::Config {
    // Beyond the page size lists come in parts, so that ten thousand Pods are never one answer.
    let config = watcher::Config::default().page_size(500).timeout(240);
    let config = if labels.is_empty() { config } else { config.labels(labels) };
    name.map_or(config.clone(), |name| config.fields(&format!("metadata.name={name}")))
}

/// Begins to follow.
pub fn follow(client: Client, selection: Selection) -> Followed {
    let (sender, objects) = watch::channel(Objects::default());
    let task = tokio::spawn(run(client, selection, sender));
    Followed { objects, task }
}

async fn run(client: Client, selection: Selection, sender: watch::Sender<Objects>) {
    let Selection { resource, namespace, labels, name } = selection;
    let api: Api<DynamicObject> = match &namespace {
        Some(namespace) => Api::namespaced_with(client, namespace, &resource),
        None => Api::all_with(client, &resource),
    };
    let events = watcher::watcher(api, config(&labels, name.as_deref())).default_backoff();
    let mut events = std::pin::pin!(events);
    let mut state = State { resource, listed: BTreeMap::new(), sender };
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => state.apply(event),
            Err(error) => state.fail(&error),
        }
        if state.sender.is_closed() {
            return;
        }
    }
}

struct State {
    resource: ApiResource,
    /// What a list has had so far.
    listed: BTreeMap<Key, Arc<Value>>,
    sender: watch::Sender<Objects>,
}

// === impl Followed ===

impl Followed {
    /// The objects, and whatever changes.
    pub fn objects(&self) -> watch::Receiver<Objects> {
        self.objects.clone()
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

// === impl State ===

impl State {
    fn apply(&mut self, event: Event<DynamicObject>) {
        match event {
            Event::Init => self.listed.clear(),
            Event::InitApply(object) => {
                let (key, value) = entry(object, &self.resource);
                self.listed.insert(key, value);
            }
            Event::InitDone => {
                let all = Arc::new(std::mem::take(&mut self.listed));
                self.sender.send_replace(Objects { all: Some(all), stale: None });
            }
            Event::Apply(object) => {
                let (key, value) = entry(object, &self.resource);
                self.change(|all| all.insert(key, value));
            }
            Event::Delete(object) => {
                let (key, _) = entry(object, &self.resource);
                self.change(|all| all.remove(&key));
            }
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut BTreeMap<Key, Arc<Value>>) -> T) {
        self.sender.send_modify(|objects| {
            change(Arc::make_mut(objects.all.get_or_insert_default()));
            objects.stale = None;
        });
    }

    /// It is tried again, later each time; what is known stays.
    fn fail(&self, error: &watcher::Error) {
        let reason = reason(error);
        let mut first = false;
        self.sender.send_modify(|objects| {
            first = objects.stale.as_ref().is_none_or(|(_, before)| *before != reason);
            let since = objects.stale.take().map_or_else(Instant::now, |(since, _)| since);
            objects.stale = Some((since, reason.clone()));
        });
        if first {
            tracing::warn!(
                kind = self.resource.plural,
                "the cluster's objects cannot be followed, and it is tried again: {reason}"
            );
        }
    }
}

/// What an operator has to hear: a permission that is missing is named by the API server.
fn reason(error: &watcher::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

fn entry(mut object: DynamicObject, resource: &ApiResource) -> (Key, Arc<Value>) {
    // The items of a list do not say what they are.
    object.types.get_or_insert_with(|| TypeMeta {
        api_version: resource.api_version.clone(),
        kind: resource.kind.clone(),
    });
    // Half of an object, and of no use to policies.
    object.metadata.managed_fields = None;
    let name = object.metadata.name.clone().unwrap_or_default();
    let key = (object.metadata.namespace.clone().unwrap_or_default(), name);
    (key, Arc::new(serde_json::to_value(object).unwrap_or_default()))
}

/// Waits until something has changed, and then until nothing has for a moment, so that what was applied together is
/// taken together; `false` when nothing will change any more.
pub async fn settled(objects: &mut watch::Receiver<Objects>, moment: Duration) -> bool {
    if objects.changed().await.is_err() {
        return false;
    }
    // Whoever changes things all the time is heard all the same.
    let until = Instant::now() + moment * 10;
    while Instant::now() < until {
        match tokio::time::timeout(moment, objects.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => break,
        }
    }
    true
}
