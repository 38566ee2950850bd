//! What was typed about those who are told of decisions.

use std::{path::PathBuf, time::Duration};

use clap::{ArgAction, Args};

use super::{duration, switch};
use crate::notify::{Network, Secret};

/// Who is told of decisions, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Notifications")]
pub struct NotifyArgs {
    /// The cluster's name in notifications
    #[arg(long, value_name = "NAME", env = "MAGTAPE_CLUSTER_NAME", default_value = "")]
    pub cluster_name: String,

    /// Write an Event beside each object that policies have something against
    #[arg(
        long,
        value_name = "TRUE|FALSE",
        env = "MAGTAPE_K8S_EVENTS_ENABLED",
        value_parser = switch,
        action = ArgAction::Set,
        default_value = "FALSE",
        default_missing_value = "TRUE",
        num_args = 0..=1,
        require_equals = true
    )]
    pub events: bool,

    /// Tell of denials in Slack
    #[arg(
        long,
        value_name = "TRUE|FALSE",
        env = "MAGTAPE_SLACK_ENABLED",
        value_parser = switch,
        action = ArgAction::Set,
        default_value = "FALSE",
        default_missing_value = "TRUE",
        num_args = 0..=1,
        require_equals = true
    )]
    pub slack: bool,

    /// Tell in Slack also of what was allowed in spite of violations
    #[arg(
        long,
        value_name = "TRUE|FALSE",
        env = "MAGTAPE_SLACK_PASSIVE",
        value_parser = switch,
        action = ArgAction::Set,
        default_value = "FALSE",
        default_missing_value = "TRUE",
        num_args = 0..=1,
        require_equals = true
    )]
    pub slack_passive: bool,

    /// The webhook of the administrators' channel; without it and the file, only namespaces are told
    #[arg(
        long,
        value_name = "URL",
        env = "MAGTAPE_SLACK_WEBHOOK_URL_DEFAULT",
        hide_env_values = true,
        default_value = "",
        hide_default_value = true
    )]
    pub slack_webhook_url: Secret,

    /// A file with that URL, which is read for each message
    #[arg(long, value_name = "FILE", env = "MAGTAPE_SLACK_WEBHOOK_URL_DEFAULT_FILE")]
    pub slack_webhook_url_file: Option<PathBuf>,

    /// HOST, HOST:PORT or https://HOST:PORT that takes the place of the host in every URL of Slack
    #[arg(long, value_name = "HOST", env = "MAGTAPE_SLACK_WEBHOOK_URL_BASE", hide_env_values = true)]
    pub slack_webhook_url_base: Option<Secret>,

    /// Who messages in Slack are from
    #[arg(long, value_name = "NAME", env = "MAGTAPE_SLACK_USER", default_value = "mtbot")]
    pub slack_user: String,

    /// The icon of messages in Slack
    #[arg(long, value_name = "ICON", env = "MAGTAPE_SLACK_ICON", default_value = ":magtape:")]
    pub slack_icon: String,

    /// Further hosts that the Secrets of namespaces may name, each as HOST or HOST:PORT; may be repeated
    #[arg(long, value_name = "HOST", env = "MAGTAPE_SLACK_HOSTS", value_delimiter = ',')]
    pub slack_hosts: Vec<String>,

    /// Networks that are not public and where Slack may be, such as 10.0.0.0/8; may be repeated
    #[arg(long, value_name = "NETWORK", env = "MAGTAPE_SLACK_NETWORKS", value_delimiter = ',')]
    pub slack_networks: Vec<Network>,

    /// CAs, PEM, that Slack may be known by beside those of the system
    #[arg(long, value_name = "FILE", env = "MAGTAPE_SLACK_CA")]
    pub slack_ca: Option<PathBuf>,

    /// Further receivers, over HTTPS, and what is told to which, as YAML; docs/notifications.md describes it
    #[arg(long, value_name = "FILE", env = "MAGTAPE_NOTIFICATIONS")]
    pub notifications: Option<PathBuf>,

    /// How long the same is not told again of an object, such as 5m
    #[arg(long, value_name = "TIME", env = "MAGTAPE_NOTIFICATION_WINDOW", default_value = "5m", value_parser = window)]
    pub notification_window: Duration,
}

/// From nothing to a day.
fn window(text: &str) -> Result<Duration, String> {
    duration(text, &(Duration::ZERO..=Duration::from_secs(86_400)), "from 0s to 24h")
}
