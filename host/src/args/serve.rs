//! What was typed to serve.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{ArgAction, Args as ClapArgs, ValueEnum};

use super::{NotifyArgs, PolicyArgs, duration, switch};
use crate::{audit, policy::Need, telemetry};

/// Where the webhook's policies come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PoliciesFrom {
    /// Those in the binary
    #[default]
    Embedded,
    /// Those of the cluster
    Cluster,
    /// Those of the cluster, and those in the binary whose names it does not have
    Both,
}

/// What `serve` takes.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Routes: POST / takes AdmissionReviews, GET /healthz says that the process is up, GET /readyz that \
                  policies are loaded and requests are taken, GET /metrics has metrics for Prometheus.\n\n\
                  Examples:\n  magtape serve --self-signed --listen 127.0.0.1:5000\n  \
                  magtape serve --tls-cert /tls/cert.pem --tls-key /tls/key.pem --policies /policies"
)]
pub struct ServeArgs {
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,

    /// Where policies come from when no --policies are named: those in the binary, the ConfigMaps of this namespace in
    /// the cluster, or both
    #[arg(
        long,
        value_enum,
        value_name = "SOURCE",
        env = "MAGTAPE_POLICIES",
        default_value_t,
        conflicts_with = "policies"
    )]
    pub policies_from: PoliciesFrom,

    /// Also replicate objects of this kind, such as v1/pods or apps/v1/deployments, for policies that do not say
    /// themselves what they read of the cluster; may be repeated
    #[arg(
        long,
        value_name = "[GROUP/]VERSION/RESOURCE",
        env = "MAGTAPE_REPLICATE",
        value_delimiter = ',',
        value_parser = replicated
    )]
    pub replicate: Vec<Need>,

    /// The same for kinds that are in no namespace, such as v1/namespaces
    #[arg(
        long,
        value_name = "[GROUP/]VERSION/RESOURCE",
        env = "MAGTAPE_REPLICATE_CLUSTER",
        value_delimiter = ',',
        value_parser = replicated
    )]
    pub replicate_cluster: Vec<Need>,

    /// Which namespaces of the cluster may bring policies of their own, as a label selector such as policies=own; they
    /// judge requests of their namespace only. None if nothing is said
    #[arg(long, value_name = "SELECTOR", env = "MAGTAPE_TENANT_NAMESPACES", conflicts_with = "policies")]
    pub tenant_namespaces: Option<String>,

    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", env = "MAGTAPE_LISTEN", default_value = "0.0.0.0:5000")]
    pub listen: SocketAddr,

    /// Where to listen for operators, over plain HTTP: /livez, /readyz, /conditions, /metrics and /loglevel. Nowhere if nothing is said
    #[arg(long, value_name = "ADDRESS:PORT", env = "MAGTAPE_ADMIN_LISTEN")]
    pub admin_listen: Option<SocketAddr>,

    /// The certificate chain, PEM, which is followed. Without it and --self-signed, the certificate is kept in Secrets
    /// of this namespace in the cluster
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,

    /// The certificate's private key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// Make a certificate for a first try: kept in memory, gone with the process. The path of its CA is printed
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_key"])]
    pub self_signed: bool,

    /// The Secret with the certificate, in the cluster; that with its CA has -ca behind the name
    #[arg(long, value_name = "NAME", env = "MAGTAPE_TLS_SECRET", default_value = "magtape-tls")]
    pub tls_secret: String,

    /// How long a certificate made in the cluster is good, such as 2160h; its CA is good for four times as long
    #[arg(long, value_name = "TIME", env = "MAGTAPE_TLS_LIFETIME", default_value = "2160h", value_parser = lifetime)]
    pub tls_lifetime: Duration,

    /// A ValidatingWebhookConfiguration to apply with the CA of the certificate in the cluster; without it, none is written
    #[arg(
        long,
        value_name = "FILE",
        env = "MAGTAPE_WEBHOOK_TEMPLATE",
        conflicts_with_all = ["tls_cert", "tls_key", "self_signed"]
    )]
    pub webhook_template: Option<PathBuf>,

    /// CAs, PEM, that have signed the certificates of API servers; reviews are then taken only from clients that show one
    #[arg(long, value_name = "FILE", env = "MAGTAPE_CLIENT_CA")]
    pub client_ca: Option<PathBuf>,

    /// What a policy that cannot be evaluated means: fail counts as a HIGH violation, ignore only warns
    #[arg(long, value_enum, value_name = "POLICY", env = "MAGTAPE_FAILURE_POLICY", default_value_t)]
    pub failure_policy: OnFailure,

    /// Let objects pass, unjudged, whose first owner is called a ReplicaSet, as MagTape did. Unsafe: anybody can write that
    #[arg(
        long,
        value_name = "TRUE|FALSE",
        env = "MAGTAPE_TRUST_OWNER_REFERENCES",
        value_parser = switch,
        action = ArgAction::Set,
        default_value = "FALSE",
        default_missing_value = "TRUE",
        num_args = 0..=1,
        require_equals = true
    )]
    pub trust_owner_references: bool,

    /// The least severe log line: DEBUG, INFO, WARNING, ERROR or CRITICAL
    #[arg(long, value_name = "LEVEL", env = "MAGTAPE_LOG_LEVEL", default_value = "INFO")]
    pub log_level: telemetry::LogLevel,

    /// How log lines are written
    #[arg(long, value_enum, value_name = "FORMAT", env = "MAGTAPE_LOG_FORMAT", default_value_t)]
    pub log_format: telemetry::LogFormat,

    /// A file to which a JSON object is written for each decision, a line each, or - for standard output; docs/audit-log.md
    /// describes it
    #[arg(long, value_name = "FILE", env = "MAGTAPE_AUDIT_LOG")]
    pub audit_log: Option<PathBuf>,

    /// How much of objects is in it: names, messages (and what policies say of them) or objects (and all of them, but for
    /// Secrets)
    #[arg(
        long,
        value_name = "CONTENT",
        env = "MAGTAPE_AUDIT_CONTENT",
        default_value = "names",
        requires = "audit_log"
    )]
    pub audit_content: audit::Content,

    /// Send a trace of each request to a collector of OpenTelemetry, by OTLP over HTTP, such as http://localhost:4318
    #[arg(long, value_name = "URL", env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,

    /// The name that /healthz and Events show
    #[arg(long, value_name = "NAME", env = "MAGTAPE_POD_NAME", default_value = "")]
    pub pod_name: String,

    #[command(flatten)]
    pub(crate) notify: NotifyArgs,
}

/// What a policy that cannot be evaluated means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OnFailure {
    /// It counts as a violation of severity HIGH.
    #[default]
    Fail,
    /// It only warns.
    Ignore,
}

/// A kind as kube-mgmt's flags have it.
fn replicated(text: &str) -> Result<Need, String> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [_, resource] | [_, _, resource] if parts.iter().all(|part| !part.is_empty()) => {
            let group_version = text.strip_suffix(&format!("/{resource}")).unwrap_or_default();
            Ok(Need::Resource(Some(group_version.to_owned()), (*resource).to_owned()))
        }
        _ => {
            Err("is to be VERSION/RESOURCE or GROUP/VERSION/RESOURCE, such as v1/pods or apps/v1/deployments"
                .to_owned())
        }
    }
}

/// From ten seconds, below which nothing is made new in time, to ten years.
fn lifetime(text: &str) -> Result<Duration, String> {
    let bounds = Duration::from_secs(10)..=Duration::from_secs(10 * 365 * 86_400);
    duration(text, &bounds, "from 10s to 87600h")
}
