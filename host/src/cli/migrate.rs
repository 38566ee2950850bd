//! `magtape migrate check`: what changes when this program takes the place of another.

use std::{collections::BTreeSet, io::Write};

use anyhow::{anyhow, ensure};

use super::{policies, settings};
use crate::{
    args::{MigrateArgs, MigrateCheckArgs, MigrateCommand, Output},
    compile,
    engine::Engine,
    evaluate::{Loader, Policies, PolicyLimits},
    manifest,
    migrate::{self, Assessed, Effect, Install, Loaded, Object, Report, Settings},
    policy::gatekeeper::EnforcementPoint,
    report::Problem,
    run,
    source::{self, Embedded, Found},
};

pub(super) fn run(args: &MigrateArgs) -> anyhow::Result<u8> {
    let MigrateCommand::Check(args) = &args.command;
    let (objects, errors) = if args.cluster { of_cluster(&args.namespace)? } else { of_files(args) };
    let install = Install::new(objects, &args.namespace);
    let assessed = assess(install.sources(), args)?;
    let settings = Settings { honoured: settings::honoured(), accepts: &settings::accepts };
    let report = Report { findings: install.examine(&assessed, &settings), errors };
    print(&report, args.output)?;
    ensure!(
        !(report.findings.is_empty() && report.errors.is_empty()),
        "nothing of MagTape, of OPA with kube-mgmt or of Gatekeeper was found{}",
        if args.cluster { "; name the namespace that it is in with --namespace" } else { "" }
    );
    Ok(exit_code(&report))
}

fn of_files(args: &MigrateCheckArgs) -> (Vec<Object>, Vec<Problem>) {
    let (mut objects, mut errors) = (Vec::new(), Vec::new());
    let (found, left_out) = manifest::objects(&args.paths);
    super::note(&left_out.into_iter().map(Problem::from).collect::<Vec<_>>());
    for manifest::Object { place, object } in found {
        let place = place.to_string();
        match object {
            Ok(value) => objects.push(Object { place, value }),
            Err(reason) => errors.push(Problem { place, reason }),
        }
    }
    (objects, errors)
}

fn of_cluster(namespace: &str) -> anyhow::Result<(Vec<Object>, Vec<Problem>)> {
    run::runtime()?.block_on(migrate::cluster::read(namespace)).map_err(|reason| anyhow!(reason))
}

/// Compiles and loads all policies, as the webhook would.
fn assess(mut found: Found, args: &MigrateCheckArgs) -> anyhow::Result<Assessed> {
    let (cache, limits) = (Some(policies::cache(args.cache.as_deref())), PolicyLimits::default());
    let data = std::mem::take(&mut found.data);
    let compiler = policies::compiler(cache.clone());
    let loader = Loader::new(Engine::with_cache(limits.memory_bytes(), cache)?, limits);
    let mut output = compile::compile(found, &compiler, EnforcementPoint::Webhook);
    for candidate in &mut output.candidates {
        source::data::merge(&mut candidate.data, &data);
    }
    let (mut loaded, mut shipped) = (Policies::new(), Policies::new());
    let refused = loader.add_all(&mut loaded, &output.candidates, &|_| {});
    loader.add_all(&mut shipped, &Embedded::default().policies(), &|_| {});
    policies::clear();
    let mut problems = policies::problems_of(output.problems);
    problems.extend(
        refused.into_iter().map(|error| Problem { place: error.origin, reason: error.reason.to_string() }),
    );
    Ok(Assessed {
        loaded: described(&loaded),
        problems,
        notes: policies::problems_of(output.notes),
        shipped: described(&shipped).into_iter().map(|shipped| shipped.name).collect::<BTreeSet<_>>(),
    })
}

fn described(policies: &Policies) -> Vec<Loaded> {
    let described = policies.iter().map(|entry| {
        let (origin, metadata) = (entry.policy.origin.clone(), entry.policy.metadata.clone());
        Loaded {
            origin,
            name: metadata.name,
            errcode: metadata.errcode,
            severity: metadata.severity.as_str(),
            targets: metadata.targets,
        }
    });
    described.collect()
}

fn print(report: &Report, output: Output) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(anstream::stdout().lock());
    match output {
        Output::Text => migrate::write_text(report, &mut out)?,
        Output::Json => {
            migrate::write_json(report, &mut out)?;
            super::complain_of(&report.errors);
        }
    }
    out.flush()
}

/// What could not be read weighs more than what needs action: the answer is not complete.
fn exit_code(report: &Report) -> u8 {
    match (report.errors.is_empty(), report.count(Effect::NeedsAction)) {
        (false, _) => super::ERROR,
        (true, 0) => super::OK,
        (true, _) => super::DENIED,
    }
}
