//! From the ConfigMaps of the cluster to the policies in force, again after every change. It compiles and loads, and is
//! never called where requests are judged.
//!
//! An edit that does not compile leaves the version before it in force. What has not changed is not loaded again.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::{
    compile::{self, Compiler},
    evaluate::{Loader, Policies, PolicyError, Program},
    parallel,
    policy::{Candidate, Entry, gatekeeper::EnforcementPoint},
    source::{self, Found},
};

/// Namespace and name of a ConfigMap.
pub type Key = (String, String);

/// ConfigMaps as of one moment.
pub type ConfigMaps = BTreeMap<Key, Arc<Value>>;

/// What came of them.
pub struct Reloaded {
    /// What is to be in force.
    pub policies: Policies,
    /// What is wrong with each ConfigMap; nothing if all of it is in force.
    pub errors: BTreeMap<Key, Vec<String>>,
}

/// Makes policies of ConfigMaps, and remembers what it made.
pub struct Reloader {
    compiler: Arc<Compiler>,
    loader: Loader,
    /// Those that are there whatever the cluster has, as long as it has none of the same name.
    base: Vec<Candidate>,
    /// What policies read as data beside what ConfigMaps have.
    data: Map<String, Value>,
    /// The last version of each ConfigMap of which nothing was wrong.
    good: ConfigMaps,
    loaded: HashMap<[u8; 32], Vec<Entry<Program>>>,
}

/// What a set of ConfigMaps makes.
struct Made {
    /// The policies of each candidate, by its fingerprint.
    loaded: HashMap<[u8; 32], Vec<Entry<Program>>>,
    policies: Policies,
    errors: BTreeMap<Key, Vec<String>>,
}

// === impl Reloader ===

impl Reloader {
    /// A reloader with policies that are always there.
    pub fn new(
        compiler: Arc<Compiler>,
        loader: Loader,
        base: Vec<Candidate>,
        data: Map<String, Value>,
    ) -> Self {
        Self { compiler, loader, base, data, good: ConfigMaps::new(), loaded: HashMap::new() }
    }

    /// Makes policies of these ConfigMaps.
    pub fn reload(&mut self, all: &ConfigMaps) -> Reloaded {
        let first = self.make(all);
        let broken: BTreeSet<Key> = first.errors.keys().cloned().collect();
        self.good.retain(|key, _| all.contains_key(key));
        self.good.extend(
            all.iter()
                .filter(|(key, _)| !broken.contains(*key))
                .map(|(key, map)| (key.clone(), Arc::clone(map))),
        );
        // Without the broken ones, or with what they were before.
        let mut made =
            if broken.is_empty() { first } else { Made { errors: first.errors, ..self.make(&self.good) } };
        for key in all.keys() {
            made.errors.entry(key.clone()).or_default();
        }
        self.loaded = made.loaded;
        Reloaded { policies: made.policies, errors: made.errors }
    }

    fn make(&self, all: &ConfigMaps) -> Made {
        let mut found = Found::default();
        for (key, config_map) in all {
            source::config_map(&origin(key), config_map, &mut found);
        }
        let mut data = self.data.clone();
        source::data::merge(&mut data, &found.data);
        let compile::Output { mut candidates, problems, notes } =
            compile::compile(found, &self.compiler, EnforcementPoint::Webhook);
        for note in notes {
            tracing::debug!("{}: {}", note.origin, note.reason);
        }
        let mut errors = Errors::default();
        problems.into_iter().for_each(|problem| errors.add(all, &problem.origin, problem.reason));
        candidates.extend(self.base.iter().cloned());
        let (loaded, policies) = self.load(all, &candidates, &data, &mut errors);
        Made { loaded, policies, errors: errors.0 }
    }

    /// Loads a candidate with the data that all share over its own.
    fn load_with(
        &self,
        candidate: &Candidate,
        data: &Map<String, Value>,
    ) -> Vec<Result<Entry<Program>, PolicyError>> {
        let mut candidate = candidate.clone();
        source::data::merge(&mut candidate.data, data);
        self.loader.load(&candidate)
    }

    fn load(
        &self,
        all: &ConfigMaps,
        candidates: &[Candidate],
        data: &Map<String, Value>,
        errors: &mut Errors,
    ) -> (HashMap<[u8; 32], Vec<Entry<Program>>>, Policies) {
        let shared = Sha256::digest(format!("{data:?}"));
        let load = |candidate: &Candidate| {
            let print = fingerprint(candidate, &shared);
            let known = self.loaded.get(&print).map(|entries| entries.iter().cloned().map(Ok).collect());
            (print, known.unwrap_or_else(|| self.load_with(candidate, data)))
        };
        let (mut loaded, mut policies) = (HashMap::new(), Policies::new());
        let results = parallel::each(candidates, load, &|_| ());
        for ((print, results), candidate) in results.into_iter().zip(candidates) {
            let is_base = !candidate.origin.starts_with(ORIGIN);
            let mut entries = Vec::new();
            let mut whole = true;
            for result in results {
                match result {
                    Ok(entry) => entries.push(entry),
                    Err(error) => {
                        whole = false;
                        errors.add(all, &error.origin, error.reason.to_string());
                    }
                }
            }
            for entry in &entries {
                let (name, origin) = (entry.policy.metadata.name.clone(), entry.policy.origin.clone());
                // What the cluster has takes the place of what is always there.
                if let Err(holder) = policies.add(entry.clone())
                    && !is_base
                {
                    errors.add(
                        all,
                        &origin,
                        format!("its name {name:?} is taken by the policy from {holder}"),
                    );
                }
            }
            if whole {
                loaded.insert(print, entries);
            }
        }
        (loaded, policies)
    }
}

/// What the origins of ConfigMaps begin with.
const ORIGIN: &str = "ConfigMap ";

fn origin((namespace, name): &Key) -> String {
    format!("{ORIGIN}{namespace}/{name}")
}

/// The ConfigMap that a place is in.
pub fn owner<'c>(all: &'c ConfigMaps, place: &str) -> Option<&'c Key> {
    all.keys().find(|key| {
        let rest = place.strip_prefix(&origin(key));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', ',']))
    })
}

/// What is wrong, by ConfigMap.
#[derive(Default)]
struct Errors(BTreeMap<Key, Vec<String>>);

// === impl Errors ===

impl Errors {
    fn add(&mut self, all: &ConfigMaps, place: &str, reason: String) {
        match owner(all, place) {
            Some(key) => {
                let detail = place.rsplit_once(": ").map_or("", |(_, detail)| detail);
                let error = if detail.is_empty() { reason } else { format!("{detail}: {reason}") };
                self.0.entry(key.clone()).or_default().push(error);
            }
            None => tracing::error!("{place}: {reason}"),
        }
    }
}

/// What a candidate's policies depend on, beside the data that all of them share.
fn fingerprint(candidate: &Candidate, shared: &[u8]) -> [u8; 32] {
    let Candidate {
        origin,
        name,
        wasm,
        data,
        annotations,
        manifest,
        constraints,
        parameters,
        reads,
        data_reads,
    } = candidate;
    let mut digest = Sha256::new();
    digest.update(shared);
    digest.update(Sha256::digest(wasm));
    let rest = format!(
        "{origin:?} {name:?} {data:?} {annotations:?} {manifest:?} {constraints:?} {parameters:?} {reads:?} \
         {data_reads:?}"
    );
    digest.update(rest);
    digest.finalize().into()
}
