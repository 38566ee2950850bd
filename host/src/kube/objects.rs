//! Follows the objects of a kind: a list, then every change, for ever. Who follows sees all of them at once, as of the
//! last change.

mod outline;
mod state;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use kube::{
    Api, Client, Resource,
    api::{ApiResource, DynamicObject, ListParams},
    core::DynamicResourceScope,
    runtime::watcher,
};
use serde_json::Value;
use tokio::{sync::watch, task::JoinHandle};

use super::refused;
use crate::conditions::Condition;
use outline::outline;
use state::{Events, State};

/// Objects of which only outlines are followed. Nobody needs more of them than this.
pub const MAX_OUTLINES: usize = 1000;

/// Objects that are listed at once, for a person who waits. No install has as many.
pub const MAX_LISTED: usize = 10_000;

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

/// Begins to follow; `condition` tells operators when that does not go on. Each object is kept as the API server has it, but for `managedFields`.
pub fn follow(client: Client, selection: Selection, condition: Condition) -> Followed {
    follow_as(client, selection, condition, |object| object)
}

/// Begins to follow, and keeps of each object what `make` makes of it.
pub fn follow_as<T: Send + Sync + 'static>(
    client: Client,
    selection: Selection,
    condition: Condition,
    make: impl Fn(Value) -> T + Send + 'static,
) -> Followed<T> {
    let (sender, objects) = watch::channel(Objects::default());
    let (api, config) = (api::<DynamicObject>(client, &selection), config(&selection));
    let events = move || -> Events { watcher::watcher(api.clone(), config.clone()).boxed() };
    let state = State::new(selection.resource, usize::MAX, Box::new(make), sender, condition);
    Followed { objects, task: tokio::spawn(state.run(events)) }
}

/// Begins to follow what the objects are called and which version they have, but not what is in them: for objects of
/// those who are not trusted with the memory. There are at most [`MAX_OUTLINES`].
pub fn follow_outlines(client: Client, selection: Selection, condition: Condition) -> Followed {
    let (sender, objects) = watch::channel(Objects::default());
    // Annotations come along, up to 256 KiB of them.
    let (api, config) = (api(client, &selection), config(&selection).page_size(50));
    let events = move || -> Events {
        let events = watcher::watcher(api.clone(), config.clone());
        events.map(|event| event.map(outline)).boxed()
    };
    let state = State::new(selection.resource, MAX_OUTLINES, Box::new(|object| object), sender, condition);
    Followed { objects, task: tokio::spawn(state.run(events)) }
}

/// One object as the API server has it now, but for `managedFields`; `None` if there is none of that name.
///
/// # Errors
/// What the API server has against it.
pub async fn get(client: &Client, selection: &Selection, name: &str) -> kube::Result<Option<Arc<Value>>> {
    let object = api::<DynamicObject>(client.clone(), selection).get_opt(name).await?;
    Ok(object.map(|object| Arc::new(state::value(object, &selection.resource))))
}

/// The objects as the API server has them now, but for `managedFields`; at most [`MAX_LISTED`].
///
/// # Errors
/// What the API server has against it, or that there are more.
pub async fn list(client: &Client, selection: &Selection) -> Result<Vec<Value>, String> {
    let api = api::<DynamicObject>(client.clone(), selection);
    let name = selection.name.as_ref().map(|name| format!("metadata.name={name}"));
    let mut params = ListParams { field_selector: name, limit: Some(500), ..ListParams::default() };
    let mut listed = Vec::new();
    loop {
        let page = api.list(&params).await.map_err(|error| refused(&error))?;
        listed.extend(page.items.into_iter().map(|object| state::value(object, &selection.resource)));
        params.continue_token = page.metadata.continue_.filter(|token| !token.is_empty());
        if listed.len() > MAX_LISTED {
            return Err(format!("there are more than {MAX_LISTED}"));
        }
        if params.continue_token.is_none() {
            return Ok(listed);
        }
    }
}

/// Of `PartialObjectMeta` the API server sends metadata only.
fn api<K>(client: Client, selection: &Selection) -> Api<K>
where
    K: Resource<DynamicType = ApiResource, Scope = DynamicResourceScope>,
{
    match &selection.namespace {
        Some(namespace) => Api::namespaced_with(client, namespace, &selection.resource),
        None => Api::all_with(client, &selection.resource),
    }
}

/// What the watch is told, in one place with its bounds.
fn config(selection: &Selection) -> watcher::Config {
    // Beyond the page size lists come in parts, so that ten thousand Pods are never one answer.
    let mut config = watcher::Config::default().page_size(500).timeout(240);
    if !selection.labels.is_empty() {
        config = config.labels(&selection.labels);
    }
    match &selection.name {
        Some(name) => config.fields(&format!("metadata.name={name}")),
        None => config,
    }
}

// === impl Objects ===

impl<T> Objects<T> {
    /// For how long nothing has been heard; zero while all is well.
    pub fn staleness(&self) -> Duration {
        self.stale.as_ref().map_or(Duration::ZERO, |(since, _)| since.elapsed())
    }
}

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
