//! Gives policies what they read of the cluster, whenever that has changed, while requests are judged.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, PoisonError, RwLock},
};

use serde_json::{Map, Value};

use super::{Policies, Program};
use crate::{
    inventory::{Inventory, Kind, Known, Objects},
    json::{Document, Paths},
    policy::Need,
};

/// What has been made of objects for policies, which is made anew when they have changed.
#[derive(Default)]
pub struct Made {
    documents: HashMap<Kind, Of<Known<Arc<Document>>>>,
    namespaces: Option<Of<Arc<Map<String, Value>>>>,
}

/// Something with the objects that it was made of.
type Of<T> = (Arc<Objects>, T);

/// What a policy stands on.
#[derive(Default)]
pub(super) struct Standing(RwLock<State>);

#[derive(Default)]
struct State {
    /// The objects that it has been given; nothing before the first time.
    given: Option<Vec<Arc<Objects>>>,
    /// Why it cannot be asked.
    missing: Option<String>,
}

// === impl Policies ===

impl Policies {
    /// What all of them read of the cluster.
    pub fn needs(&self) -> BTreeSet<Need> {
        self.iter().flat_map(|entry| entry.program.needs()).collect()
    }

    /// Which parts of an object of that kind they read. `listed` says that the operator wants it replicated.
    pub fn wanted(&self, kind: &Kind, listed: bool) -> Paths {
        let mut wanted = Paths::none();
        self.iter().for_each(|entry| wanted.merge(&entry.program.wanted(kind, listed)));
        wanted
    }

    /// Gives each what it reads. Answers, by where the policies came from, what of it is not to be had.
    pub fn give(&self, inventory: &Inventory, made: &mut Made) -> BTreeMap<String, String> {
        let mut unmet = BTreeMap::new();
        for entry in self.iter() {
            let given = entry.program.give(inventory, made);
            let reason = given.err().map(|reason| {
                format!("it is not asked, because what it reads of the cluster is not known: {reason}")
            });
            if let Some(reason) = reason.or_else(|| inventory.lacks(&entry.program.needs())) {
                unmet.insert(entry.policy.origin.clone(), reason);
            }
        }
        unmet
    }

    /// The bytes that objects of the cluster take in one sandbox of each policy.
    pub fn cluster_bytes(&self) -> usize {
        self.iter().map(|entry| entry.program.cluster_bytes()).sum()
    }
}

// === impl Program ===

impl Program {
    fn needs(&self) -> BTreeSet<Need> {
        match self {
            Program::Opa(program) => program.needs(),
            Program::Component(program) => program.needs(),
        }
    }

    fn wanted(&self, kind: &Kind, listed: bool) -> Paths {
        match self {
            Program::Opa(program) => program.wanted(kind, listed),
            Program::Component(program) => program.wanted(kind),
        }
    }

    fn cluster_bytes(&self) -> usize {
        match self {
            Program::Opa(program) => program.module.data_bytes(),
            // It looks at the host's copy.
            Program::Component(_) => 0,
        }
    }

    fn give(&self, inventory: &Inventory, made: &mut Made) -> Result<(), String> {
        match self {
            Program::Opa(program) => program.give_cluster(inventory, made),
            Program::Component(program) => program.give_cluster(inventory, made),
        }
    }
}

// === impl Standing ===

impl Standing {
    /// Why the policy cannot be asked, if so.
    pub(super) fn missing(&self) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).missing.clone()
    }

    /// Gives it `objects` by `give`, unless it has them.
    pub(super) fn give(
        &self,
        objects: Result<Vec<Arc<Objects>>, String>,
        give: impl FnOnce() -> Result<(), String>,
    ) -> Result<(), String> {
        let same = |given: &Vec<Arc<Objects>>, objects: &Vec<Arc<Objects>>| {
            given.len() == objects.len()
                && given.iter().zip(objects).all(|(one, other)| Arc::ptr_eq(one, other))
        };
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let given = match objects {
            Ok(objects) => {
                if state.given.as_ref().is_some_and(|given| same(given, &objects)) {
                    return state.missing.clone().map_or(Ok(()), Err);
                }
                give().map(|()| objects)
            }
            Err(reason) => Err(reason),
        };
        state.missing = given.as_ref().err().cloned();
        state.given = given.ok();
        state.missing.clone().map_or(Ok(()), Err)
    }
}

// === impl Made ===

impl Made {
    /// All objects of a kind as one document: by namespace, if they are in namespaces, and by name.
    pub(super) fn document(&mut self, kind: &Kind, objects: &Arc<Objects>) -> Known<Arc<Document>> {
        if let Some((of, document)) = self.documents.get(kind)
            && Arc::ptr_eq(of, objects)
        {
            return document.clone();
        }
        let document =
            Document::parse(joined(kind, objects)).map(Arc::new).map_err(|error| error.to_string());
        self.documents.insert(kind.clone(), (Arc::clone(objects), document.clone()));
        document
    }

    /// The Namespaces by name.
    pub(super) fn namespaces(&mut self, objects: &Arc<Objects>) -> Arc<Map<String, Value>> {
        if let Some((of, namespaces)) = &self.namespaces
            && Arc::ptr_eq(of, objects)
        {
            return Arc::clone(namespaces);
        }
        let parsed = |document: &Document| serde_json::from_str(document.text()).unwrap_or_default();
        let namespaces = objects.iter().map(|((_, name), document)| (name.clone(), parsed(document)));
        let namespaces: Arc<Map<String, Value>> = Arc::new(namespaces.collect());
        self.namespaces = Some((Arc::clone(objects), Arc::clone(&namespaces)));
        namespaces
    }
}

/// The text of all objects of a kind. Names in Kubernetes have nothing that JSON would escape.
fn joined(kind: &Kind, objects: &Objects) -> String {
    let mut text = String::with_capacity(objects.values().map(|object| object.text().len() + 64).sum());
    let mut namespace: Option<&str> = None;
    text.push('{');
    for ((of, name), object) in objects {
        if kind.namespaced && namespace != Some(of) {
            text.push_str(if namespace.is_some() { "}," } else { "" });
            text.extend([&Value::from(of.as_str()).to_string(), ":{"]);
            namespace = Some(of);
        } else if !text.ends_with('{') {
            text.push(',');
        }
        text.extend([&Value::from(name.as_str()).to_string(), ":", object.text()]);
    }
    text.push_str(if namespace.is_some() { "}}" } else { "}" });
    text
}
