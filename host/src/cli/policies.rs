//! Finds and loads the policies that the command line names.

use std::io::{IsTerminal, Write};

use anyhow::{Context, anyhow};

use crate::{
    args::PolicyArgs,
    engine::Engine,
    evaluate::{Loader, Policies, PolicyLimits},
    report::Problem,
    source::{self, Artefact},
    yaml,
};

/// The policies that could be loaded, and what is wrong with the others.
pub(super) fn load(args: &PolicyArgs) -> anyhow::Result<(Policies, Vec<Problem>)> {
    let overlay = args.data.as_deref().map(source::data::read).transpose()?.unwrap_or_default();
    let (artefacts, mut problems) = find(args);
    let limits = limits(args)?;
    let named: Vec<String> = limits.names().map(str::to_owned).collect();
    let loader = Loader::new(Engine::new(limits.memory_bytes())?, limits);
    let mut policies = Policies::new();
    for (index, mut artefact) in artefacts.iter().cloned().enumerate() {
        progress(index, artefacts.len());
        source::data::merge(&mut artefact.data, &overlay);
        let data = serde_json::to_vec(&artefact.data)?;
        if let Err(error) = loader.add(&mut policies, &artefact.origin, &artefact.wasm, &data) {
            problems.push(Problem { place: error.origin, reason: error.reason.to_string() });
        }
    }
    progress(artefacts.len(), artefacts.len());
    for name in named.into_iter().filter(|name| policies.get(name).is_none()) {
        let reason = format!("limits are given for {name:?}, and no policy of that name is loaded");
        problems.push(Problem { place: "--limits".to_owned(), reason });
    }
    Ok((policies, problems))
}

fn limits(args: &PolicyArgs) -> anyhow::Result<PolicyLimits> {
    let Some(path) = &args.limits else { return Ok(PolicyLimits::default()) };
    let place = || format!("{}", path.display());
    let text = source::text(path)?;
    let document = yaml::parse(&text).with_context(place)?;
    PolicyLimits::parse(&document).map_err(|reason| anyhow!("{}: {reason}", place()))
}

fn find(args: &PolicyArgs) -> (Vec<Artefact>, Vec<Problem>) {
    if args.policies.is_empty() {
        return (source::embedded(), Vec::new());
    }
    let (mut artefacts, mut problems) = (Vec::new(), Vec::new());
    for path in &args.policies {
        let (found, errors) = source::read(path);
        artefacts.extend(found);
        problems
            .extend(errors.into_iter().map(|error| Problem { place: error.origin, reason: error.reason }));
    }
    (artefacts, problems)
}

/// Compiling takes a moment: a person at a terminal sees how far it is.
fn progress(done: usize, all: usize) {
    let mut terminal = std::io::stderr();
    if !terminal.is_terminal() {
        return;
    }
    // Progress that cannot be shown is no reason to stop.
    let _ = match done {
        done if done == all => write!(terminal, "\r\u{1b}[K"),
        done => write!(terminal, "\rcompiling policies {}/{all}", done + 1),
    };
}
