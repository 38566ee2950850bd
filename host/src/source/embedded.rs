//! The policies in the binary: those of `policies-rego/dist` and `policies-wasm/dist`, which `cargo xtask policies` makes.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::Deserialize;

use crate::policy::{Candidate, DataReads, Pattern, Reads};

macro_rules! modules {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../../", $folder, "/dist/", $name, ".wasm")))),*]
    };
}

/// MagTape's twelve, which both languages have.
macro_rules! twins {
    ($folder:literal) => {
        modules![
            $folder:
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
        ]
    };
}

type Modules = &'static [(&'static str, &'static [u8])];

const REGO: Modules = twins!("policies-rego");

const RUST: Modules = twins!("policies-wasm");

const HARDENING: Modules = modules![
    "policies-wasm":
    "mt3001-privilege-escalation",
    "mt3002-capabilities",
    "mt3003-run-as-non-root",
    "mt3004-read-only-root-filesystem",
    "mt3005-seccomp-profile",
    "mt3006-apparmor-profile",
    "mt3007-host-namespaces",
    "mt3008-host-ports",
    "mt3009-allowed-registries",
    "mt3010-image-tag",
    "mt3011-service-account-token",
    "mt3012-proc-mount",
    "mt3013-sysctls",
    "mt3014-external-ips",
    "mt3015-ingress-host",
    "mt3016-required-labels",
];

/// What each of those in Rego can read, by its name.
const READS: &str = include_str!("../../../policies-rego/dist/reads.json");

/// What one of them can read, as the compiler tells it.
#[derive(Deserialize)]
struct Read {
    input: Vec<Vec<String>>,
    data: Vec<Pattern>,
}

/// A set of policies in the binary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Embedded {
    /// `MagTape`'s twelve in Rego.
    Rego,
    /// The same twelve in Rust, which take less time for a review (docs/benchmarks.md).
    #[default]
    Rust,
    /// More of them, in Rust, for clusters that are to be hardened.
    Hardening,
}

/// A set that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are embedded:rego, embedded:rust and embedded:hardening in the binary")]
pub struct UnknownSet;

// === impl Embedded ===

impl Embedded {
    /// What a name begins with that is no path.
    pub const PREFIX: &'static str = "embedded:";

    /// Its policies.
    pub fn policies(self) -> Vec<Candidate> {
        // Of a policy that is not in there nothing is known, which is the safe thing to know.
        let mut reads: BTreeMap<String, Read> = match self {
            Embedded::Rego => serde_json::from_str(READS).unwrap_or_default(),
            Embedded::Rust | Embedded::Hardening => BTreeMap::new(),
        };
        let candidate = |(name, wasm): &(&str, &[u8])| {
            let (reads, data_reads) = reads.remove(*name).map(|read| (read.input, read.data)).unzip();
            Candidate {
                reads: reads.map(Reads::new),
                data_reads: data_reads.map(DataReads::new),
                ..Candidate::new(format!("{self} {name}"), *wasm)
            }
        };
        self.modules().iter().map(candidate).collect()
    }

    fn modules(self) -> Modules {
        match self {
            Embedded::Rego => REGO,
            Embedded::Rust => RUST,
            Embedded::Hardening => HARDENING,
        }
    }
}

impl FromStr for Embedded {
    type Err = UnknownSet;

    fn from_str(name: &str) -> Result<Self, UnknownSet> {
        let sets = [Embedded::Rego, Embedded::Rust, Embedded::Hardening];
        sets.into_iter().find(|set| set.to_string() == name).ok_or(UnknownSet)
    }
}

impl fmt::Display for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Embedded::Rego => "rego",
            Embedded::Rust => "rust",
            Embedded::Hardening => "hardening",
        };
        write!(f, "{}{name}", Self::PREFIX)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::*;

    /// The folders of policies, which are known by a file in each.
    fn folders(folder: &str, file: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.join(file).exists())
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .filter(|name| name.starts_with("mt"))
            .collect()
    }

    fn names(sets: &[Embedded]) -> BTreeSet<String> {
        sets.iter().flat_map(|set| set.modules()).map(|(name, _)| (*name).to_owned()).collect()
    }

    #[test]
    fn every_policy_folder_is_in_the_binary() {
        assert_eq!(names(&[Embedded::Rego]), folders("policies-rego", "policy.rego"));
        assert_eq!(names(&[Embedded::Rust, Embedded::Hardening]), folders("policies-wasm", "Cargo.toml"));
        assert_eq!(names(&[Embedded::Rego]), names(&[Embedded::Rust]));
    }

    #[test]
    fn a_set_is_found_by_its_name() {
        for set in [Embedded::Rego, Embedded::Rust, Embedded::Hardening] {
            assert_eq!(set.to_string().parse(), Ok(set));
        }
        assert_eq!("embedded:other".parse::<Embedded>(), Err(UnknownSet));
    }

    #[test]
    fn what_every_policy_in_rego_reads_is_known() {
        for policy in Embedded::Rego.policies() {
            let reads = policy.reads.unwrap_or_else(Reads::whole);
            assert!(!reads.is_whole() && !reads.paths().is_empty(), "{}: {reads}", policy.origin);
        }
        let policies = Embedded::Rego.policies();
        let privileged = policies.into_iter().find(|policy| policy.origin.contains("mt2001")).unwrap();
        assert_eq!(privileged.reads.unwrap().to_string(), "request.kind.kind, request.object.spec");
        let policies = Embedded::Rego.policies();
        let ports = policies.into_iter().find(|policy| policy.origin.contains("mt2002")).unwrap();
        let data = "data.kubernetes.namespaces[_].metadata.annotations[\"k8s.t-mobile.com/nodeportRange\"]";
        assert_eq!(ports.data_reads.unwrap().to_string(), data);
    }
}
