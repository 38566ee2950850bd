//! `magtape serve`: the webhook.

use anyhow::bail;

use super::policies;
use crate::{args::ServeArgs, config::Config, run, telemetry};

/// Settings that have an effect.
const KNOWN: [&str; 7] = [
    "MAGTAPE_CACHE",
    "MAGTAPE_DENY_LEVEL",
    "MAGTAPE_FAILURE_POLICY",
    "MAGTAPE_LISTEN",
    "MAGTAPE_LOG_FORMAT",
    "MAGTAPE_LOG_LEVEL",
    "MAGTAPE_POD_NAME",
];

/// Settings of the original that mean nothing here, because there is no OPA beside the webhook.
const OBSOLETE: [&str; 2] = ["OPA_BASE_URL", "OPA_K8S_PATH"];

pub(super) fn run(args: &ServeArgs) -> anyhow::Result<u8> {
    telemetry::start(args.log_level, args.log_format);
    report_settings();
    match start(args) {
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
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if OBSOLETE.contains(&name.as_ref()) {
            tracing::info!("{name} is ignored: policies run in this process");
        } else if name.starts_with("MAGTAPE_") && !KNOWN.contains(&name.as_ref()) {
            tracing::warn!("{name} has no effect in this version");
        }
    }
}

fn start(args: &ServeArgs) -> anyhow::Result<()> {
    let (policies, problems) = policies::load(&args.policies)?;
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
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run::serve(Config::new(args), policies))
}
