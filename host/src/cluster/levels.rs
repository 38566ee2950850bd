//! Deny levels of namespaces: an annotation may make the webhook stricter for its namespace, and never weaker.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;
use tokio::sync::watch;

use super::{MOMENT, begun::Beginning};
use crate::{
    evaluate::{Governance, Levels},
    kube::objects::{self, Key, Objects},
    verdict::DenyLevel,
};

/// The annotation of a Namespace.
const ANNOTATION: &str = "k8s.t-mobile.com/magtape-deny-level";

/// What has been logged of a namespace's annotation: its value.
type Told = BTreeMap<String, String>;

/// Keeps the levels of `governance` as the namespaces are. While they cannot be read, nothing changes; following them
/// logs why.
pub(super) async fn keep(
    mut namespaces: watch::Receiver<Objects>,
    governance: Arc<Governance>,
    global: DenyLevel,
    beginning: Beginning,
) {
    let mut beginning = Some(beginning);
    let mut told = Told::new();
    while objects::settled(&mut namespaces, MOMENT).await {
        let Objects { all, stale } = namespaces.borrow().clone();
        let heard = all.is_some() || stale.is_some();
        if let Some(all) = all {
            let (levels, odd) = read(&all, global);
            for (namespace, reason) in
                odd.iter().filter(|(namespace, reason)| told.get(*namespace) != Some(*reason))
            {
                tracing::warn!(namespace, "the annotation {ANNOTATION} has no effect: {reason}");
            }
            told = odd;
            governance.levels.set(levels);
        }
        if heard {
            beginning.take();
        }
    }
}

/// The levels that have an effect, and what is wrong with the others.
fn read(namespaces: &BTreeMap<Key, Arc<Value>>, global: DenyLevel) -> (Levels, Told) {
    let (mut levels, mut odd) = (Levels::new(), Told::new());
    for ((_, name), namespace) in namespaces {
        let annotations = namespace.pointer("/metadata/annotations");
        let annotation =
            annotations.and_then(|annotations| annotations.get(ANNOTATION)).and_then(Value::as_str);
        match annotation.map(str::parse::<DenyLevel>) {
            None => {}
            Some(Ok(level)) if level >= global => {
                levels.insert(name.clone(), level);
            }
            Some(Ok(level)) => {
                odd.insert(name.clone(), format!("{level} is weaker than the webhook's {global}"));
            }
            Some(Err(unknown)) => {
                odd.insert(name.clone(), unknown.to_string());
            }
        }
    }
    (levels, odd)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_known_and_not_weaker_is_taken() {
        let namespace =
            |annotation: Value| Arc::new(json!({"metadata": {"annotations": {ANNOTATION: annotation}}}));
        let namespaces = [
            ("high", json!("HIGH")),
            ("med", json!("med")),
            ("low", json!("LOW")),
            ("off", json!("OFF")),
            ("empty", json!("")),
            ("odd", json!("STRICT")),
            ("none", json!(null)),
        ]
        .map(|(name, value)| ((String::new(), name.to_owned()), namespace(value)));
        let (levels, odd) = read(&namespaces.into(), DenyLevel::Med);
        let levels: Vec<(String, DenyLevel)> = levels.into_iter().collect();
        assert_eq!(levels, [("high".to_owned(), DenyLevel::High), ("med".to_owned(), DenyLevel::Med)]);
        assert_eq!(odd.keys().collect::<Vec<_>>(), ["empty", "low", "odd", "off"]);
        assert_eq!(odd["off"], "OFF is weaker than the webhook's MED");
        assert!(odd["odd"].starts_with("unknown deny level \"STRICT\""), "{odd:?}");
    }
}
