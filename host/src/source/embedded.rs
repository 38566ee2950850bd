//! The policies in the binary: those of `policies-rego/dist`, which `cargo xtask policies` compiles.

use std::collections::BTreeMap;

use crate::policy::{Candidate, Reads};

macro_rules! modules {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../../policies-rego/dist/", $name, ".wasm")))),*]
    };
}

const MODULES: &[(&str, &[u8])] = modules![
    "mt1001-liveness-probe",
    "mt1002-readiness-probe",
    "mt1003-resource-limits",
    "mt1004-resource-requests",
    "mt1005-pod-disruption-budget",
    "mt1006-port-name-mismatch",
    "mt1007-singleton-pod",
    "mt1008-host-port",
    "mt1009-emptydir",
    "mt1010-host-path",
    "mt2001-privileged-pod",
    "mt2002-nodeport-range",
];

/// What each of them can read, by its name.
const READS: &str = include_str!("../../../policies-rego/dist/reads.json");

/// The policies in the binary.
pub fn embedded() -> Vec<Candidate> {
    // Of a policy that is not in there nothing is known, which is the safe thing to know.
    let mut reads: BTreeMap<String, Vec<Vec<String>>> = serde_json::from_str(READS).unwrap_or_default();
    let candidate = |(name, wasm): &(&str, &[u8])| Candidate {
        reads: reads.remove(*name).map(Reads::new),
        ..Candidate::new(format!("embedded {name}"), *wasm)
    };
    MODULES.iter().map(candidate).collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::*;

    #[test]
    fn every_policy_folder_is_in_the_binary() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies-rego");
        let folders: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.join("policy.rego").exists())
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(MODULES.iter().map(|(name, _)| (*name).to_owned()).collect::<BTreeSet<_>>(), folders);
    }

    #[test]
    fn what_every_policy_reads_is_known() {
        for policy in embedded() {
            let reads = policy.reads.unwrap_or_else(Reads::whole);
            assert!(!reads.is_whole() && !reads.paths().is_empty(), "{}: {reads}", policy.origin);
        }
        let privileged = embedded().into_iter().find(|policy| policy.origin.contains("mt2001")).unwrap();
        assert_eq!(privileged.reads.unwrap().to_string(), "request.kind.kind, request.object.spec");
    }
}
