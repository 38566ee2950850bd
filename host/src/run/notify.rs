//! Who is told of decisions, and the end of it.

use std::{sync::Arc, time::Duration};

use ::kube::Client as Cluster;
use anyhow::Context;

use crate::{
    config::{Config, Slack},
    kube::{self, NoCluster, events::Events},
    notify::{
        Client, Notifier, Sink, SinkCounts,
        events::ClusterEvents,
        slack::{self, Administrators, Channels, Namespaces},
        webhook,
    },
};

/// How long what has been decided may be told after the last request, as long as one try of a receiver and a little more.
const LAST: Duration = Duration::from_secs(6);

/// Starts telling, if anyone is to be told.
pub(super) async fn notifier(config: &Config) -> anyhow::Result<Option<Arc<Notifier>>> {
    let mut sinks = in_cluster(config).await?;
    if let Some(path) = &config.notify.receivers {
        let receivers = webhook::read(path).context("--notifications")?;
        sinks.extend(receivers.into_iter().map(|receiver| Arc::new(receiver) as Arc<dyn Sink>));
    }
    if sinks.is_empty() {
        return Ok(None);
    }
    let notifier = Notifier::spawn(&config.notify.cluster, sinks, config.notify.window);
    Ok(Some(Arc::new(notifier)))
}

/// Those that speak with the cluster.
async fn in_cluster(config: &Config) -> anyhow::Result<Vec<Arc<dyn Sink>>> {
    let mut sinks: Vec<Arc<dyn Sink>> = Vec::new();
    if !config.notify.events && config.notify.slack.is_none() {
        return Ok(sinks);
    }
    let cluster = kube::client().await;
    if config.notify.events {
        sinks.push(Arc::new(events(&config.pod_name, cluster.clone())?));
    }
    if let Some(slack) = &config.notify.slack {
        sinks.extend(of_slack(slack, cluster)?);
    }
    Ok(sinks)
}

fn events(pod_name: &str, cluster: Result<Cluster, NoCluster>) -> anyhow::Result<ClusterEvents> {
    let client = cluster.context("--events (MAGTAPE_K8S_EVENTS_ENABLED) writes Events to the cluster")?;
    // The API server takes no Event from nobody.
    let identity = if pod_name.is_empty() { "magtape" } else { pod_name };
    Ok(ClusterEvents(Events::new(client, identity)))
}

fn of_slack(config: &Slack, cluster: Result<Cluster, NoCluster>) -> anyhow::Result<Vec<Arc<dyn Sink>>> {
    let client = Client::new(config.authorities.as_deref(), &config.networks).context("--slack")?;
    let channels = match cluster {
        Ok(client) => Some(Channels::new(client)),
        Err(error) => {
            tracing::warn!("only the administrators' channel is told, not those of namespaces: {error}");
            None
        }
    };
    let slack = slack::Slack::new(client, config.style.clone(), config.hosts.clone(), channels);
    let slack = Arc::new(slack);
    let default = config.default.clone().map(|at| Administrators::new(Arc::clone(&slack), at));
    let default = default.map(|sink| Arc::new(sink) as Arc<dyn Sink>);
    Ok(default.into_iter().chain([Arc::new(Namespaces(slack)) as Arc<dyn Sink>]).collect())
}

/// Tells what has been decided, within its own time.
pub(super) async fn drain(notifier: Option<&Notifier>) {
    let Some(notifier) = notifier else { return };
    notifier.drain(LAST).await;
    let snapshot = notifier.snapshot();
    for SinkCounts { sink, sent, failed, retried, dropped, .. } in snapshot.sinks {
        tracing::info!(sink, sent, failed, retried, dropped, "notifications");
    }
    let (repeated, owned) = (snapshot.suppressed_repeated, snapshot.suppressed_owned);
    tracing::info!(repeated, owned, "notifications that were not needed");
}
