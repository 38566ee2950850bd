//! Finds, compiles and loads the policies that the command line names.

use std::{
    env,
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};

use crate::{
    args::PolicyArgs,
    compile::{self, Compiler, Output, Step},
    engine::{ArtefactCache, Engine},
    evaluate::{Loader, Policies, PolicyLimits},
    policy::gatekeeper::EnforcementPoint,
    report::Problem,
    source::{self, Found, SourceError},
    yaml,
};

/// What came of the policies that were named.
pub(super) struct Loaded {
    /// Those that could be loaded.
    pub(super) policies: Policies,
    /// What is wrong with the others.
    pub(super) problems: Vec<Problem>,
    /// What is worth saying, and no error.
    pub(super) notes: Vec<Problem>,
}

/// Loads them.
pub(super) fn load(args: &PolicyArgs, point: EnforcementPoint) -> anyhow::Result<Loaded> {
    let mut overlay = args.data.as_deref().map(source::data::read).transpose()?.unwrap_or_default();
    let limits = limits(args)?;
    let named: Vec<String> = limits.names().map(str::to_owned).collect();
    let cache = cache(args.cache.as_deref());
    let engine = Engine::with_cache(limits.memory_bytes(), cache.clone())?;
    let found = find(&args.policies);
    let mut data = found.data.clone();
    source::data::merge(&mut data, &overlay);
    overlay = data;
    let Output { mut candidates, problems, notes } = compile::compile(found, &compiler(cache), point);
    candidates.iter_mut().for_each(|candidate| source::data::merge(&mut candidate.data, &overlay));
    let loader = Loader::new(engine, limits);
    let mut policies = Policies::new();
    let errors = loader.add_all(&mut policies, &candidates, &|done| {
        progress(Step::Compiling { done, all: candidates.len() });
    });
    clear();
    let mut problems = problems_of(problems);
    problems.extend(
        errors.into_iter().map(|error| Problem { place: error.origin, reason: error.reason.to_string() }),
    );
    for name in named.into_iter().filter(|name| policies.get(name).is_none()) {
        let reason = format!("limits are given for {name:?}, and no policy of that name is loaded");
        problems.push(Problem { place: "--limits".to_owned(), reason });
    }
    Ok(Loaded { policies, problems, notes: problems_of(notes) })
}

/// What is at these paths; the policies in the binary when there are none.
pub(super) fn find(paths: &[PathBuf]) -> Found {
    if paths.is_empty() {
        return Found { modules: source::embedded(), ..Found::default() };
    }
    source::read(paths)
}

/// The compiler of Rego, which tells a person at a terminal how far it is.
pub(super) fn compiler(cache: Option<ArtefactCache>) -> Compiler {
    Compiler::new(cache, progress)
}

/// The folder where compiled policies are kept. Without one, they are compiled each time.
pub(super) fn cache(folder: Option<&Path>) -> Option<ArtefactCache> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = folder
        .map(Path::to_owned)
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("magtape")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/magtape")))?;
    match ArtefactCache::open(&folder) {
        Ok(cache) => Some(cache),
        Err(reason) => {
            not_kept(reason);
            None
        }
    }
}

/// In the form that the log has, where there is one.
fn not_kept(reason: String) {
    if tracing::dispatcher::has_been_set() {
        tracing::warn!("compiled policies are not kept: {reason}");
    } else {
        super::note(&[Problem { place: "compiled policies are not kept".to_owned(), reason }]);
    }
}

pub(super) fn problems_of(errors: Vec<SourceError>) -> Vec<Problem> {
    errors.into_iter().map(|error| Problem { place: error.origin, reason: error.reason }).collect()
}

pub(super) fn limits(args: &PolicyArgs) -> anyhow::Result<PolicyLimits> {
    let Some(path) = &args.limits else { return Ok(PolicyLimits::default()) };
    let place = || format!("{}", path.display());
    let text = source::text(path)?;
    let document = yaml::parse(&text).with_context(place)?;
    PolicyLimits::parse(&document).map_err(|reason| anyhow!("{}: {reason}", place()))
}

/// Compiling takes a moment: a person at a terminal sees how far it is.
pub(super) fn progress(step: Step) {
    match step {
        Step::Preparing(elapsed) => {
            show(&format!("preparing the Rego compiler, once on this machine: {} s", elapsed.as_secs()))
        }
        Step::Compiling { done, all } => show(&format!("compiling policies {done}/{all}")),
    }
}

pub(super) fn show(text: &str) {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        // Progress that cannot be shown is no reason to stop.
        let _ = write!(terminal, "\r\u{1b}[K{text}");
    }
}

/// Takes away what was shown.
pub(super) fn clear() {
    show("");
}
