//! Where the objects that make Pods have their Pods' description.

use std::ops::Deref;

use crate::Value;

/// The kinds of Kubernetes that make Pods, for [`Metadata::targets`](crate::Metadata::targets).
pub const WORKLOADS: &[&str] = &[
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "Pod",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
];

/// A Pod's `spec`, in a Pod or in the template of what makes Pods.
#[derive(Clone, Copy, Debug)]
pub struct PodSpec {
    /// The `spec`.
    pub value: Value,
    request: Value,
    place: &'static Place,
}

/// A container of a Pod. It is also the [`Value`] of the container.
#[derive(Clone, Copy, Debug)]
pub struct Container {
    /// In which list it is.
    pub kind: ContainerKind,
    value: Value,
    index: usize,
    place: &'static Place,
}

/// The lists of containers that a Pod has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerKind {
    /// One that runs before the others, or beside them if it always restarts.
    Init,
    /// One that runs.
    Main,
    /// One that was added to a running Pod, to look into it.
    Ephemeral,
}

/// Where an object has its Pods' description: pointers from the request, which takes one call of the host, and what paths
/// begin with, as people write them.
#[derive(Debug)]
struct Place {
    spec: &'static str,
    metadata: &'static str,
    path: &'static str,
}

const POD: Place = Place { spec: "/object/spec", metadata: "/object/metadata", path: "" };
const TEMPLATE: Place = Place {
    spec: "/object/spec/template/spec",
    metadata: "/object/spec/template/metadata",
    path: "spec.template.",
};
const CRON_JOB: Place = Place {
    spec: "/object/spec/jobTemplate/spec/template/spec",
    metadata: "/object/spec/jobTemplate/spec/template/metadata",
    path: "spec.jobTemplate.spec.template.",
};
const POD_TEMPLATE: Place =
    Place { spec: "/object/template/spec", metadata: "/object/template/metadata", path: "template." };

pub(crate) fn pod_spec(request: Value) -> Option<PodSpec> {
    let kind = request.string("/kind/kind")?;
    let place = match kind.as_str() {
        "Pod" => &POD,
        "CronJob" => &CRON_JOB,
        "PodTemplate" => &POD_TEMPLATE,
        _ => &TEMPLATE,
    };
    Some(PodSpec { value: request.at(place.spec)?, request, place })
}

// === impl PodSpec ===

impl PodSpec {
    /// Every container: init containers, containers, ephemeral containers.
    pub fn containers(&self) -> Vec<Container> {
        let mut containers = Vec::new();
        for kind in [ContainerKind::Init, ContainerKind::Main, ContainerKind::Ephemeral] {
            containers.extend(self.containers_of(kind));
        }
        containers
    }

    /// The containers of one list. An object in its place counts with its values, as in [`Value::elements`].
    pub fn containers_of(&self, kind: ContainerKind) -> impl Iterator<Item = Container> + use<> {
        let place = self.place;
        let numbered = self.value.elements(kind.pointer()).enumerate();
        numbered.map(move |(index, value)| Container { kind, value, index, place })
    }

    /// The Pods' `metadata`, which stands beside their `spec`.
    pub fn metadata(&self) -> Option<Value> {
        self.request.at(self.place.metadata)
    }

    /// Whether the Pods say that they run on Windows, where Kubernetes takes no settings of Linux.
    pub fn is_windows(&self) -> bool {
        self.value.string("/os/name").as_deref() == Some("windows")
    }

    /// Where a field of it is in the object: `spec.template.spec.hostNetwork`.
    pub fn path(&self, field: &str) -> String {
        [self.place.path, "spec.", field].concat()
    }

    /// Where a field of the Pods' metadata is in the object: `spec.template.metadata.labels`.
    pub fn metadata_path(&self, field: &str) -> String {
        [self.place.path, "metadata.", field].concat()
    }
}

// === impl Container ===

impl Container {
    /// Its name as a message shows it; empty when it has none.
    pub fn name(&self) -> String {
        self.value.show("/name")
    }

    /// Where a field of it is in the object: `spec.containers[0].image`.
    pub fn path(&self, field: &str) -> String {
        let dot = if field.is_empty() { "" } else { "." };
        let index = self.index.to_string();
        [self.place.path, "spec.", self.kind.list(), "[", &index, "]", dot, field].concat()
    }
}

impl Deref for Container {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.value
    }
}

// === impl ContainerKind ===

impl ContainerKind {
    fn pointer(self) -> &'static str {
        match self {
            ContainerKind::Init => "/initContainers",
            ContainerKind::Main => "/containers",
            ContainerKind::Ephemeral => "/ephemeralContainers",
        }
    }

    fn list(self) -> &'static str {
        self.pointer().strip_prefix('/').unwrap_or_default()
    }
}
