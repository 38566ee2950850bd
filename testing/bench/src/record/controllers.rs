//! What controllers make of objects. None runs beside the API server, so this stands in for them.

use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::api::text;

/// The ReplicaSet that a Deployment gets for its present template.
pub(super) fn replica_set(deployment: &Value) -> Result<Value> {
    let mut template = at(deployment, "/spec/template")?.clone();
    let hash = hash(&template);
    *labels(&mut template)? = with(labels_of(deployment)?, "pod-template-hash", &hash);
    let replicas = at(deployment, "/spec/replicas")?;
    let mut selector = at(deployment, "/spec/selector")?.clone();
    if let Some(labels) = selector.get_mut("matchLabels") {
        *labels = with(labels.clone(), "pod-template-hash", &hash);
    }
    Ok(json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": format!("{}-{hash}", text(deployment, "/metadata/name")?),
            "namespace": at(deployment, "/metadata/namespace")?,
            "labels": at(&template, "/metadata/labels")?,
            "annotations": {
                "deployment.kubernetes.io/desired-replicas": replicas.to_string(),
                "deployment.kubernetes.io/max-replicas": (replicas.as_u64().unwrap_or(1) * 5).div_ceil(4).to_string(),
                "deployment.kubernetes.io/revision": at(deployment, "/metadata/generation")?.to_string(),
            },
            "ownerReferences": [owner(deployment)?],
        },
        "spec": {"replicas": replicas, "selector": selector, "template": template},
    }))
}

/// A Pod of a workload with a template, or of a ReplicaSet.
pub(super) fn pod(owned_by: &Value) -> Result<Value> {
    let mut pod = at(owned_by, "/spec/template")?.clone();
    let metadata = pod.get_mut("metadata").and_then(Value::as_object_mut).context("no metadata")?;
    let name = text(owned_by, "/metadata/name")?;
    metadata.remove("creationTimestamp");
    metadata.insert("generateName".to_owned(), format!("{name}-").into());
    metadata.insert("namespace".to_owned(), at(owned_by, "/metadata/namespace")?.clone());
    metadata.insert("ownerReferences".to_owned(), json!([owner(owned_by)?]));
    let fields = pod.as_object_mut().context("a template is no object")?;
    fields.insert("apiVersion".to_owned(), "v1".into());
    fields.insert("kind".to_owned(), "Pod".into());
    add_token(&mut pod, &hash(owned_by))?;
    Ok(pod)
}

/// The first Pod of a StatefulSet, with its claims as volumes.
pub(super) fn first_pod(stateful_set: &Value) -> Result<Value> {
    let mut first = pod(stateful_set)?;
    let name = format!("{}-0", text(stateful_set, "/metadata/name")?);
    let claims = stateful_set.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
    for claim in claims.into_iter().flatten() {
        let claim = text(claim, "/metadata/name")?;
        let volume =
            json!({"name": claim, "persistentVolumeClaim": {"claimName": format!("{claim}-{name}")}});
        push(first.get_mut("spec").context("a Pod has no spec")?, "volumes", volume)?;
    }
    let metadata = first.get_mut("metadata").and_then(Value::as_object_mut).context("no metadata")?;
    metadata.remove("generateName");
    metadata.insert("name".to_owned(), name.into());
    Ok(first)
}

/// The Job of a CronJob's next run.
pub(super) fn job(cron_job: &Value) -> Result<Value> {
    let template = at(cron_job, "/spec/jobTemplate")?;
    Ok(json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {
            "name": format!("{}-29754240", text(cron_job, "/metadata/name")?),
            "namespace": at(cron_job, "/metadata/namespace")?,
            "labels": at(cron_job, "/metadata/labels")?,
            "annotations": {"batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-07-28T00:00:00Z"},
            "ownerReferences": [owner(cron_job)?],
        },
        "spec": at(template, "/spec")?,
    }))
}

/// The status of a Deployment all of whose Pods are there.
pub(super) fn deployment_status(deployment: &Value) -> Result<Value> {
    let name = text(deployment, "/metadata/name")?;
    let (replicas, at_time) =
        (at(deployment, "/spec/replicas")?, text(deployment, "/metadata/creationTimestamp")?);
    let condition = |kind: &str, reason: &str, message: String| {
        json!({"type": kind, "status": "True", "reason": reason, "message": message,
            "lastTransitionTime": at_time, "lastUpdateTime": at_time})
    };
    let done = format!("ReplicaSet \"{name}-{}\" has successfully progressed.", hash(deployment));
    Ok(json!({
        "observedGeneration": at(deployment, "/metadata/generation")?,
        "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas,
        "conditions": [
            condition("Available", "MinimumReplicasAvailable", "Deployment has minimum availability.".to_owned()),
            condition("Progressing", "NewReplicaSetAvailable", done),
        ],
    }))
}

/// What the API server's ServiceAccount plugin, which is off here, gives every Pod: an account, and a volume.
fn add_token(pod: &mut Value, suffix: &str) -> Result<()> {
    let name = format!("kube-api-access-{}", suffix.get(..5).unwrap_or(suffix));
    let volume = json!({"name": name, "projected": {"defaultMode": 420, "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [
            {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}},
    ]}});
    let mount =
        json!({"name": name, "readOnly": true, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"});
    let spec = pod.get_mut("spec").context("a Pod has no spec")?;
    let fields = spec.as_object_mut().context("a Pod's spec is no object")?;
    fields.entry("serviceAccountName").or_insert_with(|| "default".into());
    push(spec, "volumes", volume)?;
    for list in ["initContainers", "containers"] {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut);
        containers.into_iter().flatten().try_for_each(|c| push(c, "volumeMounts", mount.clone()))?;
    }
    Ok(())
}

fn push(object: &mut Value, list: &str, item: Value) -> Result<()> {
    let fields = object.as_object_mut().context("no object")?;
    let list = fields.entry(list).or_insert_with(|| json!([]));
    list.as_array_mut().context("no list")?.push(item);
    Ok(())
}

fn owner(object: &Value) -> Result<Value> {
    Ok(json!({
        "apiVersion": at(object, "/apiVersion")?, "kind": at(object, "/kind")?,
        "name": at(object, "/metadata/name")?, "uid": at(object, "/metadata/uid")?,
        "controller": true, "blockOwnerDeletion": true,
    }))
}

fn at<'o>(object: &'o Value, pointer: &str) -> Result<&'o Value> {
    object.pointer(pointer).with_context(|| format!("an object has no {pointer}"))
}

fn labels(template: &mut Value) -> Result<&mut Value> {
    template.pointer_mut("/metadata/labels").context("a template has no labels")
}

fn labels_of(deployment: &Value) -> Result<Value> {
    Ok(at(deployment, "/spec/template/metadata/labels")?.clone())
}

fn with(mut labels: Value, name: &str, value: &str) -> Value {
    if let Some(labels) = labels.as_object_mut() {
        labels.insert(name.to_owned(), value.into());
    }
    labels
}

/// As long as the hashes in such names are.
fn hash(of: &Value) -> String {
    let mut hasher = DefaultHasher::new();
    of.to_string().hash(&mut hasher);
    format!("{:010x}", hasher.finish() & 0xff_ffff_ffff)
}
