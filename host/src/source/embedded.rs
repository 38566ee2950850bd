//! The policies in the binary: those of `policies-rego/dist`, which `cargo xtask policies` compiles.

use crate::policy::Candidate;

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

/// The policies in the binary.
pub fn embedded() -> Vec<Candidate> {
    MODULES.iter().map(|(name, wasm)| Candidate::new(format!("embedded {name}"), *wasm)).collect()
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
}
