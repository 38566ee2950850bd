//! What goes to a receiver.

use crate::{
    notify::{Notification, Told},
    policy::Glob,
    verdict::Severity,
};

/// How a request ended, as people sort them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was refused.
    Denied,
    /// It was allowed although policies have something against it.
    Warned,
    /// A policy could not be evaluated, whatever came of it.
    Failed,
}

/// Takes what fits all of its lists; an empty one fits everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Route {
    pub(super) namespaces: Vec<Glob>,
    pub(super) severities: Vec<Severity>,
    pub(super) policies: Vec<Glob>,
    pub(super) codes: Vec<Glob>,
    pub(super) outcomes: Vec<Outcome>,
}

// === impl Outcome ===

impl Outcome {
    /// What a notification is about.
    pub(super) fn of(notification: &Notification) -> impl Iterator<Item = Self> {
        let decided = if notification.allowed { Self::Warned } else { Self::Denied };
        std::iter::once(decided).chain(notification.failed.then_some(Self::Failed))
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Warned => "warned",
            Self::Failed => "failed",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Denied, Self::Warned, Self::Failed].into_iter().find(|outcome| outcome.as_str() == text)
    }
}

// === impl Route ===

impl Route {
    /// Whether it takes this one: by its namespace, its outcome, and one violation that fits in every way.
    pub(super) fn takes(&self, notification: &Notification) -> bool {
        let namespace = any(&self.namespaces, |glob| glob.matches(&notification.object.namespace));
        let outcome = any(&self.outcomes, |wanted| Outcome::of(notification).any(|of| of == *wanted));
        namespace && outcome && notification.violations.iter().any(|told| self.takes_violation(told))
    }

    fn takes_violation(&self, told: &Told) -> bool {
        told.exemption.is_none()
            && any(&self.severities, |severity| told.severity == *severity)
            && any(&self.policies, |glob| glob.matches(&told.policy))
            && any(&self.codes, |glob| glob.matches(&told.code))
    }
}

/// Whether one of the list fits, or there is none.
fn any<T>(list: &[T], fits: impl Fn(&T) -> bool) -> bool {
    list.is_empty() || list.iter().any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::notification::tests::notification;

    fn globs(texts: &[&str]) -> Vec<Glob> {
        texts.iter().map(|text| Glob::parse(text).unwrap()).collect()
    }

    #[test]
    fn a_route_takes_what_fits_in_every_way() {
        let told = notification("web");
        let all = Route::default();
        let in_namespaces = |texts: &[&str]| Route { namespaces: globs(texts), ..all.clone() };
        let of_codes = |texts: &[&str]| Route { codes: globs(texts), ..all.clone() };
        let ended = |outcomes: Vec<Outcome>| Route { outcomes, ..all.clone() };
        for (route, expected) in [
            (all.clone(), true),
            (in_namespaces(&["x", "de*"]), true),
            (in_namespaces(&["de"]), false),
            (of_codes(&["MT1"]), true),
            (of_codes(&["MT2*"]), false),
            (Route { policies: globs(&["p"]), ..all.clone() }, true),
            (Route { policies: globs(&["q"]), codes: globs(&["MT1"]), ..all.clone() }, false),
            (Route { severities: vec![Severity::High], ..all.clone() }, true),
            (Route { severities: vec![Severity::Low, Severity::Med], ..all.clone() }, false),
            (ended(vec![Outcome::Denied]), true),
            (ended(vec![Outcome::Warned, Outcome::Failed]), false),
        ] {
            assert_eq!(route.takes(&told), expected, "{route:?}");
        }
        let mut mixed = told;
        mixed.violations.push(Told {
            code: "MT2".to_owned(),
            severity: Severity::Low,
            ..mixed.violations[0].clone()
        });
        let split = Route { codes: globs(&["MT2"]), severities: vec![Severity::High], ..all.clone() };
        assert!(!split.takes(&mixed), "no violation fits both");
        mixed.violations[0].exemption = Some("legacy/x".to_owned());
        assert!(!of_codes(&["MT1"]).takes(&mixed) && of_codes(&["MT2"]).takes(&mixed));
        (mixed.failed, mixed.object.namespace) = (true, String::new());
        assert!(ended(vec![Outcome::Failed]).takes(&mixed) && in_namespaces(&["*"]).takes(&mixed));
    }
}
