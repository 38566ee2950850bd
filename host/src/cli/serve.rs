//! `magtape serve`: the webhook.

use anyhow::bail;

use super::{complain, policies};
use crate::{args::ServeArgs, config::Config, run, telemetry};

/// Settings of the original that mean nothing here, because there is no OPA beside the webhook.
const OBSOLETE: [&str; 2] = ["OPA_BASE_URL", "OPA_K8S_PATH"];

pub(super) fn run(args: ServeArgs) -> anyhow::Result<u8> {
    telemetry::start(args.log_level, args.log_format);
    for name in OBSOLETE.into_iter().filter(|name| std::env::var_os(name).is_some()) {
        tracing::info!("{name} is ignored: policies run in this process");
    }
    let (policies, problems) = policies::load(&args.policies)?;
    for problem in &problems {
        complain(&format!("{}: {}", problem.place, problem.reason));
    }
    // A webhook that starts without one of its policies would let through what that policy was to refuse.
    if !problems.is_empty() {
        bail!(
            "{} of the policies could not be loaded; the webhook does not start without them",
            problems.len()
        );
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(run::serve(Config::new(&args), policies))?;
    Ok(super::OK)
}
