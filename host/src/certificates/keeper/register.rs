//! Keeps the webhook configuration as the template has it, with the CAs of what is shown.

use std::time::Instant;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::{
    super::{
        identity::Bundle,
        pem::{Pem, Secret},
    },
    Keeper,
};
use crate::kube::webhook;

// === impl Keeper ===

impl Keeper {
    /// Sees to it that the API server knows the webhook by the CAs of what is shown.
    pub(super) async fn register(&mut self, live: Option<&Value>) -> Result<(), String> {
        let (Some(template), Some(good)) = (&self.settings.template, &self.good) else { return Ok(()) };
        let bundle = self.handover.known(&good.bundle);
        let wanted = template.with(&bundle);
        let has = |part: &Value| live.is_some_and(|live| webhook::has(live, part));
        let bundles = webhook::bundles(&wanted);
        if !has(&bundles) {
            self.in_force = None;
        } else if self.in_force.as_ref().is_none_or(|(before, _)| *before != bundles) {
            self.in_force = Some((bundles, Instant::now()));
        }
        if has(&wanted) {
            return Ok(());
        }
        let applied = webhook::apply(self.client.clone(), &template.name, &wanted).await;
        applied.map_err(|error| error.to_string())?;
        tracing::info!(name = template.name, cas = bundle.0.len(), "the webhook configuration is applied");
        Ok(())
    }
}

/// The CAs that a webhook configuration has.
pub(super) fn registered_bundle(live: &Value) -> Option<Bundle> {
    let encoded = live.pointer("/webhooks/0/clientConfig/caBundle")?.as_str()?;
    let text = Secret(BASE64_STANDARD.decode(encoded).ok()?);
    Bundle::read(&Pem { place: "the webhook configuration".to_owned(), text }).ok()
}
