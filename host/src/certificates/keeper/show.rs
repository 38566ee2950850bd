//! Shows what the Secrets have.

use std::time::SystemTime;

use serde_json::Value;

use super::{
    super::{CertificateError, complain, secrets::Seen},
    Good, Keeper,
};

// === impl Keeper ===

impl Keeper {
    /// Shows what the Secrets have, if it can be used.
    pub(super) fn show(&mut self, seen: &Seen, live: Option<&Value>, now: SystemTime) {
        let new = match self.read(seen, now) {
            Ok(new) => new,
            Err(error) => {
                let before =
                    if self.good.is_some() { "the one before stays in use" } else { "there is none yet" };
                let text = format!(
                    "the certificate of the Secret {}/{} is not used, and {before}: {error}",
                    self.settings.namespace, self.settings.secret
                );
                self.handover.settled();
                return complain(&self.unusable, &text);
            }
        };
        self.unusable.is_well();
        if self.good.as_ref().is_some_and(|good| good.identity.is_same(&new.identity)) {
            self.handover.settled();
        } else if self.has_to_wait(&new, seen.whose, live, now) {
            return;
        } else {
            self.tls.show_known(&new.identity, &new.bundle);
            tracing::info!(until = new.identity.validity.end(), whose = ?seen.whose, "a certificate is in use");
            (self.ready)();
        }
        self.good = Some(new);
    }

    pub(super) fn read(&self, seen: &Seen, now: SystemTime) -> Result<Good, CertificateError> {
        let (identity, bundle) = (seen.identity()?, seen.bundle()?);
        identity.verify(&bundle, &self.settings.required(), now)?;
        Ok(Good { identity, bundle })
    }

    /// Nobody may be there who makes another in time.
    pub(super) fn warn_of_end(&mut self, now: SystemTime) {
        let Some(validity) = self.good.as_ref().map(|good| good.identity.validity) else { return };
        if validity.is_past(5, 6, now) {
            let days = validity.until.duration_since(now).unwrap_or_default().as_secs() / 86_400;
            let text = format!("the certificate ends at {}, in {days} days", validity.end());
            complain(&self.ending, &text);
        } else {
            self.ending.is_well();
        }
    }
}
