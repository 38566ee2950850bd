//! What is valid: the arguments of `serve`, checked and in the form that the rest needs.

use std::{net::SocketAddr, path::PathBuf};

use crate::{
    args::{OnFailure, ServeArgs},
    verdict::{DenyLevel, FailurePolicy},
};

/// How the webhook runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Whose certificate to show.
    pub certificate: Certificate,
    /// Which severities deny.
    pub deny_level: DenyLevel,
    /// What a policy that cannot be evaluated means.
    pub failure_policy: FailurePolicy,
    /// The name that `/healthz` shows.
    pub pod_name: String,
}

/// Whose certificate to show.
#[derive(Clone, Debug)]
pub enum Certificate {
    /// From PEM files.
    Files {
        /// The chain.
        chain: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// Made at start, gone with the process.
    SelfSigned,
}

// === impl Config ===

impl Config {
    /// Reads the arguments; clap has seen to it that either both files are there or none is needed.
    pub fn new(args: &ServeArgs) -> Self {
        let certificate = match (&args.tls_cert, &args.tls_key) {
            (Some(chain), Some(key)) => Certificate::Files { chain: chain.clone(), key: key.clone() },
            _ => Certificate::SelfSigned,
        };
        Self {
            listen: args.listen,
            certificate,
            deny_level: args.policies.deny_level,
            failure_policy: match args.failure_policy {
                OnFailure::Fail => FailurePolicy::Fail,
                OnFailure::Ignore => FailurePolicy::Ignore,
            },
            pod_name: args.pod_name.clone(),
        }
    }
}
