//! Objects without what is in them.

use kube::{
    api::{DynamicObject, ObjectMeta},
    core::PartialObjectMeta,
    runtime::watcher::Event,
};
use serde_json::Value;

use super::super::status::ANNOTATION;

pub(super) fn outline(event: Event<PartialObjectMeta<DynamicObject>>) -> Event<DynamicObject> {
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
    let annotations = annotations.map(|all| all.into_iter().filter(|(name, _)| name == ANNOTATION).collect());
    let metadata =
        ObjectMeta { name, namespace, uid, resource_version, annotations, ..ObjectMeta::default() };
    DynamicObject { types: None, metadata, data: Value::Null }
}
