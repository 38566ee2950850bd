//! `magtape serve`: the webhook.

use std::sync::Arc;

use anyhow::bail;

use super::{
    policies::{self, Loaded},
    settings,
};
use crate::{
    args::{PoliciesFrom, ServeArgs},
    config::Config,
    evaluate::Policies,
    policy::{Candidate, gatekeeper::EnforcementPoint},
    run::{self, Judging},
    source::Embedded,
    telemetry::{self, Log},
};

pub(super) fn run(args: &ServeArgs) -> anyhow::Result<u8> {
    // Until the end: what has been logged is written when it goes.
    let (_lines, log) = telemetry::start(args.log_level, args.log_format)?;
    report_settings();
    match start(args, log) {
        Ok(()) => Ok(super::OK),
        // In the form that the log has, since whoever reads it may read nothing else.
        Err(error) => {
            tracing::error!("{error:#}");
            Ok(super::ERROR)
        }
    }
}

/// Names the settings that do nothing, so that nobody relies on them.
fn report_settings() {
    let honoured = settings::honoured();
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if settings::OBSOLETE.contains(&name.as_ref()) {
            tracing::info!("{name} is ignored: policies run in this process");
        } else if name.starts_with("MAGTAPE_") && !honoured.contains(name.as_ref()) {
            tracing::warn!("{name} has no effect in this version");
        }
    }
}

fn start(args: &ServeArgs, log: Log) -> anyhow::Result<()> {
    let config = Config::new(args)?;
    if args.tenant_namespaces.is_some() && args.policies_from == PoliciesFrom::Embedded {
        bail!("--tenant-namespaces needs a cluster: give --policies-from cluster or both with it");
    }
    let of_cluster = |base| cluster(args, base);
    let judging = match args.policies_from {
        PoliciesFrom::Embedded => Judging::Fixed(fixed(args)?),
        PoliciesFrom::Cluster => of_cluster(Vec::new())?,
        PoliciesFrom::Both => of_cluster(Embedded::default().policies())?,
    };
    run::runtime()?.block_on(run::serve(config, judging, log))
}

/// What makes policies of those of the cluster.
fn cluster(args: &ServeArgs, base: Vec<Candidate>) -> anyhow::Result<Judging> {
    let compiler = policies::cluster_compiler(&args.policies);
    let reloader = policies::reloader(&args.policies, Arc::clone(&compiler), base)?;
    let tenancy = match args.tenant_namespaces.as_deref().map(str::trim) {
        None => None,
        Some("") => {
            bail!("--tenant-namespaces is empty, which would select every namespace; leave it out for none")
        }
        Some(selector) => Some(policies::tenancy(selector, compiler)?),
    };
    Ok(Judging::Cluster(Box::new(reloader), tenancy))
}

fn fixed(args: &ServeArgs) -> anyhow::Result<Policies> {
    let Loaded { policies, problems, notes } = policies::load(&args.policies, EnforcementPoint::Webhook)?;
    for note in &notes {
        tracing::info!("{}: {}", note.place, note.reason);
    }
    for problem in &problems {
        tracing::error!("{}: {}", problem.place, problem.reason);
    }
    // A webhook that starts without one of its policies would let through what that policy was to refuse.
    if !problems.is_empty() {
        bail!(
            "{} of the policies could not be loaded; the webhook does not start without them",
            problems.len()
        );
    }
    for entry in policies.iter() {
        let policy = &entry.policy;
        tracing::info!(
            policy = policy.metadata.name,
            errcode = policy.metadata.errcode,
            digest = %policy.digest,
            origin = policy.origin,
            "loaded"
        );
    }
    Ok(policies)
}
