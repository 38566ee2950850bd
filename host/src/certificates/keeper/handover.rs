//! A certificate that somebody replaces together with its CA. The API server is to know the new CA before the new
//! certificate is shown, and the old one for as long as a replica may still show the old certificate.

use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use super::{
    super::{identity::Bundle, pem::Certificate, plan, secrets::Whose},
    Good, Keeper,
    register::registered_bundle,
};

/// A certificate waits no longer for the API server: there may be nobody who tells it of the CA.
const MOST: Duration = Duration::from_secs(120);

/// How long the CAs before stay known. Replicas switch within seconds of each other.
const AFTER: Duration = Duration::from_secs(60);

/// How often it is looked meanwhile.
pub(super) const EVERY: Duration = Duration::from_millis(500);

/// What is on its way; nothing, most of the time.
#[derive(Default)]
pub(super) struct Handover {
    coming: Option<Coming>,
    /// The CAs of what was shown before, and until when they stay known.
    going: Option<(Bundle, Instant)>,
}

/// The CAs of a certificate that waits.
struct Coming {
    bundle: Bundle,
    since: Instant,
    /// Since when the API server has had them.
    known: Option<Instant>,
}

// === impl Handover ===

impl Handover {
    pub(super) fn is_under_way(&self) -> bool {
        self.coming.is_some() || self.going.is_some()
    }

    /// The CAs that the API server is to know: those of what is shown, and those of what comes and what goes.
    pub(super) fn known(&self, shown: &Bundle) -> Bundle {
        let coming = self.coming.iter().flat_map(|coming| &coming.bundle.0);
        let going = self.going.iter().flat_map(|(bundle, _)| &bundle.0);
        let all: Vec<&Certificate> = shown.0.iter().chain(coming).chain(going).collect();
        if all.len() == shown.0.len() {
            return shown.clone();
        }
        Bundle(plan::kept(all.into_iter(), SystemTime::now()))
    }

    /// Forgets the CAs of what nobody shows any more.
    pub(super) fn tick(&mut self) {
        self.going.take_if(|(_, until)| Instant::now() >= *until);
    }

    /// Whether what is `new` has to wait; `is_known` says whether the API server would accept it.
    fn waits(&mut self, new: &Bundle, is_known: bool, spread: Duration) -> bool {
        let now = Instant::now();
        let same = self.coming.take().filter(|coming| coming.bundle.0 == new.0);
        let mut coming = same.unwrap_or_else(|| {
            tracing::info!(
                "a certificate of another CA is there, and shown as soon as the API server knows that"
            );
            Coming { bundle: new.clone(), since: now, known: None }
        });
        coming.known = is_known.then(|| coming.known.unwrap_or(now));
        let has_spread = coming.known.is_some_and(|known| known.elapsed() >= spread);
        if has_spread || coming.since.elapsed() >= MOST {
            return false;
        }
        self.coming = Some(coming);
        true
    }

    /// What is there is what is shown.
    pub(super) fn settled(&mut self) {
        self.coming = None;
    }

    fn switched(&mut self, before: Bundle) {
        self.coming = None;
        self.going = Some((before, Instant::now() + AFTER));
    }
}

// === impl Keeper ===

impl Keeper {
    /// Whether what was brought has to wait until the API server knows its CA.
    pub(super) fn has_to_wait(
        &mut self,
        new: &Good,
        whose: Whose,
        live: Option<&Value>,
        now: SystemTime,
    ) -> bool {
        let Some(shown) = &self.good else { return false };
        let required = self.settings.required();
        let is_same_authority = new.identity.verify(&shown.bundle, &required, now).is_ok();
        let is_over = shown.identity.verify(&shown.bundle, &required, now).is_err();
        if whose == Whose::Ours || self.registered.is_none() || is_same_authority || is_over {
            return false;
        }
        let registered = live.and_then(registered_bundle);
        let is_known = registered.is_some_and(|bundle| new.identity.verify(&bundle, &required, now).is_ok());
        let before = shown.bundle.clone();
        let waits = self.handover.waits(&new.bundle, is_known, self.settings.lifetimes.spread());
        if !waits {
            self.handover.switched(before);
        }
        waits
    }
}
