//! What is known of the objects that are followed, event by event.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use futures_util::{StreamExt, stream::BoxStream};
use kube::{
    api::{ApiResource, DynamicObject, TypeMeta},
    runtime::{
        utils::Backoff,
        watcher::{self, DefaultBackoff, Event},
    },
};
use serde_json::Value;
use tokio::sync::watch;

use super::{Key, Objects};
use crate::conditions::Condition;

/// What a watch says.
pub(super) type Events = BoxStream<'static, watcher::Result<Event<DynamicObject>>>;

/// What is kept of an object.
type Make<T> = Box<dyn Fn(Value) -> T + Send>;

pub(super) struct State<T> {
    resource: ApiResource,
    /// How many objects are kept; others are as if they were not there.
    most: usize,
    make: Make<T>,
    /// What a list has had so far.
    listed: BTreeMap<Key, Arc<T>>,
    /// Goes back to its beginning by itself after two minutes without a failure.
    backoff: DefaultBackoff,
    sender: watch::Sender<Objects<T>>,
    condition: Condition,
}

// === impl State ===

impl<T> State<T> {
    pub(super) fn new(
        resource: ApiResource,
        most: usize,
        make: Make<T>,
        sender: watch::Sender<Objects<T>>,
        condition: Condition,
    ) -> Self {
        let (listed, backoff) = (BTreeMap::new(), DefaultBackoff::default());
        Self { resource, most, make, listed, backoff, sender, condition }
    }

    /// Each failure is followed by a list. A watch that went on where it ended would not say that it is well again, and
    /// would never be if the API server has forgotten that place.
    pub(super) async fn run(mut self, events: impl Fn() -> Events) {
        while let Some(error) = self.follow(events()).await {
            if !has_expired(&error) {
                self.fail(&error);
            }
            tokio::time::sleep(self.backoff.next().unwrap_or_default()).await;
        }
    }

    /// Until it fails, or nobody listens any more.
    async fn follow(&mut self, mut events: Events) -> Option<watcher::Error> {
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => self.apply(event),
                Err(error) => return Some(error),
            }
            if self.sender.is_closed() {
                break;
            }
        }
        None
    }

    fn apply(&mut self, event: Event<DynamicObject>) {
        match event {
            Event::Init => self.listed.clear(),
            Event::InitApply(object) => {
                let (key, value) = self.entry(object);
                insert(&mut self.listed, self.most, key, value);
            }
            Event::InitDone => {
                let all = Arc::new(std::mem::take(&mut self.listed));
                self.report_recovery();
                self.condition.is_well();
                self.sender.send_replace(Objects { all: Some(all), stale: None });
            }
            Event::Apply(object) => {
                let (key, value) = self.entry(object);
                let most = self.most;
                self.change(|all| insert(all, most, key, value));
            }
            Event::Delete(object) => {
                let key = key(&object);
                self.change(|all| all.remove(&key));
            }
        }
    }

    fn report_recovery(&self) {
        if let Some((since, _)) = &self.sender.borrow().stale {
            let after = since.elapsed();
            tracing::info!(
                kind = self.resource.plural,
                "the cluster's objects are followed again, after {after:.1?}"
            );
        }
    }

    fn change<R>(&mut self, change: impl FnOnce(&mut BTreeMap<Key, Arc<T>>) -> R) {
        // A list alone is no sign that all is well: who may not watch may still list.
        self.backoff.reset();
        self.condition.is_well();
        self.sender.send_modify(|objects| {
            change(Arc::make_mut(objects.all.get_or_insert_default()));
            objects.stale = None;
        });
    }

    fn entry(&self, object: DynamicObject) -> (Key, Arc<T>) {
        (key(&object), Arc::new((self.make)(value(object, &self.resource))))
    }

    /// It is tried again, later each time; what is known stays.
    fn fail(&self, error: &watcher::Error) {
        let reason = reason(error);
        self.sender.send_modify(|objects| {
            let since = objects.stale.take().map_or_else(Instant::now, |(since, _)| since);
            objects.stale = Some((since, reason.clone()));
        });
        if self.condition.fails(&reason) {
            tracing::warn!(
                kind = self.resource.plural,
                "the cluster's objects cannot be followed, and it is tried again: {reason}"
            );
        }
    }
}

fn insert<T>(all: &mut BTreeMap<Key, Arc<T>>, most: usize, key: Key, value: Arc<T>) {
    if all.len() < most || all.contains_key(&key) {
        all.insert(key, value);
    }
}

fn key(object: &DynamicObject) -> Key {
    let metadata = &object.metadata;
    (metadata.namespace.clone().unwrap_or_default(), metadata.name.clone().unwrap_or_default())
}

/// An object as the API server has it, but for `managedFields`.
pub(super) fn value(mut object: DynamicObject, resource: &ApiResource) -> Value {
    // The items of a list do not say what they are.
    object.types.get_or_insert_with(|| TypeMeta {
        api_version: resource.api_version.clone(),
        kind: resource.kind.clone(),
    });
    // Half of an object, and of no use to policies.
    object.metadata.managed_fields = None;
    serde_json::to_value(object).unwrap_or_default()
}

/// Whether the API server can no longer tell what has changed since the last list, which is usual.
fn has_expired(error: &watcher::Error) -> bool {
    match error {
        watcher::Error::WatchError(status) => status.code == 410,
        watcher::Error::WatchStartFailed(kube::Error::Api(status)) => status.code == 410,
        _ => false,
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
