//! `magtape test`: runs unit tests in Rego, Gatekeeper's suites and tables of cases.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use anyhow::anyhow;

use super::policies;
use crate::{
    args::{TestArgs, TestOutput},
    compile::{Compiler, Step},
    engine::Engine,
    evaluate::Loader,
    source,
    suite::{self, Pattern, Report, Runner},
};

/// Whoever waits longer is shown how far it is.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn run(args: &TestArgs) -> anyhow::Result<u8> {
    let report = report(args)?;
    policies::clear();
    print(&report, args.output)?;
    Ok(exit_code(&report))
}

fn report(args: &TestArgs) -> anyhow::Result<Report> {
    let chosen = args.run.as_deref().map(Pattern::new).transpose();
    let chosen = chosen.map_err(|reason| anyhow!("--run: {reason}"))?;
    let data = args.policies.data.as_deref().map(source::data::read).transpose()?.unwrap_or_default();
    let limits = policies::limits(&args.policies)?;
    let cache = Some(policies::cache(args.policies.cache.as_deref()));
    let loader = Loader::new(Engine::with_cache(limits.memory_bytes(), cache.clone())?, limits)
        .with_parameters(policies::parameters(&args.policies)?);
    // Each test compiles a policy or two, which are no steps of anything that a person waits for.
    let compiler = Compiler::new(cache, |step| {
        if let Step::Preparing(_) = step {
            policies::progress(step);
        }
    });
    let runner = Runner::new(&compiler, &loader)
        .with_data(data)
        .choose(chosen)
        .with_policies(|| policies::find(&args.policies.policies));
    let started = Instant::now();
    Ok(runner.run(&args.paths, &|done, all| {
        if started.elapsed() > PATIENCE {
            policies::show(&format!("running tests: {done} of {all}"));
        }
    }))
}

fn print(report: &Report, output: TestOutput) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(anstream::stdout().lock());
    match output {
        TestOutput::Text => suite::write_text(report, &mut out)?,
        TestOutput::Json => suite::write_json(report, &mut out)?,
        TestOutput::Junit => suite::write_junit(report, &mut out)?,
    }
    if output != TestOutput::Text {
        super::complain_of(&report.errors);
    }
    out.flush()
}

/// What could not be run weighs more than what failed: the answer is not complete.
fn exit_code(report: &Report) -> u8 {
    let counts = report.counts();
    match (counts.errors, counts.failed) {
        (1.., _) => super::ERROR,
        (0, 1..) => super::DENIED,
        (0, 0) => super::OK,
    }
}
