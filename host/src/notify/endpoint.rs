//! Where something is sent: a URL that has been checked, and is never shown.

use std::{fmt, path::PathBuf};

use reqwest::Url;

use super::{Fault, Secret};

/// A checked URL of a receiver: `https`, with a host, without a user.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

/// Where the URL of a receiver is.
#[derive(Clone, Debug)]
pub enum Location {
    /// It is this one.
    Url(Endpoint),
    /// It is in this file, which may change.
    File(PathBuf),
}

/// Another host, and perhaps port, for URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    host: String,
    port: Option<u16>,
}

/// Why a text is no URL of a receiver. The text itself is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// No URL.
    #[error("it is no URL such as https://hooks.example.com/path")]
    Url,
    /// Plain HTTP, or something else.
    #[error("it does not begin with https://")]
    Scheme,
    /// A name and password.
    #[error("it has a user or password before its host")]
    User,
    /// No host.
    #[error("it is no host such as proxy.example.com, proxy.example.com:8443 or https://proxy.example.com")]
    Authority,
}

/// As long as a URL may be. Receivers give out URLs of some hundred characters.
const MAX_BYTES: usize = 4096;

// === impl Endpoint ===

impl Endpoint {
    /// Reads a URL; blanks around it, such as the end of a line in a file, do not count.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        if text.len() > MAX_BYTES {
            return Err(EndpointError::Url);
        }
        let url = Url::parse(text.trim()).map_err(|_| EndpointError::Url)?;
        if url.scheme() != "https" {
            return Err(EndpointError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::User);
        }
        Ok(Self(url))
    }

    /// The same with another host and port; path and query stay.
    pub fn at(&self, authority: &Authority) -> Self {
        let mut url = self.0.clone();
        // What was read as a host is taken as one, and https has ports.
        let _ = url.set_host(Some(&authority.host));
        let _ = url.set_port(authority.port);
        Self(url)
    }

    /// Host and port.
    pub fn authority(&self) -> Authority {
        Authority { host: self.0.host_str().unwrap_or_default().to_owned(), port: self.0.port() }
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Endpoint(…)")
    }
}

// === impl Location ===

impl Location {
    /// The URL as it is now; `None` if its file is blank.
    pub(super) fn read(&self) -> Result<Option<Endpoint>, Fault> {
        match self {
            Self::Url(endpoint) => Ok(Some(endpoint.clone())),
            Self::File(path) => {
                // Whoever writes the file may be at it, so another try may go better.
                let wrong = |cause: String| Fault::passing(format!("the file of the URL: {cause}"));
                let url = Secret::read(path).map_err(|error| wrong(error.to_string()))?;
                let url = Some(url.expose()).filter(|url| !url.is_empty());
                url.map(Endpoint::parse).transpose().map_err(|error| wrong(error.to_string()))
            }
        }
    }
}

// === impl Authority ===

impl Authority {
    /// Reads `HOST`, `HOST:PORT` or `https://HOST:PORT`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        let text = text.strip_prefix("https://").unwrap_or(text);
        let endpoint = Endpoint::parse(&format!("https://{text}")).map_err(|_| EndpointError::Authority)?;
        let url = endpoint.url();
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if is_bare { Ok(endpoint.authority()) } else { Err(EndpointError::Authority) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_checked_and_not_shown() {
        for (text, expected) in [
            ("https://hooks.slack.com/services/T/B/x", Ok(())),
            (" https://hooks.slack.com/services/T/B/x\n", Ok(())),
            ("http://hooks.slack.com/services/T/B/x", Err(EndpointError::Scheme)),
            ("file:///etc/passwd", Err(EndpointError::Scheme)),
            ("https://a:b@hooks.slack.com/", Err(EndpointError::User)),
            ("https://hooks.slack.com@evil.example.com/", Err(EndpointError::User)),
            ("hooks.slack.com/services", Err(EndpointError::Url)),
            ("https://", Err(EndpointError::Url)),
            ("", Err(EndpointError::Url)),
        ] {
            let endpoint = Endpoint::parse(text);
            assert!(!format!("{endpoint:?}").contains("hooks"), "{endpoint:?}");
            assert_eq!(endpoint.map(drop), expected, "{text}");
        }
        assert!(Endpoint::parse(&format!("https://a/{}", "x".repeat(MAX_BYTES))).is_err());
    }

    #[test]
    fn another_host_takes_the_place_of_the_host_alone() {
        for (base, url, expected) in [
            (
                "proxy.example.com",
                "https://hooks.slack.com/services/T/B?x=1",
                "https://proxy.example.com/services/T/B?x=1",
            ),
            (
                "slack-proxy.Example.com:8443",
                "https://hooks-2.slack.com/a",
                "https://slack-proxy.example.com:8443/a",
            ),
            ("https://proxy.example.com/", "https://hooks.slack.com:444/a", "https://proxy.example.com/a"),
            // Upstream took the first digit for a reference into its pattern.
            ("1proxy.example.com", "https://hooks.slack.com/a", "https://1proxy.example.com/a"),
            ("[::1]:8443", "https://hooks.slack.com/a", "https://[::1]:8443/a"),
        ] {
            let authority = Authority::parse(base).unwrap();
            assert_eq!(Endpoint::parse(url).unwrap().at(&authority).url().as_str(), expected);
        }
        for base in ["", "http://proxy", "proxy/path", "a:b@proxy", "proxy:port", "proxy?x", "proxy#x", "a b"]
        {
            assert_eq!(Authority::parse(base), Err(EndpointError::Authority), "{base}");
        }
    }
}
