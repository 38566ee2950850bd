//! Modules that OPA compiled.

use std::collections::BTreeMap;

use super::{Asked, Described, Facts, Inspector, ToldBy};
use crate::{
    engine::opa::{self, Module, describe},
    policy::{
        Candidate,
        dialect::{self, Dialect},
    },
    report::Problem,
};

// === impl Inspector ===

impl Inspector {
    pub(super) fn opa(
        &self,
        candidate: &Candidate,
        errors: &mut Vec<Problem>,
    ) -> (Facts, Option<u64>, Vec<Described>) {
        let facts = describe(&self.engine, &self.limits, &candidate.wasm).ok();
        let policies = self.policies(candidate, facts.as_ref(), errors);
        (Facts::Opa(facts), self.memory_bytes(candidate), policies)
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
        facts: Option<&opa::Facts>,
        errors: &mut Vec<Problem>,
    ) -> Vec<Described> {
        let mut loaded = self.metadata(candidate, errors);
        let found = facts.map(|facts| packages(candidate, facts)).unwrap_or_default();
        let policies =
            found.into_iter().flat_map(|found| places(candidate).map(move |place| (found.clone(), place)));
        let described = policies.map(|((package, dialect, told_by), (origin, name))| {
            let metadata = loaded.next().flatten();
            let name = metadata.as_ref().map_or(name, |metadata| metadata.name.clone());
            let (reads, data_reads) = (candidate.reads.clone(), candidate.data_reads.clone());
            let asked = Asked::Rules { package, dialect, told_by, reads, data_reads };
            Described { origin, name, asked, metadata }
        });
        let described = described.collect();
        loaded.for_each(drop);
        described
    }
}

/// Origin and name of each policy that a package makes.
fn places(candidate: &Candidate) -> impl Iterator<Item = (String, String)> {
    let constraints = candidate.constraints.iter().flatten();
    let asked = constraints.map(|asked| (asked.origin.clone(), asked.constraint.clone()));
    let itself = candidate.constraints.is_none().then(|| (candidate.origin.clone(), candidate.name.clone()));
    asked.chain(itself)
}

/// The packages that are policies, each with its dialect and how that is known.
fn packages(candidate: &Candidate, facts: &opa::Facts) -> Vec<(String, Dialect, ToldBy)> {
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
