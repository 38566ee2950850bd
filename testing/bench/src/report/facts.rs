//! What was measured, when, and on which machine.

use std::{fs, thread};

use anyhow::Result;
use jiff::Timestamp;
use magtape_testing::{corpus, tools::Tool};
use serde_json::{Value, json};

/// The date, the machine, the versions and the corpus of this run.
pub(super) fn facts() -> Result<Value> {
    let reviews = corpus::corpus()?;
    Ok(json!({
        "date": Timestamp::now().strftime("%Y-%m-%d").to_string(),
        "machine": {
            "processor": processor(),
            "cores": thread::available_parallelism()?.get(),
            "kernel": kernel(),
        },
        "versions": {
            "magtape": env!("CARGO_PKG_VERSION"),
            "opa": Tool::Opa.version(),
            "etcd": Tool::Etcd.version(),
            "kube-apiserver": Tool::KubeApiserver.version(),
        },
        "corpus": {"reviews": reviews.len(), "bytes": reviews.iter().map(Vec::len).sum::<usize>()},
    }))
}

/// As the processor calls itself, where Linux tells.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name"));
    name.map_or_else(
        || std::env::consts::ARCH.to_owned(),
        |name| name.trim_start_matches([' ', '\t', ':']).to_owned(),
    )
}

fn kernel() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{} {}", std::env::consts::OS, release.trim()).trim_end().to_owned()
}
