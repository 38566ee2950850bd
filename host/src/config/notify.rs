//! Who is told of decisions, checked.

use std::{env, path::PathBuf, time::Duration};

use crate::{
    args::NotifyArgs,
    notify::{
        Endpoint, EndpointError, Location, Network, Secret,
        slack::{Hosts, Style},
    },
};

/// The name that the original read, beside the one that its documents have.
const OLD_BASE: &str = "SLACK_WEBHOOK_URL_BASE";

/// Who is told of decisions.
#[derive(Clone, Debug)]
pub struct Notify {
    /// The name that people know the cluster by.
    pub cluster: String,
    /// Whether Events are written.
    pub events: bool,
    /// Slack, if it is told.
    pub slack: Option<Slack>,
    /// The file of receivers and routes.
    pub receivers: Option<PathBuf>,
    /// How long the same is not told again.
    pub window: Duration,
}

/// How Slack is told.
#[derive(Clone, Debug)]
pub struct Slack {
    /// How messages look.
    pub style: Style,
    /// The administrators' channel, if they have one.
    pub default: Option<Location>,
    /// Which hosts URLs may name.
    pub hosts: Hosts,
    /// Networks that are not public and may be reached.
    pub networks: Vec<Network>,
    /// The file of further CAs.
    pub authorities: Option<PathBuf>,
}

/// Why nobody can be told. No text shows a URL.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The default URL.
    #[error("--slack-webhook-url (MAGTAPE_SLACK_WEBHOOK_URL_DEFAULT) cannot be used: {0}")]
    Url(EndpointError),
    /// The default URL, twice.
    #[error("--slack-webhook-url and --slack-webhook-url-file are both given; leave one out")]
    Both,
    /// Another host, or one that is allowed.
    #[error(
        "--slack-webhook-url-base (MAGTAPE_SLACK_WEBHOOK_URL_BASE or {OLD_BASE}) or --slack-hosts cannot be used: {0}"
    )]
    Hosts(EndpointError),
    /// Nobody would know where it comes from.
    #[error(
        "--cluster-name (MAGTAPE_CLUSTER_NAME) is missing: it says in notifications which cluster they are from"
    )]
    Cluster,
}

// === impl Notify ===

impl Notify {
    /// Checks the arguments.
    ///
    /// # Errors
    /// What is missing or cannot be used.
    pub fn new(args: &NotifyArgs) -> Result<Self, NotifyError> {
        let slack = args.slack.then(|| Slack::new(args)).transpose()?;
        if (slack.is_some() || args.notifications.is_some()) && args.cluster_name.is_empty() {
            return Err(NotifyError::Cluster);
        }
        let cluster = args.cluster_name.clone();
        let receivers = args.notifications.clone();
        Ok(Self { cluster, events: args.events, slack, receivers, window: args.notification_window })
    }
}

// === impl Slack ===

impl Slack {
    fn new(args: &NotifyArgs) -> Result<Self, NotifyError> {
        let old = || env::var(OLD_BASE).ok();
        let base = args.slack_webhook_url_base.as_ref().map(|base| base.expose().to_owned());
        let base = base.filter(|base| !base.is_empty()).or_else(old).filter(|base| !base.is_empty());
        Ok(Self {
            style: Style {
                passive: args.slack_passive,
                user: args.slack_user.clone(),
                icon: args.slack_icon.clone(),
            },
            default: default(&args.slack_webhook_url, args.slack_webhook_url_file.as_ref())?,
            hosts: Hosts::new(base.as_deref(), &args.slack_hosts).map_err(NotifyError::Hosts)?,
            networks: args.slack_networks.clone(),
            authorities: args.slack_ca.clone(),
        })
    }
}

fn default(url: &Secret, file: Option<&PathBuf>) -> Result<Option<Location>, NotifyError> {
    match (url.expose().trim(), file) {
        ("", file) => Ok(file.cloned().map(Location::File)),
        (_, Some(_)) => Err(NotifyError::Both),
        (url, None) => Endpoint::parse(url).map(|url| Some(Location::Url(url))).map_err(NotifyError::Url),
    }
}
