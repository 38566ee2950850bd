//! What happens in the shop's cluster while it is recorded: it is deployed, runs for a while, is released anew.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{
    actor::Actor,
    api::{Api, text},
    controllers,
};

/// What the pipeline calls itself where it applies.
const MANAGER: &str = "deploy";

/// One in so many objects is applied as `kubectl apply` did it before servers could.
const BY_CLIENT: usize = 5;

/// What there is after the first deployment.
#[derive(Default)]
struct Shop {
    /// As their manifests say.
    applied: Vec<Value>,
    replica_sets: Vec<Value>,
    pods: Vec<Value>,
    jobs: Vec<Value>,
}

/// Plays everything, one request after the other.
pub(super) async fn play(api: &Api, manifests: &[Value]) -> Result<()> {
    let mut shop = Shop::default();
    for (index, manifest) in manifests.iter().enumerate() {
        let object = deploy(api, manifest, index % BY_CLIENT == 0).await?;
        follow(api, &mut shop, &object, index).await?;
        shop.applied.push(manifest.clone());
    }
    run(api, &shop).await?;
    release(api, &shop).await?;
    remove(api, &shop).await
}

async fn deploy(api: &Api, manifest: &Value, by_client: bool) -> Result<Value> {
    if !by_client {
        return api.apply(&Actor::pipeline(), manifest, MANAGER).await;
    }
    let mut manifest = manifest.clone();
    let applied = manifest.to_string() + "\n";
    let metadata = manifest.get_mut("metadata").and_then(Value::as_object_mut).context("no metadata")?;
    let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
    if let Some(annotations) = annotations.as_object_mut() {
        annotations.insert("kubectl.kubernetes.io/last-applied-configuration".to_owned(), applied.into());
    }
    api.create(&Actor::person(), &manifest).await
}

/// What controllers do when an object is there.
async fn follow(api: &Api, shop: &mut Shop, object: &Value, index: usize) -> Result<()> {
    match text(object, "/kind")? {
        "Deployment" => {
            roll_out(api, shop, object).await?;
            if index.is_multiple_of(3) {
                let mut body = object.clone();
                let status = controllers::deployment_status(object)?;
                body.as_object_mut().context("no object")?.insert("status".to_owned(), status);
                api.replace(&Actor::controller("deployment-controller"), object, "/status", &body).await?;
            }
        }
        "StatefulSet" => {
            let pod = controllers::first_pod(object)?;
            shop.pods.push(api.create(&Actor::controller("statefulset-controller"), &pod).await?);
        }
        "DaemonSet" => {
            let pod = controllers::pod(object)?;
            shop.pods.push(api.create(&Actor::controller("daemon-set-controller"), &pod).await?);
        }
        "Job" => {
            let pod = controllers::pod(object)?;
            shop.pods.push(api.create(&Actor::controller("job-controller"), &pod).await?);
        }
        "CronJob" => {
            let job =
                api.create(&Actor::controller("cronjob-controller"), &controllers::job(object)?).await?;
            shop.pods.push(api.create(&Actor::controller("job-controller"), &controllers::pod(&job)?).await?);
            shop.jobs.push(job);
        }
        _ => {}
    }
    Ok(())
}

/// A ReplicaSet and its first Pod.
async fn roll_out(api: &Api, shop: &mut Shop, deployment: &Value) -> Result<()> {
    let replica_set = controllers::replica_set(deployment)?;
    let replica_set = api.create(&Actor::controller("deployment-controller"), &replica_set).await?;
    let pod = controllers::pod(&replica_set)?;
    shop.pods.push(api.create(&Actor::controller("replicaset-controller"), &pod).await?);
    shop.replica_sets.push(replica_set);
    Ok(())
}

/// An ordinary day: Pods are bound, load grows, somebody looks after things.
async fn run(api: &Api, shop: &Shop) -> Result<()> {
    for pod in shop.pods.iter().step_by(8) {
        let target = json!({"apiVersion": "v1", "kind": "Node", "name": "node-7"});
        let binding = json!({"apiVersion": "v1", "kind": "Binding", "target": target,
            "metadata": {"name": text(pod, "/metadata/name")?, "namespace": text(pod, "/metadata/namespace")?}});
        api.post(&Actor::scheduler(), pod, "binding", &binding).await?;
    }
    for deployment in shop.of("Deployment").step_by(5) {
        let scale = json!({"apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": 8},
            "metadata": {"name": text(deployment, "/metadata/name")?,
                "namespace": text(deployment, "/metadata/namespace")?}});
        let actor = Actor::controller("horizontal-pod-autoscaler");
        api.replace(&actor, deployment, "/scale", &scale).await?;
    }
    let restart = json!({"spec": {"template": {"metadata": {"annotations": {
            "kubectl.kubernetes.io/restartedAt": "2026-07-28T09:12:44Z"}}}}});
    for workload in shop.of("StatefulSet").chain(shop.of("Deployment").step_by(6)) {
        api.merge(&Actor::person(), workload, &restart).await?;
    }
    Ok(())
}

/// The next version of every other Deployment.
async fn release(api: &Api, shop: &Shop) -> Result<()> {
    for (index, manifest) in shop.of("Deployment").skip(1).step_by(2).enumerate() {
        let deployment = api.apply(&Actor::pipeline(), &next_version(manifest)?, MANAGER).await?;
        if index.is_multiple_of(2) {
            let replica_set = controllers::replica_set(&deployment)?;
            api.create(&Actor::controller("deployment-controller"), &replica_set).await?;
        }
    }
    for old in shop.replica_sets.iter().step_by(4) {
        let mut body = old.clone();
        *body.pointer_mut("/spec/replicas").context("a ReplicaSet has no replicas")? = 0.into();
        api.replace(&Actor::controller("deployment-controller"), old, "", &body).await?;
    }
    let changed = json!({"data": {"changed-at": "2026-07-28"}});
    for settings in shop.of("ConfigMap").filter(|map| map.to_string().contains("redirects")) {
        api.merge(&Actor::pipeline(), settings, &changed).await?;
    }
    let affinity = json!({"spec": {"sessionAffinity": "ClientIP"}});
    for service in shop.of("Service").step_by(7) {
        api.merge(&Actor::person(), service, &affinity).await?;
    }
    Ok(())
}

async fn remove(api: &Api, shop: &Shop) -> Result<()> {
    let person = Actor::person();
    for (index, pod) in shop.pods.iter().enumerate().skip(1).step_by(5) {
        let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {
            "name": text(pod, "/metadata/name")?, "namespace": text(pod, "/metadata/namespace")?}});
        if index.is_multiple_of(2) {
            api.post(&person, pod, "eviction", &eviction).await?;
        } else {
            api.delete(&Actor::controller("replicaset-controller"), pod).await?;
        }
    }
    for old in shop.replica_sets.iter().step_by(4) {
        api.delete(&Actor::controller("deployment-controller"), old).await?;
    }
    for job in &shop.jobs {
        api.delete(&Actor::controller("cronjob-controller"), job).await?;
    }
    let unused = ["preview", "wishlist"];
    let is_unused = |object: &&Value| text(object, "/metadata/name").is_ok_and(|name| unused.contains(&name));
    for object in shop.applied.iter().filter(is_unused) {
        api.delete(&person, object).await?;
    }
    Ok(())
}

fn next_version(manifest: &Value) -> Result<Value> {
    let mut next = manifest.clone();
    let image = next.pointer_mut("/spec/template/spec/containers/0/image").context("no image")?;
    *image = format!("{}-r1", image.as_str().context("an image is no text")?).into();
    Ok(next)
}

// === impl Shop ===

impl Shop {
    fn of(&self, kind: &'static str) -> impl Iterator<Item = &Value> {
        self.applied.iter().filter(move |object| text(object, "/kind").is_ok_and(|found| found == kind))
    }
}
