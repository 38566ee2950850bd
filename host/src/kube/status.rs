//! What became of a ConfigMap with policies or exemptions, told to whoever owns it: an annotation, as kube-mgmt wrote it, and an Event when
//! something is wrong.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMap, ObjectReference};
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    events::{Events, MAX_NOTE_BYTES, Report},
    objects::Key,
    refused,
};
use crate::{
    conditions::{Condition, Conditions},
    shorten,
};

/// The annotation that MagTape's users know.
pub const ANNOTATION: &str = "openpolicyagent.org/policy-status";

/// Annotations of one object have 256 KiB together; a policy with more errors than this has its owner's attention.
const MAX_ERROR_BYTES: usize = 2048;

/// What became of one ConfigMap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// What is wrong; nothing if all of it is in force.
    pub errors: Vec<String>,
    /// What is in force and probably not meant so.
    pub warnings: Vec<String>,
}

/// What ConfigMaps have, as their Events say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Policies, and data for them.
    Policies,
    /// Exemptions.
    Exemptions,
}

/// Writes statuses, while this replica leads.
pub struct Writer {
    client: Client,
    content: Content,
    events: Events,
    leads: watch::Receiver<bool>,
    condition: Condition,
}

// === impl Status ===

impl Status {
    /// `{"status":"ok"}` or `{"status":"error","error":…}`, with `warning` if there is one.
    pub fn annotation(&self) -> String {
        let text = |lines: &[String]| shorten::to_bytes(lines.join("\n"), MAX_ERROR_BYTES);
        let mut status = match self.errors.as_slice() {
            [] => json!({"status": "ok"}),
            errors => json!({"status": "error", "error": text(errors)}),
        };
        if let (false, Some(fields)) = (self.warnings.is_empty(), status.as_object_mut()) {
            fields.insert("warning".to_owned(), text(&self.warnings).into());
        }
        status.to_string()
    }
}

// === impl Content ===

impl Content {
    /// The reason of an Event about what is not in force.
    fn reason(self) -> &'static str {
        match self {
            Self::Policies => "PolicyNotLoaded",
            Self::Exemptions => "ExemptionNotInForce",
        }
    }

    /// What the names of such Events begin with.
    fn event_prefix(self) -> &'static str {
        match self {
            Self::Policies => "magtape-policy-status-",
            Self::Exemptions => "magtape-exemption-status-",
        }
    }
}

// === impl Writer ===

impl Writer {
    /// A writer with the name of this replica, for ConfigMaps that have such content.
    pub fn new(
        client: Client,
        content: Content,
        identity: impl Into<String>,
        leads: watch::Receiver<bool>,
        conditions: &Conditions,
    ) -> Self {
        let condition = conditions.about("write-statuses");
        Self { events: Events::new(client.clone(), identity), client, content, leads, condition }
    }

    /// Writes what differs from what is there. Answers how many ConfigMaps could not be told, which may be tried again.
    pub async fn write(
        &self,
        statuses: &BTreeMap<Key, Status>,
        objects: &BTreeMap<Key, std::sync::Arc<Value>>,
    ) -> usize {
        let (mut failed, mut reason) = (0, None);
        if !*self.leads.borrow() {
            self.condition.is_well();
            return failed;
        }
        for (key, status) in statuses {
            let Some(object) = objects.get(key).filter(|object| is_new(object, status)) else { continue };
            if let Err(error) = self.tell(key, object, status).await {
                failed += 1;
                tracing::warn!(
                    namespace = key.0,
                    name = key.1,
                    "the status of a ConfigMap cannot be written: {error}"
                );
                reason = Some(refused(&error));
            }
        }
        match reason {
            Some(reason) => drop(self.condition.fails(&reason)),
            None => self.condition.is_well(),
        }
        failed
    }

    async fn tell(&self, (namespace, name): &Key, object: &Value, status: &Status) -> kube::Result<()> {
        let api: Api<ConfigMap> = Api::namespaced(self.client.clone(), namespace);
        // With the version that was compiled: a newer one gets a status of its own.
        let version = object.pointer("/metadata/resourceVersion");
        let patch = json!({"metadata": {"resourceVersion": version, "annotations": {ANNOTATION: status.annotation()}}});
        match api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await {
            Ok(_) if status.errors.is_empty() => Ok(()),
            Ok(_) => self.event(namespace, object, status).await,
            Err(kube::Error::Api(answer)) if matches!(answer.code, 404 | 409) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn event(&self, namespace: &str, object: &Value, status: &Status) -> kube::Result<()> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let report = Report {
            name_prefix: self.content.event_prefix(),
            reason: self.content.reason(),
            action: "Load",
            note: shorten::to_bytes(status.errors.join("\n"), MAX_NOTE_BYTES),
            regarding: ObjectReference {
                api_version: Some("v1".to_owned()),
                kind: Some("ConfigMap".to_owned()),
                name: text("/metadata/name"),
                namespace: text("/metadata/namespace"),
                uid: text("/metadata/uid"),
                ..ObjectReference::default()
            },
            ..Report::default()
        };
        self.events.warn(namespace, report).await
    }
}

/// Whether the object does not say so already.
fn is_new(object: &Value, status: &Status) -> bool {
    let annotations = object.pointer("/metadata/annotations");
    annotations.and_then(|annotations| annotations.get(ANNOTATION)).and_then(Value::as_str)
        != Some(&status.annotation())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_as_kube_mgmt_wrote_it_and_written_once() {
        let ok = Status::default();
        assert_eq!(ok.annotation(), r#"{"status":"ok"}"#);
        let warned = Status { warnings: vec!["never ends".to_owned()], ..Status::default() };
        assert_eq!(warned.annotation(), r#"{"status":"ok","warning":"never ends"}"#);
        let errors = vec!["policy.rego: line 3".to_owned(), "x".repeat(5000)];
        let wrong = Status { errors, ..Status::default() };
        let annotation: Value = serde_json::from_str(&wrong.annotation()).unwrap();
        assert!(annotation["error"].as_str().unwrap().starts_with("policy.rego: line 3\nxxx"));
        assert!(annotation["error"].as_str().unwrap().len() <= MAX_ERROR_BYTES);
        let mut object = json!({"metadata": {"annotations": {}}});
        assert!(is_new(&object, &ok));
        object["metadata"]["annotations"][ANNOTATION] = ok.annotation().into();
        assert!(!is_new(&object, &ok) && is_new(&object, &wrong));
    }
}
