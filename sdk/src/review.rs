//! The review that a policy judges.

use serde::Deserialize;

use crate::{Container, Error, Operation, PodSpec, Value, documents, workload};

/// An AdmissionReview: a request to admit an object. The host holds it.
#[derive(Clone, Copy, Debug)]
pub struct Document {
    request: Value,
}

/// Group, version and kind of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind, such as `Deployment`.
    pub kind: String,
}

// === impl Document ===

impl Document {
    /// The review of this evaluation.
    pub(crate) fn new() -> Self {
        let review = Value::new(documents::review());
        Self { request: review.at("/request").unwrap_or(review) }
    }

    /// The review's `request`, with all of its fields
    /// (<https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request>).
    pub fn request(&self) -> Value {
        self.request
    }

    /// The object, as a type of serde's such as those of `k8s_openapi`. In a deletion it is the object that goes.
    ///
    /// # Errors
    /// When it is no such object; says what was expected.
    pub fn object<'de, T: Deserialize<'de>>(&self) -> Result<T, Error> {
        parse(self.request.at("/object"), "the object")
    }

    /// The object as it was before an update.
    ///
    /// # Errors
    /// When it is no such object, or when there was none.
    pub fn old_object<'de, T: Deserialize<'de>>(&self) -> Result<T, Error> {
        parse(self.old_value(), "the old object")
    }

    /// The object, to be read in part: `document.value().string("/metadata/name")`. A request without an object, such as a
    /// connection, has its own fields there.
    pub fn value(&self) -> Value {
        self.request.at("/object").unwrap_or(self.request)
    }

    /// The object as it was before an update, to be read in part.
    pub fn old_value(&self) -> Option<Value> {
        self.request.at("/oldObject").filter(|value| value.read("") != Some(crate::Content::Null))
    }

    /// What is done to the object; `None` when the request does not say.
    pub fn operation(&self) -> Option<Operation> {
        match self.request.string("/operation")?.as_str() {
            "CREATE" => Some(Operation::Create),
            "UPDATE" => Some(Operation::Update),
            "DELETE" => Some(Operation::Delete),
            "CONNECT" => Some(Operation::Connect),
            _ => None,
        }
    }

    /// The object's kind.
    pub fn kind(&self) -> Kind {
        let part = |pointer| self.request.string(pointer).unwrap_or_default();
        Kind { group: part("/kind/group"), version: part("/kind/version"), kind: part("/kind/kind") }
    }

    /// The object's namespace; empty for objects of the cluster.
    pub fn namespace(&self) -> String {
        self.request.string("/namespace").unwrap_or_default()
    }

    /// The object's name; empty when the API server has yet to make one.
    pub fn name(&self) -> String {
        let name = self.request.string("/name").filter(|name| !name.is_empty());
        name.or_else(|| self.request.string("/object/metadata/name")).unwrap_or_default()
    }

    /// What the object says of its Pods: the object itself for a Pod, and the template of everything that makes Pods
    /// (Deployment, `StatefulSet`, `DaemonSet`, `ReplicaSet`, `ReplicationController`, Job, `CronJob`, `PodTemplate`, and
    /// kinds of others that have their template at `spec.template`).
    pub fn pod_spec(&self) -> Option<PodSpec> {
        workload::pod_spec(self.request)
    }

    /// Every container of the Pods that the object makes: init containers, containers, ephemeral containers.
    pub fn containers(&self) -> Vec<Container> {
        self.pod_spec().map(|pod| pod.containers()).unwrap_or_default()
    }
}

fn parse<'de, T: Deserialize<'de>>(value: Option<Value>, what: &str) -> Result<T, Error> {
    let value = value.ok_or_else(|| Error::new(format!("{what} is missing")))?;
    value.parse().map_err(|error: Error| Error::new(format!("{what} cannot be read: {error}")))
}
