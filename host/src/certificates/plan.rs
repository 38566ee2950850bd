//! What the replica that writes has to do next. Pure: the same state has the same answer, whoever leads.

use std::time::{Duration, SystemTime};

use super::{
    authority::{Authority, Lifetimes},
    identity::{Bundle, Identity},
    pem::Certificate,
};

/// CAs that one bundle may come to have when somebody breaks Secrets faster than certificates end.
const MAX_KEPT: usize = 8;

/// What is known.
pub struct State<'a> {
    /// The CA that signs, if its key is there.
    pub authority: Option<&'a Authority>,
    /// All CAs that are trusted, the one that signs among them.
    pub bundle: Option<&'a Bundle>,
    /// The certificate in the Secret, if clients that trust the bundle accept it.
    pub serving: Option<&'a Identity>,
    /// How long the webhook configuration has had the bundle; `None` if it has not, or nobody knows.
    pub in_force: Option<Duration>,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing, for now.
    Rest,
    /// A CA is to be made, and added to those that are trusted.
    MakeAuthority,
    /// A serving certificate is to be signed.
    Sign,
    /// All CAs but the one that signs are to be taken out of the bundle.
    Forget,
}

/// What is to be done next.
pub fn next(state: &State, lifetimes: Lifetimes, now: SystemTime) -> Step {
    let Some(authority) = state.authority else { return Step::MakeAuthority };
    let life = authority.certificate.validity;
    if life.is_past(2, 3, now) {
        return Step::MakeAuthority;
    }
    // Nobody could be served by what is there, so nobody is harmed by another.
    let Some(serving) = state.serving else { return Step::Sign };
    let only = Bundle(vec![authority.certificate.clone()]);
    if serving.verify(&only, &[], now).is_err() {
        let has_spread = state.in_force.is_some_and(|since| since >= lifetimes.spread());
        // Where nobody can tell who trusts the new CA, there is a tenth of its life to see to it.
        return if has_spread || life.is_past(1, 10, now) { Step::Sign } else { Step::Rest };
    }
    if serving.validity.is_past(2, 3, now) {
        return Step::Sign;
    }
    let others = state.bundle.is_some_and(|bundle| bundle.0.len() > 1);
    // What another CA signed was signed before this one was made, and is over by then.
    let made = life.from.checked_add(lifetimes.backdated()).unwrap_or(life.from);
    let all_over = now.duration_since(made).is_ok_and(|age| age > lifetimes.serving);
    if others && all_over { Step::Forget } else { Step::Rest }
}

/// The CAs to keep beside a new one: those trusted so far, and those remembered, as long as they are good.
pub(super) fn kept<'a>(
    certificates: impl Iterator<Item = &'a Certificate>,
    now: SystemTime,
) -> Vec<Certificate> {
    let mut kept = Vec::new();
    for certificate in certificates.filter(|certificate| !certificate.validity.is_over(now)) {
        if kept.len() < MAX_KEPT && !kept.contains(certificate) {
            kept.push(certificate.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests;
