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
}

/// Namespace, which is empty for objects of the cluster, and name.
pub type Key = (String, String);

/// The objects as of one moment.
#[derive(Clone, Debug)]
pub struct Objects<T = Value> {
    /// What was made of each; `None` until all of them have been listed once.
    pub all: Option<Arc<BTreeMap<Key, Arc<T>>>>,
    /// Since when nothing has been heard, and why; `None` while all is well.
    pub stale: Option<(Instant, String)>,
}

/// Objects that are followed; dropping it ends that.
#[derive(Debug)]
pub struct Followed<T = Value> {
    objects: watch::Receiver<Objects<T>>,
    task: JoinHandle<()>,
}

/// What is kept of an object.
type Make<T> = Box<dyn Fn(Value) -> T + Send>;

/// What the watch is told, in one place with its bounds.
fn config(labels: &str) -> watcher::Config {
    // Beyond the page size lists come in parts, so that ten thousand Pods are never one answer.
    let config = watcher::Config::default().page_size(500).timeout(240);
    if labels.is_empty() { config } else { config.labels(labels) }
}

/// Begins to follow. Each object is kept as the API server has it, but for `managedFields`.
pub fn follow(client: Client, selection: Selection) -> Followed {
    follow_as(client, selection, |object| object)
}

/// Begins to follow, and keeps of each object what `make` makes of it.
pub fn follow_as<T: Send + Sync + 'static>(
    client: Client,
    selection: Selection,
    make: impl Fn(Value) -> T + Send + 'static,
) -> Followed<T> {
    let (sender, objects) = watch::channel(Objects::default());
    let task = tokio::spawn(run(client, selection, Box::new(make), sender));
    Followed { objects, task }
}

async fn run<T: Send + Sync>(
    client: Client,
    selection: Selection,
    make: Make<T>,
    sender: watch::Sender<Objects<T>>,
) {
    let Selection { resource, namespace, labels } = selection;
    let api: Api<DynamicObject> = match &namespace {
        Some(namespace) => Api::namespaced_with(client, namespace, &resource),
        None => Api::all_with(client, &resource),
    };
    let events = watcher::watcher(api, config(&labels)).default_backoff();
    let mut events = std::pin::pin!(events);
    let mut state = State { resource, make, listed: BTreeMap::new(), sender };
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

struct State<T> {
    resource: ApiResource,
    make: Make<T>,
    /// What a list has had so far.
    listed: BTreeMap<Key, Arc<T>>,
    sender: watch::Sender<Objects<T>>,
}

// === impl Objects ===

impl<T> Default for Objects<T> {
    fn default() -> Self {
        Self { all: None, stale: None }
    }
}

// === impl Followed ===

impl<T> Followed<T> {
    /// The objects, and whatever changes.
    pub fn objects(&self) -> watch::Receiver<Objects<T>> {
        self.objects.clone()
    }
}

impl<T> Drop for Followed<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

// === impl State ===

impl<T> State<T> {
    fn apply(&mut self, event: Event<DynamicObject>) {
        match event {
            Event::Init => self.listed.clear(),
            Event::InitApply(object) => {
                let (key, value) = self.entry(object);
                self.listed.insert(key, value);
            }
            Event::InitDone => {
                let all = Arc::new(std::mem::take(&mut self.listed));
                self.sender.send_replace(Objects { all: Some(all), stale: None });
            }
            Event::Apply(object) => {
                let (key, value) = self.entry(object);
                self.change(|all| all.insert(key, value));
            }
            Event::Delete(object) => {
                let key = key(&object);
                self.change(|all| all.remove(&key));
            }
        }
    }

    fn change<R>(&self, change: impl FnOnce(&mut BTreeMap<Key, Arc<T>>) -> R) {
        self.sender.send_modify(|objects| {
            change(Arc::make_mut(objects.all.get_or_insert_default()));
            objects.stale = None;
        });
    }

    fn entry(&self, mut object: DynamicObject) -> (Key, Arc<T>) {
        // The items of a list do not say what they are.
        object.types.get_or_insert_with(|| TypeMeta {
            api_version: self.resource.api_version.clone(),
            kind: self.resource.kind.clone(),
        });
        // Half of an object, and of no use to policies.
        object.metadata.managed_fields = None;
        (key(&object), Arc::new((self.make)(serde_json::to_value(object).unwrap_or_default())))
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
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut texts: Vec<String> = Vec::new();
    while let Some(error) = cause {
        if let Some(kube::Error::Api(status)) = error.downcast_ref() {
            return status.message.clone();
        }
        texts.push(error.to_string());
        cause = error.source();
    }
    // Most errors repeat their causes.
    texts.dedup_by(|cause, error| error.contains(cause.as_str()));
    texts.join(": ")
}

fn key(object: &DynamicObject) -> Key {
    let metadata = &object.metadata;
    (metadata.namespace.clone().unwrap_or_default(), metadata.name.clone().unwrap_or_default())
}

/// Waits until something has changed, and then until nothing has for a moment, so that what was applied together is
/// taken together; `false` when nothing will change any more.
pub async fn settled<T>(objects: &mut watch::Receiver<T>, moment: Duration) -> bool {
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
