//! Follows the objects of a kind: a list, then every change, for ever. Who follows sees all of them at once, as of the
//! last change.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{Stream, StreamExt};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{
    Api, Client, Resource,
    api::{ApiResource, DynamicObject, PartialObjectMeta, TypeMeta},
    core::DynamicResourceScope,
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

/// Objects of which only outlines are followed. Nobody needs more of them than this.
pub const MAX_OUTLINES: usize = 1000;

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
fn config(labels: &str) -> watcher::Config {
    // Beyond the page size lists come in parts, so that ten thousand Pods are never one answer.
    let config = watcher::Config::default().page_size(500).timeout(240);
    if labels.is_empty() { config } else { config.labels(labels) }
}

/// Begins to follow.
pub fn follow(client: Client, selection: Selection) -> Followed {
    let (sender, objects) = watch::channel(Objects::default());
    let task = tokio::spawn(run(client, selection, sender));
    Followed { objects, task }
}

/// Begins to follow what the objects are called and which version they have, but not what is in them: for objects of
/// those who are not trusted with the memory. There are at most [`MAX_OUTLINES`].
pub fn follow_outlines(client: Client, selection: Selection) -> Followed {
    let (sender, objects) = watch::channel(Objects::default());
    let task = tokio::spawn(run_outlines(client, selection, sender));
    Followed { objects, task }
}

/// One object as the API server has it now, but for `managedFields`; `None` if there is none of that name.
///
/// # Errors
/// What the API server has against it.
pub async fn get(client: &Client, selection: &Selection, name: &str) -> kube::Result<Option<Arc<Value>>> {
    let object = api::<DynamicObject>(client.clone(), selection).get_opt(name).await?;
    Ok(object.map(|object| entry(object, &selection.resource).1))
}

/// Of [`PartialObjectMeta`] the API server sends metadata only.
fn api<K>(client: Client, selection: &Selection) -> Api<K>
where
    K: Resource<DynamicType = ApiResource, Scope = DynamicResourceScope>,
{
    match &selection.namespace {
        Some(namespace) => Api::namespaced_with(client, namespace, &selection.resource),
        None => Api::all_with(client, &selection.resource),
    }
}

async fn run(client: Client, selection: Selection, sender: watch::Sender<Objects>) {
    let api = api::<DynamicObject>(client, &selection);
    let events = watcher::watcher(api, config(&selection.labels)).default_backoff();
    State::new(selection.resource, usize::MAX, sender).run(events).await;
}

async fn run_outlines(client: Client, selection: Selection, sender: watch::Sender<Objects>) {
    // Annotations come along, up to 256 KiB of them.
    let config = config(&selection.labels).page_size(50);
    let events = watcher::watcher(api(client, &selection), config).default_backoff();
    let events = events.map(|event| event.map(outline));
    State::new(selection.resource, MAX_OUTLINES, sender).run(events).await;
}

fn outline(event: Event<PartialObjectMeta<DynamicObject>>) -> Event<DynamicObject> {
    match event {
        Event::Init => Event::Init,
        Event::InitDone => Event::InitDone,
        Event::InitApply(object) => Event::InitApply(trimmed(object.metadata)),
        Event::Apply(object) => Event::Apply(trimmed(object.metadata)),
        Event::Delete(object) => Event::Delete(trimmed(object.metadata)),
    }
}

/// What names an object and its version, with the annotation that is compared before it is written.
fn trimmed(metadata: ObjectMeta) -> DynamicObject {
    let ObjectMeta { name, namespace, uid, resource_version, annotations, .. } = metadata;
    let annotations = annotations
        .map(|all| all.into_iter().filter(|(name, _)| name == super::status::ANNOTATION).collect());
    let metadata =
        ObjectMeta { name, namespace, uid, resource_version, annotations, ..ObjectMeta::default() };
    DynamicObject { types: None, metadata, data: Value::Null }
}

struct State {
    resource: ApiResource,
    /// How many objects are kept; others are as if they were not there.
    most: usize,
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
    fn new(resource: ApiResource, most: usize, sender: watch::Sender<Objects>) -> Self {
        Self { resource, most, listed: BTreeMap::new(), sender }
    }

    async fn run(mut self, events: impl Stream<Item = watcher::Result<Event<DynamicObject>>>) {
        let mut events = std::pin::pin!(events);
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => self.apply(event),
                Err(error) => self.fail(&error),
            }
            if self.sender.is_closed() {
                return;
            }
        }
    }

    fn apply(&mut self, event: Event<DynamicObject>) {
        match event {
            Event::Init => self.listed.clear(),
            Event::InitApply(object) => {
                let (key, value) = entry(object, &self.resource);
                insert(&mut self.listed, self.most, key, value);
            }
            Event::InitDone => {
                let all = Arc::new(std::mem::take(&mut self.listed));
                self.sender.send_replace(Objects { all: Some(all), stale: None });
            }
            Event::Apply(object) => {
                let (key, value) = entry(object, &self.resource);
                self.change(|all| insert(all, self.most, key, value));
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

fn insert(all: &mut BTreeMap<Key, Arc<Value>>, most: usize, key: Key, value: Arc<Value>) {
    if all.len() < most || all.contains_key(&key) {
        all.insert(key, value);
    }
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
