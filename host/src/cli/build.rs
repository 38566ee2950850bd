//! `magtape build`: from Rego and from crates in Rust to what is shipped.

mod out;
mod pack;
mod rust;
mod write;

use std::{borrow::Cow, io::Write, path::PathBuf};

use anyhow::{bail, ensure};

use super::policies;
use crate::{
    args::BuildArgs,
    compile,
    engine::{
        ArtefactCache, Engine,
        component::{encoded, is_component},
        opa::describe,
    },
    evaluate::{Loader, Policies, PolicyLimits, PolicyParameters},
    package,
    policy::{Candidate, gatekeeper::EnforcementPoint},
    report::{Problem, printable},
    source::{self, Found, Manifest},
};
use out::Out;
use pack::Pack;

pub(super) fn run(args: &BuildArgs) -> anyhow::Result<u8> {
    let (crates, others): (Vec<_>, Vec<_>) = args.paths.iter().partition(|path| rust::is_crate(path));
    let out = Out::new(args, others.is_empty())?;
    if !crates.is_empty() {
        out.admits_crates()?;
    }
    let sources = Sources { crates, others };
    let Built { candidates, problems } = build(sources, &out, policies::cache(args.cache.as_deref()))?;
    if !problems.is_empty() {
        super::complain_of(&problems);
        bail!("nothing was written, because not every policy could be built");
    }
    ensure!(!candidates.is_empty(), "no policy was found, so nothing was written");
    let written = out.write(&candidates)?;
    writeln!(anstream::stderr().lock(), "{}", printable(&written))?;
    Ok(super::OK)
}

/// What is to be built.
struct Sources<'a> {
    /// Crates, each built by itself.
    crates: Vec<&'a PathBuf>,
    /// One set of everything else.
    others: Vec<&'a PathBuf>,
}

/// What came of it.
struct Built {
    candidates: Vec<Candidate>,
    problems: Vec<Problem>,
}

fn build(sources: Sources<'_>, out: &Out<'_>, cache: ArtefactCache) -> anyhow::Result<Built> {
    let mut candidates = crates(&sources.crates)?;
    let mut found = source::read(&sources.others);
    let made = made(&candidates, &found);
    found.modules.retain(|module| !out.is_earlier(&module.origin, &made));
    let mut problems = templates(&mut found);
    let data = std::mem::take(&mut found.data);
    let compiler = policies::compiler(Some(cache.clone()));
    let output = compile::compile(found, &compiler, EnforcementPoint::Webhook);
    problems.extend(policies::problems_of(output.problems));
    let mut others = output.candidates;
    for candidate in &mut others {
        source::data::merge(&mut candidate.data, &data);
    }
    candidates.extend(others);
    candidates.iter_mut().for_each(encode);
    problems.extend(try_all(&mut candidates, cache)?);
    policies::clear();
    super::note(&policies::problems_of(output.notes));
    Ok(Built { candidates, problems })
}

fn crates(paths: &[&PathBuf]) -> anyhow::Result<Vec<Candidate>> {
    let built = paths.iter().map(|path| rust::build(path)).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(built.into_iter().flatten().collect())
}

/// The files that are made of sources: those were not there before.
fn made(crates: &[Candidate], found: &Found) -> Vec<String> {
    let crates = crates.iter().map(|built| package::file_name(&built.name, Pack::Wasm.ending()));
    let rego = found.rego.iter().map(|rego| package::file_name(&rego.name, Pack::Bundle.ending()));
    crates.chain(rego).collect()
}

/// Modules that are to become components are shipped as such. What becomes none cannot be loaded, which is reported then.
fn encode(candidate: &mut Candidate) {
    if !is_component(&candidate.wasm) {
        return;
    }
    if let Ok(Cow::Owned(component)) = encoded(Cow::Borrowed(&candidate.wasm)) {
        candidate.wasm = component;
    }
}

/// Takes Gatekeeper's objects away: a bundle has no place for constraints, without which a template does nothing.
fn templates(found: &mut Found) -> Vec<Problem> {
    let problem = |Manifest { origin, .. }| {
        Problem {
        place: origin,
        reason: "is Gatekeeper's, and nothing that is built: give templates and constraints to --policies as they \
                 are, or apply them to the cluster"
            .to_owned(),
    }
    };
    std::mem::take(&mut found.templates)
        .into_iter()
        .chain(std::mem::take(&mut found.constraints))
        .map(problem)
        .collect()
}

/// What nobody could load must not be shipped. Modules of OPA's that came without a manifest get one.
fn try_all(candidates: &mut [Candidate], cache: ArtefactCache) -> anyhow::Result<Vec<Problem>> {
    let limits = PolicyLimits::default();
    let engine = Engine::with_cache(limits.memory_bytes(), Some(cache))?;
    let bare = |one: &&mut Candidate| one.manifest.is_null() && !is_component(&one.wasm);
    for candidate in candidates.iter_mut().filter(bare) {
        // One that cannot be described cannot be loaded either, which is reported below.
        if let Ok(facts) = describe(&engine, limits.default_limits(), &candidate.wasm) {
            candidate.manifest = package::manifest(&facts.entrypoints);
        }
    }
    // It is configured where it is used.
    let loader = Loader::new(engine, limits).with_parameters(PolicyParameters::unknown());
    let errors = loader.add_all(&mut Policies::new(), candidates, &|_| {});
    Ok(errors
        .into_iter()
        .map(|error| Problem { place: error.origin, reason: error.reason.to_string() })
        .collect())
}
