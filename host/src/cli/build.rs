//! `magtape build`: from Rego to what is shipped.

mod out;
mod write;

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{bail, ensure};

use super::policies;
use crate::{
    args::BuildArgs,
    compile::{self, Output},
    engine::{ArtefactCache, Engine, opa::describe},
    evaluate::{Loader, Policies, PolicyLimits},
    package,
    policy::{Candidate, gatekeeper::EnforcementPoint},
    report::{Problem, printable},
    source::{self, Found, Manifest},
};
use out::Out;

pub(super) fn run(args: &BuildArgs) -> anyhow::Result<u8> {
    let out = Out::new(args)?;
    if let Some(path) = args.paths.iter().find(|path| is_crate(path)) {
        bail!("{}: is a policy in Rust; this version builds Rego only", path.display());
    }
    let Built { candidates, problems } = build(&args.paths, &out, policies::cache(args.cache.as_deref()))?;
    if !problems.is_empty() {
        super::complain_of(&problems);
        bail!("nothing was written, because not every policy could be built");
    }
    ensure!(!candidates.is_empty(), "no policy was found, so nothing was written");
    let written = out.write(&candidates)?;
    writeln!(anstream::stderr().lock(), "{}", printable(&written))?;
    Ok(super::OK)
}

fn is_crate(path: &Path) -> bool {
    path.ends_with("Cargo.toml") || path.join("Cargo.toml").is_file()
}

/// What came of the paths.
struct Built {
    candidates: Vec<Candidate>,
    problems: Vec<Problem>,
}

fn build(paths: &[PathBuf], out: &Out<'_>, cache: Option<ArtefactCache>) -> anyhow::Result<Built> {
    let mut found = source::read(paths);
    let Found { modules, rego, .. } = &mut found;
    modules.retain(|module| !out.is_earlier(&module.origin, rego));
    let mut problems = templates(&mut found);
    let data = std::mem::take(&mut found.data);
    let compiler = policies::compiler(cache.clone());
    let output = compile::compile(found, &compiler, EnforcementPoint::Webhook);
    let Output { mut candidates, problems: broken, notes } = output;
    problems.extend(policies::problems_of(broken));
    for candidate in &mut candidates {
        source::data::merge(&mut candidate.data, &data);
    }
    problems.extend(try_all(&mut candidates, cache)?);
    policies::clear();
    super::note(&policies::problems_of(notes));
    Ok(Built { candidates, problems })
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

/// What nobody could load must not be shipped. Modules that came without a manifest get one.
fn try_all(candidates: &mut [Candidate], cache: Option<ArtefactCache>) -> anyhow::Result<Vec<Problem>> {
    let limits = PolicyLimits::default();
    let engine = Engine::with_cache(limits.memory_bytes(), cache)?;
    for candidate in candidates.iter_mut().filter(|candidate| candidate.manifest.is_null()) {
        // One that cannot be described cannot be loaded either, which is reported below.
        if let Ok(facts) = describe(&engine, limits.default_limits(), &candidate.wasm) {
            candidate.manifest = package::manifest(&facts.entrypoints);
        }
    }
    let loader = Loader::new(engine, limits);
    let errors = loader.add_all(&mut Policies::new(), candidates, &|_| {});
    Ok(errors
        .into_iter()
        .map(|error| Problem { place: error.origin, reason: error.reason.to_string() })
        .collect())
}
