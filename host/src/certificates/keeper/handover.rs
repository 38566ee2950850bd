//! A certificate that somebody replaces together with its CA. The API server is to know the new CA before the new
//! certificate is shown, and the old one for as long as a replica may still show the old certificate.

use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use super::{
    super::{
        identity::{Bundle, Identity},
        secrets::Whose,
    },
    Good, Keeper,
    register::registered_bundle,
};

/// How often it is looked meanwhile.
pub(super) const EVERY: Duration = Duration::from_millis(500);

/// Who leads may have to be found out first.
const LEAST: Duration = Duration::from_secs(30);

/// Bundles before that stay known. Nobody replaces CAs so often.
const MAX_GOING: usize = 4;

/// What is on its way; nothing, most of the time.
#[derive(Default)]
pub(super) struct Handover {
    coming: Option<Coming>,
    /// CAs of what was shown before, and until when they stay known.
    going: Vec<(Bundle, Instant)>,
}

/// The CAs of a certificate that waits.
struct Coming {
    bundle: Bundle,
    since: Instant,
    /// Since when the API server has had them.
    known: Option<Instant>,
}

/// How long a certificate waits at most, as there may be nobody who tells the API server of its CA; and so how long
/// another replica may still show the one before.
fn most(spread: Duration) -> Duration {
    (spread * 2).max(LEAST)
}

// === impl Handover ===

impl Handover {
    pub(super) fn is_under_way(&self) -> bool {
        self.coming.is_some() || !self.going.is_empty()
    }

    /// The CAs that the API server is to know: those of what is shown, and those of what comes and what goes.
    pub(super) fn known(&self, shown: &Bundle) -> Bundle {
        let coming = self.coming.iter().map(|coming| &coming.bundle);
        let going = self.going.iter().map(|(bundle, _)| bundle);
        let mut known = shown.clone();
        for certificate in coming.chain(going).flat_map(|bundle| &bundle.0) {
            if !known.0.contains(certificate) {
                known.0.push(certificate.clone());
            }
        }
        known
    }

    /// Forgets the CAs of what nobody shows any more.
    pub(super) fn tick(&mut self) {
        self.going.retain(|(_, until)| Instant::now() < *until);
    }

    /// What is there is what is shown, or cannot be.
    pub(super) fn settled(&mut self) {
        self.coming = None;
    }

    /// Whether what is `new` has to wait; `is_known` says whether the API server would accept it.
    fn waits(&mut self, new: &Bundle, is_known: bool, spread: Duration) -> bool {
        let now = Instant::now();
        let same = self.coming.take().filter(|coming| coming.bundle == *new);
        let mut coming = same.unwrap_or_else(|| {
            tracing::info!(
                "a certificate of another CA is there, and shown as soon as the API server knows that"
            );
            Coming { bundle: new.clone(), since: now, known: None }
        });
        coming.known = is_known.then(|| coming.known.unwrap_or(now));
        let has_spread = coming.known.is_some_and(|known| known.elapsed() >= spread);
        if has_spread || coming.since.elapsed() >= most(spread) {
            return false;
        }
        self.coming = Some(coming);
        true
    }

    /// Another certificate is shown, by which the CAs before have to stay known for a while.
    fn keep_known(&mut self, before: Bundle, spread: Duration) {
        self.coming = None;
        self.going.push((before, Instant::now() + most(spread)));
        let more = self.going.len().saturating_sub(MAX_GOING);
        self.going.drain(..more);
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
        if whose == Whose::Ours || self.registered.is_none() {
            return false;
        }
        let (required, spread) = (self.settings.required(), self.settings.lifetimes.spread());
        let accepts = |bundle: &Bundle, identity: &Identity| identity.verify(bundle, &required, now).is_ok();
        let registered = live.and_then(registered_bundle);
        let Some(shown) = &self.good else {
            // Others may still show what the API server was told of before this replica began.
            let is_other = |before: &Bundle| before.0.iter().any(|ca| !new.bundle.0.contains(ca));
            let before = registered.filter(is_other);
            before.into_iter().for_each(|before| self.handover.keep_known(before, spread));
            return false;
        };
        let is_known = registered.is_some_and(|bundle| accepts(&bundle, &new.identity));
        let was_trusted = accepts(&shown.bundle, &new.identity);
        let is_over = !accepts(&shown.bundle, &shown.identity);
        let goes = (!accepts(&new.bundle, &shown.identity)).then(|| shown.bundle.clone());
        let at_once = is_over || (was_trusted && is_known);
        if !at_once && self.handover.waits(&new.bundle, is_known, spread) {
            return true;
        }
        goes.into_iter().for_each(|before| self.handover.keep_known(before, spread));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificates::{Authority, Lifetimes};

    fn bundle(count: usize) -> Bundle {
        let lifetimes = Lifetimes { serving: Duration::from_secs(86_400) };
        let make = |_| Authority::make(lifetimes, SystemTime::now()).unwrap().certificate;
        Bundle((0..count).map(make).collect())
    }

    #[test]
    fn all_that_is_shown_comes_and_goes_is_known_however_much_it_is() {
        let (shown, new, spread) = (bundle(9), bundle(9), Duration::from_secs(60));
        let mut handover = Handover::default();
        assert!(!handover.is_under_way());
        assert_eq!(handover.known(&shown), shown);
        assert!(handover.waits(&new, false, spread) && handover.waits(&new, true, spread));
        let known = handover.known(&shown).0;
        assert_eq!(known, [shown.0.clone(), new.0.clone()].concat());
        assert!(!handover.waits(&new, true, Duration::ZERO), "the API server knows it");
        handover.keep_known(shown.clone(), spread);
        assert_eq!(handover.known(&new).0, [new.0.clone(), shown.0].concat());
        for _ in 0..10 {
            handover.keep_known(bundle(1), spread);
        }
        assert_eq!(handover.known(&new).0.len(), 9 + MAX_GOING);
        handover.tick();
        assert!(handover.is_under_way());
    }
}
