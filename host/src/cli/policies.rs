//! Finds, compiles and loads the policies that the command line names.

use std::{
    env,
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, anyhow};
use serde_json::Map;

use crate::{
    args::PolicyArgs,
    cluster::Tenancy,
    compile::{self, Compiler, Output, Step},
    engine::{ArtefactCache, Engine},
    evaluate::{Loader, Policies, PolicyLimits, PolicyParameters, tenants},
    policy::{Candidate, gatekeeper::EnforcementPoint},
    reload::Reloader,
    report::Problem,
    source::{self, Embedded, Found, SourceError},
    yaml,
};

/// The folder of what is installed with the program, from that above the program's own.
const INSTALLED: &str = "lib/magtape";

/// What came of the policies that were named.
pub(super) struct Loaded {
    /// Those that could be loaded.
    pub(super) policies: Policies,
    /// What is wrong with the others.
    pub(super) problems: Vec<Problem>,
    /// What is worth saying, and no error.
    pub(super) notes: Vec<Problem>,
}

/// The compiler of Rego that the cluster has, of all who bring it.
pub(super) fn cluster_compiler(args: &PolicyArgs) -> Arc<Compiler> {
    Arc::new(compiler(Some(cache(args.cache.as_deref()))))
}

/// What makes policies of what tenants bring. Their sandboxes are in an engine of their own, where they take no room
/// from others, and what is compiled of them is not kept, where it would push out what others have.
pub(super) fn tenancy(selector: &str, compiler: Arc<Compiler>) -> anyhow::Result<Tenancy> {
    let limits = Arc::new(tenants::limits());
    let engine = Engine::new(limits.memory_bytes)?;
    let loader = move || Loader::new(engine.clone(), PolicyLimits::uniform(&limits));
    let reloader = move || Reloader::new(Arc::clone(&compiler), loader(), Vec::new(), Map::new());
    Ok(Tenancy { selector: selector.to_owned(), reloader: Box::new(reloader) })
}

/// What makes policies of the cluster's ConfigMaps, beside `base`.
pub(super) fn reloader(
    args: &PolicyArgs,
    compiler: Arc<Compiler>,
    base: Vec<Candidate>,
) -> anyhow::Result<Reloader> {
    let data = args.data.as_deref().map(source::data::read).transpose()?.unwrap_or_default();
    let limits = limits(args)?;
    let cache = Some(cache(args.cache.as_deref()));
    let engine = Engine::with_cache(limits.memory_bytes(), cache)?;
    let loader = Loader::new(engine, limits).with_parameters(parameters(args)?);
    Ok(Reloader::new(compiler, loader, base, data))
}

/// Loads them.
pub(super) fn load(args: &PolicyArgs, point: EnforcementPoint) -> anyhow::Result<Loaded> {
    let mut overlay = args.data.as_deref().map(source::data::read).transpose()?.unwrap_or_default();
    let limits = limits(args)?;
    let named: Vec<String> = limits.names().map(str::to_owned).collect();
    let cache = Some(cache(args.cache.as_deref()));
    let engine = Engine::with_cache(limits.memory_bytes(), cache.clone())?;
    let found = find(&args.policies);
    let mut data = found.data.clone();
    source::data::merge(&mut data, &overlay);
    overlay = data;
    let Output { mut candidates, problems, notes } = compile::compile(found, &compiler(cache), point);
    candidates.iter_mut().for_each(|candidate| source::data::merge(&mut candidate.data, &overlay));
    let parameters = parameters(args)?;
    let configured: Vec<String> = parameters.names().map(str::to_owned).collect();
    let loader = Loader::new(engine, limits).with_parameters(parameters);
    let mut policies = Policies::new();
    let errors = loader.add_all(&mut policies, &candidates, &|done| {
        progress(Step::Compiling { done, all: candidates.len() });
    });
    clear();
    let mut problems = problems_of(problems);
    problems.extend(
        errors.into_iter().map(|error| Problem { place: error.origin, reason: error.reason.to_string() }),
    );
    let unknown = |name: &String| policies.get(name).is_none();
    problems.extend(named.into_iter().filter(unknown).map(|name| nobody("--limits", "limits", &name)));
    problems.extend(
        configured.into_iter().filter(unknown).map(|name| nobody("--parameters", "parameters", &name)),
    );
    Ok(Loaded { policies, problems, notes: problems_of(notes) })
}

fn nobody(place: &str, what: &str, name: &str) -> Problem {
    let reason = format!("{what} are given for {name:?}, and no policy of that name is loaded");
    Problem { place: place.to_owned(), reason }
}

/// What is at these paths, some of which may be sets in the binary; the default set when there are none.
pub(super) fn find(paths: &[PathBuf]) -> Found {
    if paths.is_empty() {
        return Found { modules: Embedded::default().policies(), ..Found::default() };
    }
    let embedded = |path: &&PathBuf| path.to_str().is_some_and(|name| name.starts_with(Embedded::PREFIX));
    let (sets, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(embedded);
    let mut found = source::read(&paths);
    for name in sets {
        let name = name.to_string_lossy();
        match name.parse::<Embedded>() {
            Ok(set) => found.modules.extend(set.policies()),
            Err(unknown) => {
                found.errors.push(SourceError { origin: name.into_owned(), reason: unknown.to_string() });
            }
        }
    }
    found
}

/// The compiler of Rego, which tells a person at a terminal how far it is.
pub(super) fn compiler(cache: Option<ArtefactCache>) -> Compiler {
    Compiler::new(cache, progress)
}

/// What came with the program, and the folder where compiled policies are kept. Those that are in neither are compiled
/// each time.
pub(super) fn cache(folder: Option<&Path>) -> ArtefactCache {
    let kept = kept(folder).unwrap_or_default();
    match installed() {
        Some(folder) => kept.with_installed(&folder),
        None => kept,
    }
}

/// Where what comes with the program is, wherever a link to the program may be.
fn installed() -> Option<PathBuf> {
    let program = env::current_exe().and_then(|program| program.canonicalize()).ok()?;
    Some(program.parent()?.parent()?.join(INSTALLED))
}

fn kept(folder: Option<&Path>) -> Option<ArtefactCache> {
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

pub(super) fn parameters(args: &PolicyArgs) -> anyhow::Result<PolicyParameters> {
    let Some(path) = &args.parameters else { return Ok(PolicyParameters::default()) };
    let place = || format!("{}", path.display());
    let document = yaml::parse(&source::text(path)?).with_context(place)?;
    PolicyParameters::parse(document).map_err(|reason| anyhow!("{}: {reason}", place()))
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
