//! What cases are judged with: policies that are loaded with the data of one case, and kept for the next that has the
//! same.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use serde_json::{Map, Value};

use super::{Case, Outcome};
use crate::{
    evaluate::{Loader, Policies},
    policy::Candidate,
    source::data,
};

/// Each policy has its own deadline still.
pub(super) const BUDGET: Duration = Duration::from_secs(60);

/// The policies of some candidates, by the data that is laid over theirs and what they are configured with.
pub(super) struct ByData<'c> {
    candidates: &'c [Candidate],
    loader: &'c Loader,
    loaded: HashMap<String, Result<Policies, String>>,
}

// === impl ByData ===

impl<'c> ByData<'c> {
    pub(super) fn new(candidates: &'c [Candidate], loader: &'c Loader) -> Self {
        Self { candidates, loader, loaded: HashMap::new() }
    }

    /// The policies, with `over` laid over their data, and configured with `parameters` if there are some.
    ///
    /// # Errors
    /// When one of them cannot be loaded.
    pub(super) fn policies(
        &mut self,
        over: &Map<String, Value>,
        parameters: Option<&Value>,
    ) -> Result<&Policies, String> {
        let key = serde_json::to_string(&(over, parameters)).unwrap_or_default();
        let (candidates, loader) = (self.candidates, self.loader);
        let loaded = self.loaded.entry(key).or_insert_with(|| load(candidates, loader, over, parameters));
        loaded.as_ref().map_err(Clone::clone)
    }
}

fn load(
    candidates: &[Candidate],
    loader: &Loader,
    over: &Map<String, Value>,
    parameters: Option<&Value>,
) -> Result<Policies, String> {
    let mut policies = Policies::new();
    for candidate in candidates {
        let mut candidate = candidate.clone();
        data::merge(&mut candidate.data, over);
        candidate.parameters = parameters.or(candidate.parameters.as_ref()).cloned();
        loader.add(&mut policies, &candidate).map_err(|error| error.to_string())?;
    }
    Ok(policies)
}

/// Runs one test, and takes its time.
pub(super) fn timed(case: Case, work: impl FnOnce() -> Result<(), Outcome>) -> Case {
    let started = Instant::now();
    let outcome = work().into();
    Case { outcome, elapsed: started.elapsed(), ..case }
}

// === impl Case ===

impl Case {
    /// A test that has passed so far.
    pub(super) fn new(full_name: String, test: &str, name: &str, place: String) -> Self {
        Self {
            test: test.to_owned(),
            name: name.to_owned(),
            full_name,
            place,
            outcome: Outcome::Passed,
            elapsed: Duration::ZERO,
            output: String::new(),
        }
    }
}
