//! `magtape inspect`: what is in a policy, also in one that cannot be loaded.

mod facts;
mod json;
mod parameters;
mod text;

use std::{io::Write, path::PathBuf};

use anyhow::ensure;

use super::policies;
use crate::{
    args::{InspectArgs, Output},
    compile,
    engine::{ArtefactCache, Engine},
    evaluate::PolicyLimits,
    policy::gatekeeper::EnforcementPoint,
    report::Problem,
    source,
};
use facts::{Inspected, Inspector};

/// Everything that was found.
struct Inspection {
    modules: Vec<Inspected>,
    errors: Vec<Problem>,
}

pub(super) fn run(args: &InspectArgs) -> anyhow::Result<u8> {
    let inspection = inspect(&args.paths, Some(policies::cache(args.cache.as_deref())))?;
    print(&inspection, args.output)?;
    ensure!(!inspection.is_empty(), "no policy was found");
    Ok(if inspection.errors.is_empty() { super::OK } else { super::ERROR })
}

fn inspect(paths: &[PathBuf], cache: Option<ArtefactCache>) -> anyhow::Result<Inspection> {
    let mut found = policies::find(paths);
    let data = std::mem::take(&mut found.data);
    let compiler = policies::compiler(cache.clone());
    let compile::Output { mut candidates, problems, notes } =
        compile::compile(found, &compiler, EnforcementPoint::Webhook);
    let limits = PolicyLimits::default();
    let engine = Engine::with_cache(limits.memory_bytes(), cache)?;
    let inspector = Inspector::new(engine, limits);
    let mut inspection = Inspection { modules: Vec::new(), errors: policies::problems_of(problems) };
    for candidate in &mut candidates {
        source::data::merge(&mut candidate.data, &data);
        inspection.modules.push(inspector.inspect(candidate, &mut inspection.errors));
    }
    policies::clear();
    super::note(&policies::problems_of(notes));
    Ok(inspection)
}

fn print(inspection: &Inspection, output: Output) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(anstream::stdout().lock());
    match output {
        Output::Text => text::write(inspection, &mut out)?,
        Output::Json => {
            json::write(inspection, &mut out)?;
            super::complain_of(&inspection.errors);
        }
    }
    out.flush()
}

// === impl Inspection ===

impl Inspection {
    fn is_empty(&self) -> bool {
        self.modules.is_empty() && self.errors.is_empty()
    }
}
