//! What a cluster's administrators and tenants say beside the webhook's own policies: how strict a namespace is, what is
//! exempt, and what tenants' policies judge.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::{
    Current,
    tenants::{Tenant, Tenants},
};
use crate::{
    policy::exemption::{Exemptions, Subject},
    review::Request,
    verdict::{DenyLevel, Outcome},
};

/// The deny levels that namespaces ask for, by their names.
pub type Levels = BTreeMap<String, DenyLevel>;

/// What is said; each part is swapped by itself.
#[derive(Default)]
pub struct Governance {
    /// The levels of namespaces. One that is weaker than the webhook's has no effect.
    pub levels: Current<Levels>,
    /// The exemptions.
    pub exemptions: Current<Exemptions>,
    /// The policies that tenants bring. No exemption is about them.
    pub tenants: Current<Tenants>,
}

// === impl Governance ===

impl Governance {
    /// The level for a request: that of the webhook, or that of the namespace if it is stricter.
    pub fn level(&self, request: &Request, global: DenyLevel) -> DenyLevel {
        let levels = self.levels.get();
        levels.get(namespace(request)).map_or(global, |level| global.max(*level))
    }

    /// Marks the outcomes as far as the object is exempt now.
    pub fn exempt(&self, request: &Request, outcomes: &mut [Outcome]) {
        let subject = Subject {
            group: &request.kind.group,
            kind: &request.kind.kind,
            namespace: namespace(request),
            name: &request.name,
        };
        self.exemptions.get().apply(subject, Timestamp::now(), outcomes);
    }

    /// The tenant whose policies judge the request, if there is one. Objects of the cluster are nobody's.
    pub fn tenant(&self, request: &Request) -> Option<Arc<Tenant>> {
        if request.namespace.is_empty() || is_namespace(request) {
            return None;
        }
        self.tenants.get().get(&request.namespace).cloned()
    }
}

/// The namespace whose rules hold. A Namespace is in itself, whether or not the API server says so.
fn namespace(request: &Request) -> &str {
    if request.namespace.is_empty() && is_namespace(request) { &request.name } else { &request.namespace }
}

fn is_namespace(request: &Request) -> bool {
    request.kind.group.is_empty() && request.kind.kind == "Namespace"
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn request(change: Value) -> Request {
        let mut request =
            json!({"uid": "u", "operation": "UPDATE", "kind": {"version": "v1", "kind": "Pod"}});
        request.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        Request::parse(json!({ "request": request }).to_string().into_bytes()).unwrap()
    }

    #[test]
    fn a_namespace_is_stricter_or_as_all_are() {
        use DenyLevel::{High, Low, Med, Off};
        let governance = Governance::default();
        governance.levels.set([("strict".to_owned(), Med), ("off".to_owned(), Off)].into());
        let strict = json!({"namespace": "strict"});
        let itself = json!({"kind": {"version": "v1", "kind": "Namespace"}, "name": "strict"});
        let other = json!({"kind": {"group": "x", "version": "v1", "kind": "Namespace"}, "name": "strict"});
        for (change, global, expected) in [
            (&strict, Off, Med),
            (&strict, Low, Med),
            (&strict, Med, Med),
            (&strict, High, High),
            (&json!({"namespace": "off"}), Low, Low),
            (&json!({"namespace": "other"}), Low, Low),
            (&json!({"name": "strict"}), Low, Low),
            (&itself, Low, Med),
            (&other, Low, Low),
        ] {
            assert_eq!(governance.level(&request(change.clone()), global), expected, "{change} {global}");
        }
    }
}
