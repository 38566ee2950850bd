//! Gathers what is known of a module and of the policies in it.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    engine::{
        Engine, Limits,
        opa::{Facts, Module, builtins, describe},
    },
    evaluate::{Loader, PolicyLimits},
    policy::{
        Candidate, Digest, Metadata, Reads,
        dialect::{self, Dialect},
    },
    report::Problem,
};

/// A module.
pub(super) struct Inspected {
    /// Where it came from.
    pub(super) origin: String,
    /// Its size.
    pub(super) bytes: usize,
    pub(super) digest: Digest,
    /// What it says of itself, if it does.
    pub(super) facts: Option<Facts>,
    /// The memory that an evaluation starts with, when it can be loaded.
    pub(super) memory_bytes: Option<u64>,
    /// How many constraints ask it, when it is a Gatekeeper template.
    pub(super) constraints: Option<usize>,
    pub(super) policies: Vec<Described>,
}

/// A policy in a module.
pub(super) struct Described {
    /// Where it came from: of a constraint, another place than the module.
    pub(super) origin: String,
    /// Its name, as far as it is known.
    pub(super) name: String,
    pub(super) package: String,
    pub(super) dialect: Dialect,
    pub(super) told_by: ToldBy,
    /// What of its input it can read, when that is known.
    pub(super) reads: Option<Reads>,
    /// What else it says of itself, when it can be loaded.
    pub(super) metadata: Option<Metadata>,
}

/// How a dialect is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ToldBy {
    Rules,
    Annotation,
    Template,
}

/// Whether the host has a builtin.
pub(super) enum Has {
    Yes,
    No(&'static str),
}

/// Looks into modules, one after the other.
pub(super) struct Inspector {
    engine: Engine,
    limits: Arc<Limits>,
    loader: Loader,
}

/// Whether the host has a builtin of that name.
pub(super) fn has(builtin: &str) -> Has {
    match builtins::find(builtin) {
        Some(_) => Has::Yes,
        None => Has::No(builtins::refusal(builtin).unwrap_or("no builtin of that name is known")),
    }
}

// === impl Inspector ===

impl Inspector {
    pub(super) fn new(engine: Engine, limits: PolicyLimits) -> Self {
        let own = Arc::clone(limits.default_limits());
        Self { loader: Loader::new(engine.clone(), limits), engine, limits: own }
    }

    /// What is in a candidate. Why it cannot be loaded is added to the errors.
    pub(super) fn inspect(&self, candidate: &Candidate, errors: &mut Vec<Problem>) -> Inspected {
        let facts = describe(&self.engine, &self.limits, &candidate.wasm).ok();
        Inspected {
            origin: candidate.origin.clone(),
            bytes: candidate.wasm.len(),
            digest: Digest::of(&candidate.wasm),
            policies: self.policies(candidate, facts.as_ref(), errors),
            facts,
            memory_bytes: self.memory_bytes(candidate),
            constraints: candidate.constraints.as_ref().map(Vec::len),
        }
    }

    fn memory_bytes(&self, candidate: &Candidate) -> Option<u64> {
        let data = serde_json::to_vec(&candidate.data).ok()?;
        let module = Module::load(&self.engine, &self.limits, &candidate.wasm, &data);
        module.ok().map(|module| module.memory_bytes())
    }

    /// The policies of the module: one for each constraint or, without those, for each package that is one. The loader
    /// answers in the same order, unless it could load nothing.
    fn policies(
        &self,
        candidate: &Candidate,
        facts: Option<&Facts>,
        errors: &mut Vec<Problem>,
    ) -> Vec<Described> {
        let mut loaded = self.loader.load(candidate).into_iter().map(|entry| {
            let failed = |error: &_| errors.push(problem(error));
            entry.inspect_err(failed).ok().map(|entry| entry.policy.metadata)
        });
        let found = facts.map(|facts| packages(candidate, facts)).unwrap_or_default();
        let policies =
            found.into_iter().flat_map(|found| places(candidate).map(move |place| (found.clone(), place)));
        let described = policies.map(|((package, dialect, told_by), (origin, name))| {
            let metadata = loaded.next().flatten();
            let name = metadata.as_ref().map_or(name, |metadata| metadata.name.clone());
            Described { origin, name, package, dialect, told_by, reads: candidate.reads.clone(), metadata }
        });
        let described = described.collect();
        loaded.for_each(drop);
        described
    }
}

fn problem(error: &crate::evaluate::PolicyError) -> Problem {
    Problem { place: error.origin.clone(), reason: error.reason.to_string() }
}

/// Origin and name of each policy that a package makes.
fn places(candidate: &Candidate) -> impl Iterator<Item = (String, String)> {
    let constraints = candidate.constraints.iter().flatten();
    let asked = constraints.map(|asked| (asked.origin.clone(), asked.constraint.clone()));
    let itself = candidate.constraints.is_none().then(|| (candidate.origin.clone(), candidate.name.clone()));
    asked.chain(itself)
}

/// The packages that are policies, each with its dialect and how that is known.
fn packages(candidate: &Candidate, facts: &Facts) -> Vec<(String, Dialect, ToldBy)> {
    let entrypoints: BTreeMap<String, ()> = facts.entrypoints.iter().map(|path| (path.clone(), ())).collect();
    let stated = |package: &str| stated(candidate, package);
    let found = dialect::find(&entrypoints, |package| stated(package).map(|(dialect, _)| dialect));
    let told_by = |package: &str| stated(package).map_or(ToldBy::Rules, |(_, told_by)| told_by);
    let found = found.unwrap_or_default().into_iter();
    found.map(|found| (found.package.clone(), found.rules.dialect(), told_by(&found.package))).collect()
}

fn stated(candidate: &Candidate, package: &str) -> Option<(Dialect, ToldBy)> {
    if candidate.constraints.is_some() {
        return Some((Dialect::Gatekeeper, ToldBy::Template));
    }
    let annotated = candidate.annotations.get(package)?.custom("dialect")?;
    annotated.as_str()?.parse().ok().map(|dialect| (dialect, ToldBy::Annotation))
}

// === impl ToldBy ===

impl ToldBy {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            ToldBy::Rules => "rules",
            ToldBy::Annotation => "annotation",
            ToldBy::Template => "template",
        }
    }
}
