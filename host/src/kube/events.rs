//! Writes Events (`events.k8s.io/v1`).

use std::collections::BTreeMap;

use k8s_openapi::{
    api::{
        core::v1::ObjectReference,
        events::v1::{Event, EventSeries},
    },
    apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta},
    jiff::Timestamp,
};
use kube::{Api, Client, api::PostParams};

/// The bytes of a note that the API server takes.
pub const MAX_NOTE_BYTES: usize = 1024;

/// Who writes Events.
const CONTROLLER: &str = "magtape";

/// What an Event says.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What its name begins with.
    pub name_prefix: &'static str,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Why, in one word.
    pub reason: &'static str,
    /// What was done.
    pub action: &'static str,
    /// What happened, in at most [`MAX_NOTE_BYTES`].
    pub note: String,
    /// What it is about.
    pub regarding: ObjectReference,
    /// How often it happened, if that was more than once.
    pub times: Option<i32>,
}

/// Writes Events in the name of this replica.
#[derive(Clone)]
pub struct Events {
    client: Client,
    identity: String,
}

// === impl Events ===

impl Events {
    /// `identity` is the name of this replica.
    pub fn new(client: Client, identity: impl Into<String>) -> Self {
        Self { client, identity: identity.into() }
    }

    /// Writes a warning into the namespace.
    ///
    /// # Errors
    /// When the API server refuses, or does not answer.
    pub async fn warn(&self, namespace: &str, report: Report) -> kube::Result<()> {
        let now = MicroTime(Timestamp::now());
        let series = |count| EventSeries { count, last_observed_time: now.clone() };
        let event = Event {
            metadata: ObjectMeta {
                generate_name: Some(report.name_prefix.to_owned()),
                labels: Some(report.labels).filter(|labels| !labels.is_empty()),
                ..ObjectMeta::default()
            },
            type_: Some("Warning".to_owned()),
            reason: Some(report.reason.to_owned()),
            action: Some(report.action.to_owned()),
            note: Some(report.note),
            regarding: Some(report.regarding),
            series: report.times.map(series),
            event_time: Some(now),
            reporting_controller: Some(CONTROLLER.to_owned()),
            reporting_instance: Some(self.identity.clone()),
            ..Event::default()
        };
        let api: Api<Event> = Api::namespaced(self.client.clone(), namespace);
        api.create(&PostParams::default(), &event).await.map(drop)
    }
}
