//! Exemptions from the ConfigMaps of the webhook's own namespace, which administrators write; nothing in another
//! namespace is one.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;
use tokio::sync::watch;

use super::{MOMENT, RETRY, begun::Beginning};
use crate::{
    evaluate::Governance,
    kube::{
        objects::{self, Key, Objects},
        status::{Status, Writer},
    },
    policy::exemption::{Exemption, Exemptions, MAX_EXEMPTIONS},
    source::exemptions,
};

/// Labels of ConfigMaps whose status is written by what reads policies. Two must not write one annotation.
const OF_POLICIES: [&str; 2] = ["openpolicyagent.org/policy", "openpolicyagent.org/data"];

/// Keeps the exemptions in force that the ConfigMaps have.
pub(super) struct Keeper {
    pub(super) config_maps: watch::Receiver<Objects>,
    pub(super) governance: Arc<Governance>,
    pub(super) writer: Writer,
    pub(super) leads: watch::Receiver<bool>,
}

/// What came of the ConfigMaps.
#[derive(Default)]
struct Read {
    exemptions: Exemptions,
    statuses: BTreeMap<Key, Status>,
    /// Those that are read as policies or data, with the label that says so.
    others: BTreeMap<Key, &'static str>,
}

// === impl Keeper ===

impl Keeper {
    pub(super) async fn run(mut self, beginning: Beginning) {
        let mut beginning = Some(beginning);
        let mut before = Read::default();
        let mut untold = false;
        loop {
            tokio::select! {
                alive = objects::settled(&mut self.config_maps, MOMENT) => if !alive { return },
                changed = self.leads.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(RETRY), if untold => {}
            }
            let Objects { all, stale } = self.config_maps.borrow().clone();
            let Some(all) = all else {
                // As long as they cannot be read nothing is exempt, which is the safe side.
                beginning.take_if(|_| stale.is_some());
                continue;
            };
            let read = read(&all);
            before = self.put_in_force(before, read);
            beginning.take();
            untold = self.writer.write(&before.statuses, &all).await > 0;
        }
    }

    fn put_in_force(&self, before: Read, read: Read) -> Read {
        let changed = read.statuses.iter().filter(|(key, status)| before.statuses.get(*key) != Some(*status));
        for ((namespace, name), status) in changed {
            status.errors.iter().for_each(|error| tracing::error!(namespace, name, "no exemption: {error}"));
            status
                .warnings
                .iter()
                .for_each(|warning| tracing::warn!(namespace, name, "exemption: {warning}"));
        }
        for ((namespace, name), label) in
            read.others.iter().filter(|(key, _)| !before.others.contains_key(*key))
        {
            tracing::error!(
                namespace,
                name,
                "no exemption: the ConfigMap has the label {label} as well; use two"
            );
        }
        if read.exemptions != before.exemptions {
            tracing::info!(exemptions = read.exemptions.len(), "exemptions are in force");
            self.governance.exemptions.set(read.exemptions.clone());
        }
        read
    }
}

fn read(config_maps: &BTreeMap<Key, Arc<Value>>) -> Read {
    let (mut all, mut statuses, mut others) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for (key, config_map) in config_maps {
        let labels = config_map.pointer("/metadata/labels");
        let other =
            OF_POLICIES.iter().find(|label| labels.is_some_and(|labels| labels.get(**label).is_some()));
        if let Some(label) = other {
            others.insert(key.clone(), *label);
            continue;
        }
        let exemptions::Read { exemptions, errors } = exemptions::read(config_map);
        let mut status = Status { errors, ..Status::default() };
        status.warnings = exemptions.iter().filter(|exemption| exemption.is_endless()).map(endless).collect();
        let room = MAX_EXEMPTIONS.saturating_sub(all.len());
        if exemptions.len() > room {
            let more = exemptions.len() - room;
            status
                .errors
                .push(format!("{more} exemptions are left out: there are more than {MAX_EXEMPTIONS}"));
        }
        all.extend(exemptions.into_iter().take(room));
        statuses.insert(key.clone(), status);
    }
    Read { exemptions: all.into_iter().collect(), statuses, others }
}

fn endless(exemption: &Exemption) -> String {
    format!("{} has no until, so it never ends", exemption.name())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ENDLESS: &str = "codes: [MT1]\nnamespaces: [a]\nreason: x\n";

    fn map(name: &str, labels: Value, data: Value) -> (Key, Arc<Value>) {
        let object = json!({"metadata": {"name": name, "labels": labels}, "data": data});
        (("home".to_owned(), name.to_owned()), Arc::new(object))
    }

    #[test]
    fn statuses_say_what_is_wrong_and_what_never_ends() {
        let label = json!({"magtape.io/exemption": "true"});
        let both = json!({"magtape.io/exemption": "true", "openpolicyagent.org/policy": "rego"});
        let maps = [
            map("both", both, json!({ "a": ENDLESS })),
            map("good", label.clone(), json!({ "a": ENDLESS })),
            map("odd", label, json!({"a": "reason: x"})),
        ];
        let read = read(&maps.into());
        assert_eq!(read.exemptions.len(), 1);
        let names: Vec<&str> = read.statuses.keys().map(|(_, name)| name.as_str()).collect();
        assert_eq!(read.others.len(), 1);
        assert_eq!(names, ["good", "odd"], "the other has its status from what reads policies");
        let [good, odd] = [0, 1].map(|at| read.statuses.values().nth(at).unwrap());
        assert_eq!(
            (good.errors.len(), good.warnings[0].as_str()),
            (0, "good/a has no until, so it never ends")
        );
        assert!(odd.errors[0].starts_with("a: missing field"), "{odd:?}");
    }

    #[test]
    fn there_are_not_more_than_are_looked_at_in_time() {
        let data: serde_json::Map<String, Value> =
            (0..=MAX_EXEMPTIONS).map(|number| (format!("k{number}"), ENDLESS.into())).collect();
        let read = read(&[map("many", json!({"magtape.io/exemption": "true"}), data.into())].into());
        assert_eq!(read.exemptions.len(), MAX_EXEMPTIONS);
        let errors = &read.statuses.values().next().unwrap().errors;
        assert_eq!(errors, &["1 exemptions are left out: there are more than 1000"]);
    }
}
