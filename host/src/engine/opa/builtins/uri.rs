//! `uri.parse` and `uri.is_valid`.
//!
//! Defined by OPA's policy reference ("URI") and by Go's `net/url.Parse`, which takes relative references and
//! almost any host, but knows ports, IPv6 literals with zones, and escapes.

use std::{collections::BTreeMap, net::Ipv6Addr};

use super::{
    Builtin, BuiltinError, State,
    encoding::{
        percent::{Part, escape_path, unescape},
        text,
    },
};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "uri.is_valid", arity: 1, call: is_valid },
    Builtin { name: "uri.parse", arity: 1, call: parse },
];

/// What OPA shows of a URL.
#[derive(Default)]
struct Uri {
    scheme: String,
    /// With the port, as Go keeps it.
    host: Vec<u8>,
    path: Vec<u8>,
    raw_path: String,
    raw_query: String,
    fragment: Vec<u8>,
}

fn is_valid(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let valid = matches!(args, [Value::String(text)] if !text.is_empty() && Uri::parse(text).is_some());
    Ok(valid.into())
}

fn parse(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(uri)] = args else {
        return Err(BuiltinError::undefined("uri.parse takes a string"));
    };
    let uri = Uri::parse(uri).ok_or_else(|| BuiltinError::undefined(format!("{uri} is not a URI")))?;
    let (hostname, port) = uri.host_and_port();
    let fields = [
        ("scheme", uri.scheme.clone()),
        ("hostname", text(hostname)),
        ("port", text(port)),
        ("path", text(&uri.path)),
        ("raw_path", uri.raw_path.clone()),
        ("raw_query", uri.raw_query.clone()),
        ("fragment", text(&uri.fragment)),
    ];
    let shown = fields.into_iter().filter(|(_, value)| !value.is_empty());
    Ok(Value::Object(shown.map(|(name, value)| (name.into(), value.into())).collect::<BTreeMap<_, _>>()))
}

/// What the formats of JSON Schema ask about a reference.
pub(super) struct Reference {
    pub(super) has_scheme: bool,
    pub(super) path: String,
}

/// A reference that Go's `url.Parse` takes.
pub(super) fn reference(text: &str) -> Option<Reference> {
    let uri = Uri::parse(text)?;
    Some(Reference { has_scheme: !uri.scheme.is_empty(), path: super::encoding::text(&uri.path) })
}

// === impl Uri ===

impl Uri {
    fn parse(uri: &str) -> Option<Self> {
        let (rest, fragment) = uri.split_once('#').unwrap_or((uri, ""));
        if rest.bytes().any(|byte| byte.is_ascii_control()) {
            return None;
        }
        let fragment = unescape(fragment, Part::Other)?;
        if rest == "*" {
            return Some(Self { path: b"*".to_vec(), raw_path: "*".to_owned(), fragment, ..Self::default() });
        }
        let (scheme, rest) = split_scheme(rest)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let uri = Self { scheme, raw_query: query.to_owned(), fragment, ..Self::default() };
        if !rest.starts_with('/') {
            if !uri.scheme.is_empty() {
                // What follows a scheme without a slash, as in mailto:, is opaque and not shown.
                return Some(uri);
            }
            if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return None;
            }
        }
        uri.with_authority_and_path(rest)
    }

    fn with_authority_and_path(mut self, rest: &str) -> Option<Self> {
        let mut path = rest;
        if let Some(after) = rest.strip_prefix("//")
            && !(self.scheme.is_empty() && after.starts_with('/'))
        {
            let end = after.find('/').unwrap_or(after.len());
            let authority = after.get(..end)?;
            path = after.get(end..)?;
            self.host = host(&self.scheme, authority)?;
        }
        self.path = unescape(path, Part::Other)?;
        // Go keeps the raw path where its own escapes would differ; OPA shows the path else.
        let is_default = escape_path(&self.path) == path;
        self.raw_path = if is_default || path.is_empty() { text(&self.path) } else { path.to_owned() };
        Some(self)
    }

    fn host_and_port(&self) -> (&[u8], &[u8]) {
        let host = self.host.as_slice();
        let colon = host.iter().rposition(|&byte| byte == b':');
        let (host, port) = match colon.and_then(|colon| host.split_at_checked(colon)) {
            Some((host, [_, port @ ..])) if port.iter().all(u8::is_ascii_digit) => (host, port),
            _ => (host, &[] as &[u8]),
        };
        let inner = host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]"));
        (inner.unwrap_or(host), port)
    }
}

/// The lower-case scheme, empty where there is none, and what follows it.
fn split_scheme(uri: &str) -> Option<(String, &str)> {
    let Some((scheme, rest)) = uri.split_once(':') else { return Some((String::new(), uri)) };
    if scheme.is_empty() {
        return None;
    }
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    Some(if is_scheme { (scheme.to_ascii_lowercase(), rest) } else { (String::new(), uri) })
}

/// The host of an authority, with its port, without its escapes.
fn host(scheme: &str, authority: &str) -> Option<Vec<u8>> {
    let Some((user, host)) = authority.rsplit_once('@') else { return parse_host(scheme, authority) };
    let is_user_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    if !user.bytes().all(is_user_byte) {
        return None;
    }
    unescape(user, Part::Other)?;
    parse_host(scheme, host)
}

fn parse_host(scheme: &str, host: &str) -> Option<Vec<u8>> {
    match host.rfind('[') {
        Some(0) => return parse_literal(host),
        Some(_) => return None,
        None => {}
    }
    // A second colon is an error for the schemes of the web, and part of the host for others.
    let colon = if matches!(scheme, "http" | "https") { host.find(':') } else { host.rfind(':') };
    if !colon.is_none_or(|colon| host.get(colon..).is_some_and(is_optional_port)) {
        return None;
    }
    unescape(host, Part::Host)
}

/// An IPv6 address in brackets, with zone and port where it has them.
fn parse_literal(host: &str) -> Option<Vec<u8>> {
    let (literal, port) = host.strip_prefix('[')?.rsplit_once(']')?;
    if !is_optional_port(port) {
        return None;
    }
    let (address, zone) = match literal.find("%25") {
        Some(start) => literal.split_at_checked(start)?,
        None => (literal, ""),
    };
    let address = unescape(address, Part::Host)?;
    let zone = unescape(zone, Part::Zone)?;
    let whole = [address, zone].concat();
    if !is_ipv6(std::str::from_utf8(&whole).ok()?) {
        return None;
    }
    Some([b"[", whole.as_slice(), b"]", port.as_bytes()].concat())
}

fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.split_once('%').map_or((text, None), |(address, zone)| (address, Some(zone)));
    address.parse::<Ipv6Addr>().is_ok() && zone != Some("")
}

fn is_optional_port(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
