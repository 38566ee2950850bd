//! `magtape check`: judges files by the same engine that answers the API server.

use std::{io::Write, time::Duration};

use super::policies::{self, Loaded};
use crate::{
    args::{CheckArgs, Output},
    evaluate::{Policies, evaluate},
    manifest::{self, Document},
    policy::gatekeeper::EnforcementPoint,
    report::{self, Judged, Problem, Report},
    verdict::{DenyLevel, FailurePolicy, decide},
};

/// Nobody but a person waits here; each policy has its own deadline still.
const BUDGET: Duration = Duration::from_secs(60);

pub(super) fn run(args: &CheckArgs) -> anyhow::Result<u8> {
    let Loaded { policies, problems, notes } = policies::load(&args.policies, EnforcementPoint::Cli)?;
    super::note(&notes);
    if policies.is_empty() {
        super::complain_of(&problems);
        anyhow::bail!("no policy could be loaded, so nothing was judged");
    }
    let level = args.policies.deny_level;
    let mut report = Report { level, errors: problems, results: Vec::new() };
    let (documents, left_out) = manifest::read(&args.paths);
    super::note(&left_out.into_iter().map(Problem::from).collect::<Vec<_>>());
    anyhow::ensure!(
        !documents.is_empty(),
        "there is no Kubernetes object at these paths, so nothing was judged"
    );
    for document in documents {
        match judge(&policies, level, document) {
            Ok(judged) => report.results.push(judged),
            Err(problem) => report.errors.push(problem),
        }
    }
    print(&report, args.output)?;
    Ok(exit_code(&report))
}

fn judge(policies: &Policies, level: DenyLevel, document: Document) -> Result<Judged, Problem> {
    let place = document.place;
    let request = document.request.map_err(|reason| Problem { place: place.to_string(), reason })?;
    let outcomes = evaluate(policies, &request, BUDGET);
    let verdict = decide(&outcomes, level, FailurePolicy::Fail);
    Ok(Judged {
        place,
        kind: request.kind,
        namespace: request.namespace,
        name: request.name,
        verdict,
        outcomes,
    })
}

fn print(report: &Report, output: Output) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(anstream::stdout().lock());
    match output {
        Output::Text => report::write_text(report, &mut out)?,
        Output::Json => {
            report::write_json(report, &mut out)?;
            super::complain_of(&report.errors);
        }
    }
    out.flush()
}

/// What could not be judged weighs more than what was denied: the answer is not complete.
fn exit_code(report: &Report) -> u8 {
    match (report.errors.is_empty() && report.failed() == 0, report.denied()) {
        (false, _) => super::ERROR,
        (true, 0) => super::OK,
        (true, _) => super::DENIED,
    }
}
