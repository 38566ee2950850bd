//! What is valid: the arguments of `serve`, checked and in the form that the rest needs.

mod notify;

use std::{collections::BTreeSet, net::SocketAddr, path::PathBuf, time::Duration};

use crate::{
    args::{OnFailure, ServeArgs},
    audit::Content,
    policy::Need,
    server::Stance,
    verdict::FailurePolicy,
};

pub use notify::{Notify, NotifyError, Slack};

/// How the webhook runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where the operator's port is, if there is one.
    pub admin: Option<SocketAddr>,
    /// Whose certificate to show.
    pub certificate: Certificate,
    /// The file of the CAs of clients that may ask for reviews; all may if there is none.
    pub client_ca: Option<PathBuf>,
    /// How it is decided where nothing says otherwise.
    pub stance: Stance,
    /// The name that `/healthz` shows.
    pub pod_name: String,
    /// The kinds of objects that the operator lists, for policies that do not say what they read.
    pub replicated: BTreeSet<Need>,
    /// Who is told of decisions.
    pub notify: Notify,
    /// Where the audit log goes, and how much of objects is in it.
    pub audit: Option<(PathBuf, Content)>,
    /// Where traces are sent.
    pub otlp_endpoint: Option<String>,
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
    /// From Secrets of the cluster.
    Cluster {
        /// The Secret of the serving certificate.
        secret: String,
        /// How long a serving certificate is good.
        lifetime: Duration,
        /// The file of the webhook configuration, if one is to be applied.
        template: Option<PathBuf>,
    },
}

// === impl Config ===

impl Config {
    /// Reads the arguments.
    ///
    /// # Errors
    /// What does not go together.
    pub fn new(args: &ServeArgs) -> Result<Self, NotifyError> {
        let certificate = match (&args.tls_cert, &args.tls_key) {
            (Some(chain), Some(key)) => Certificate::Files { chain: chain.clone(), key: key.clone() },
            _ if args.self_signed => Certificate::SelfSigned,
            _ => Certificate::Cluster {
                secret: args.tls_secret.clone(),
                lifetime: args.tls_lifetime,
                template: args.webhook_template.clone(),
            },
        };
        Ok(Self {
            listen: args.listen,
            admin: args.admin_listen,
            certificate,
            client_ca: args.client_ca.clone(),
            stance: stance(args),
            pod_name: args.pod_name.clone(),
            replicated: args.replicate.iter().chain(&args.replicate_cluster).cloned().collect(),
            notify: Notify::new(&args.notify)?,
            audit: args.audit_log.clone().map(|path| (path, args.audit_content)),
            otlp_endpoint: args.otlp_endpoint.clone(),
        })
    }
}

fn stance(args: &ServeArgs) -> Stance {
    let failure_policy = match args.failure_policy {
        OnFailure::Fail => FailurePolicy::Fail,
        OnFailure::Ignore => FailurePolicy::Ignore,
    };
    Stance { level: args.policies.deny_level, failure_policy, trusts_owners: args.trust_owner_references }
}
