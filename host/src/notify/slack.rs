//! Slack, as MagTape has always told it: the administrators' channel, and that of the namespace.
//!
//! The two are sinks of their own, so that none waits for the other. Whose channel a namespace's Secret names is the
//! namespace's business, where that is sent is not: only to hosts that the operator allows.

mod channel;
mod payload;

use std::sync::Arc;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

use super::{
    Client, Delivered, Delivery, Endpoint, EndpointError, Fault, Location, Notification, Sink,
    endpoint::Authority,
};

pub use channel::Channels;
use channel::Found;

/// Where Slack itself takes messages.
const SLACK: &str = "hooks.slack.com";

/// How messages look, and which are sent.
#[derive(Clone, Debug, Default)]
pub struct Style {
    /// Whether to tell also of what was allowed in spite of violations.
    pub passive: bool,
    /// Who messages are from.
    pub user: String,
    /// Their icon, such as `:magtape:`.
    pub icon: String,
}

/// Which hosts a URL may name.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// What takes the place of every URL's host.
    base: Option<Authority>,
    /// Where namespaces may have their channels.
    allowed: Vec<Authority>,
}

/// What both sinks have.
pub struct Slack {
    client: Client,
    style: Style,
    hosts: Hosts,
    channels: Option<Channels>,
}

/// Tells the administrators.
pub struct Administrators {
    slack: Arc<Slack>,
    at: Location,
}

/// Tells the namespace that the object is in.
pub struct Namespaces(pub Arc<Slack>);

// === impl Hosts ===

impl Hosts {
    /// Slack's own host, that of `base` and those of `others`. `base` takes the place of every URL's host.
    ///
    /// # Errors
    /// When one of them is no host.
    pub fn new(base: Option<&str>, others: &[String]) -> Result<Self, EndpointError> {
        let base = base.map(Authority::parse).transpose()?;
        let others = others.iter().map(String::as_str).chain([SLACK]).map(Authority::parse);
        let allowed = others.chain(base.clone().map(Ok)).collect::<Result<_, _>>()?;
        Ok(Self { base, allowed })
    }

    fn place(&self, endpoint: Endpoint) -> Endpoint {
        self.base.as_ref().map_or_else(|| endpoint.clone(), |base| endpoint.at(base))
    }

    /// The endpoint of a URL that a namespace has chosen.
    fn choose(&self, url: &str) -> Result<Endpoint, String> {
        let endpoint = self.place(Endpoint::parse(url).map_err(|error| error.to_string())?);
        if self.allowed.contains(&endpoint.authority()) {
            return Ok(endpoint);
        }
        Err("its host is not among those that are allowed".to_owned())
    }
}

// === impl Slack ===

impl Slack {
    /// What both sinks have. Without `channels`, namespaces have none.
    pub fn new(client: Client, style: Style, hosts: Hosts, channels: Option<Channels>) -> Self {
        Self { client, style, hosts, channels }
    }

    fn wants(&self, notification: &Notification) -> bool {
        !notification.allowed || self.style.passive
    }

    /// Where the namespace wants to be told.
    async fn channel(&self, namespace: &str) -> Result<Found, Fault> {
        match &self.channels {
            Some(channels) if !namespace.is_empty() => channels.find(namespace, &self.hosts).await,
            _ => Ok(Found::Nothing),
        }
    }

    async fn post(
        &self,
        endpoint: &Endpoint,
        notification: &Notification,
        customer_alert: bool,
    ) -> Result<Delivered, Fault> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let body = payload::payload(notification, &self.style, customer_alert).to_string();
        self.client.post(endpoint, headers, body).await.map(|()| Delivered::Told)
    }
}

// === impl Administrators ===

impl Administrators {
    /// The administrators' channel.
    pub fn new(slack: Arc<Slack>, at: Location) -> Self {
        Self { slack, at }
    }
}

impl Sink for Administrators {
    fn name(&self) -> &'static str {
        "slack"
    }

    fn wants(&self, notification: &Notification) -> bool {
        self.slack.wants(notification)
    }

    fn deliver<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        Box::pin(async move {
            let Some(endpoint) = self.at.read()? else { return Ok(Delivered::Nobody) };
            let endpoint = self.slack.hosts.place(endpoint);
            // If it cannot be known whether the namespace is told, the administrators are told nevertheless.
            let found = self.slack.channel(&notification.object.namespace).await;
            let customer_alert = matches!(found, Ok(Found::Channel(_)));
            self.slack.post(&endpoint, notification, customer_alert).await
        })
    }
}

// === impl Namespaces ===

impl Sink for Namespaces {
    fn name(&self) -> &'static str {
        "slack-namespace"
    }

    fn wants(&self, notification: &Notification) -> bool {
        self.0.wants(notification) && self.0.channels.is_some() && !notification.object.namespace.is_empty()
    }

    fn deliver<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        Box::pin(async move {
            match self.0.channel(&notification.object.namespace).await? {
                Found::Nothing => Ok(Delivered::Nobody),
                Found::Refused(cause) => Err(Fault::Lasting(cause)),
                Found::Channel(endpoint) => self.0.post(&endpoint, notification, true).await,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_chooses_among_the_hosts_that_are_allowed() {
        let own = ["chat.example.com:8443".to_owned()];
        let hosts = Hosts::new(None, &own).unwrap();
        for (url, expected) in [
            ("https://hooks.slack.com/services/T/B/x", true),
            ("https://HOOKS.slack.com:443/services/T/B/x", true),
            ("https://chat.example.com:8443/hooks/x", true),
            ("https://chat.example.com/hooks/x", false),
            ("https://hooks.slack.com:8443/services/T/B/x", false),
            ("https://hooks.slack.com.evil.example.com/x", false),
            ("https://evil.example.com/hooks.slack.com", false),
            ("https://169.254.169.254/latest/meta-data", false),
            ("https://hooks.slack.com@evil.example.com/x", false),
            ("http://hooks.slack.com/services/T/B/x", false),
        ] {
            assert_eq!(hosts.choose(url).is_ok(), expected, "{url}");
        }
        let proxied = Hosts::new(Some("proxy.example.com"), &[]).unwrap();
        let endpoint = proxied.choose("https://evil.example.com/services/T/B/x?a=b").unwrap();
        assert_eq!(endpoint.url().as_str(), "https://proxy.example.com/services/T/B/x?a=b");
        assert!(
            Hosts::new(Some("proxy/path"), &[]).is_err() && Hosts::new(None, &["a b".to_owned()]).is_err()
        );
    }
}
