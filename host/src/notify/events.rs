//! Events of the cluster, beside the objects that they are about.

use std::{collections::BTreeMap, time::Duration};

use k8s_openapi::api::core::v1::ObjectReference;

use super::{Delivered, Delivery, Fault, Notification, Object, Sink};
use crate::kube::events::{Events, MAX_NOTE_BYTES, Report};

/// Where Events about objects of the cluster are, as the API server has it.
const OF_THE_CLUSTER: &str = "default";

/// The API server's time for an answer, as receivers have it.
const DEADLINE: Duration = Duration::from_secs(5);

/// Writes an Event for each notification.
pub struct ClusterEvents(pub Events);

// === impl ClusterEvents ===

impl Sink for ClusterEvents {
    fn name(&self) -> &'static str {
        "events"
    }

    fn wants(&self, _: &Notification) -> bool {
        true
    }

    fn deliver<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        Box::pin(async move {
            let namespace = namespace(&notification.object).unwrap_or(OF_THE_CLUSTER);
            let written = tokio::time::timeout(DEADLINE, self.0.warn(namespace, report(notification))).await;
            match written {
                Ok(Ok(())) => Ok(Delivered::Told),
                Ok(Err(error)) => Err(fault(&error)),
                Err(_) => Err(Fault::passing("the API server did not answer in time")),
            }
        })
    }
}

/// The namespace that the object is in; a Namespace is in none, whatever its requests say.
fn namespace(object: &Object) -> Option<&str> {
    let is_namespace = object.kind == "Namespace" && object.api_version == "v1";
    Some(object.namespace.as_str()).filter(|namespace| !namespace.is_empty() && !is_namespace)
}

fn report(notification: &Notification) -> Report {
    let object = &notification.object;
    // The one that is told, and those that were not.
    let times = notification.repeats.saturating_add(1);
    Report {
        name_prefix: "magtape-policy-failure-",
        labels: BTreeMap::from([("magtape-event".to_owned(), "policy-failure".to_owned())]),
        reason: "MagTapePolicyFailure",
        action: "MagTape Policy Failure",
        note: notification.within(MAX_NOTE_BYTES),
        regarding: ObjectReference {
            api_version: Some(object.api_version.clone()),
            kind: Some(object.kind.clone()),
            name: Some(object.name.clone()),
            namespace: namespace(object).map(str::to_owned),
            uid: object.uid.clone(),
            ..ObjectReference::default()
        },
        times: (times > 1).then(|| i32::try_from(times).unwrap_or(i32::MAX)),
    }
}

fn fault(error: &kube::Error) -> Fault {
    match error {
        kube::Error::Api(status) if status.code == 429 || status.code >= 500 => {
            Fault::passing(format!("the API server answered {}", status.code))
        }
        // Such as a namespace that is gone, or a right that is missing.
        kube::Error::Api(status) => Fault::Lasting(status.message.clone()),
        error => Fault::passing(format!("the API server could not be reached: {error}")),
    }
}
