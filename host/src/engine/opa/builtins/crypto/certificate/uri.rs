//! URIs of alternative names, taken apart and put together again as Go's `net/url` does
//! (<https://pkg.go.dev/net/url#Parse>), since both forms are in the answer.

use std::{fmt, net::Ipv6Addr};

use crate::engine::opa::{
    builtins::crypto::{certificate::object, text::lossy},
    value::Value,
};

/// A URI.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uri {
    scheme: String,
    opaque: String,
    user: Option<User>,
    pub(crate) host: String,
    path: Vec<u8>,
    raw_path: String,
    omit_host: bool,
    force_query: bool,
    raw_query: String,
    fragment: Vec<u8>,
    raw_fragment: String,
}

#[derive(Clone, Debug)]
struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

// What need not be escaped beside letters, digits and `-._~`.
const IN_PATH: &[u8] = b"$&+,/:;=@";
const IN_HOST: &[u8] = b"!\"$&'()*+,:;<=>[]";
const IN_USER: &[u8] = b"$&+,;=";
const IN_FRAGMENT: &[u8] = b"!$&()*+,/:;=?@";

// === impl Uri ===

impl Uri {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return None;
        }
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        let mut uri = Self::parse_before_fragment(text)?;
        uri.fragment = unescape(fragment)?;
        if escape(&uri.fragment, IN_FRAGMENT) != fragment {
            fragment.clone_into(&mut uri.raw_fragment);
        }
        Some(uri)
    }

    fn parse_before_fragment(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self { path: b"*".to_vec(), ..Self::default() });
        }
        let (scheme, rest) = split_scheme(text)?;
        let mut uri = Self { scheme: scheme.to_ascii_lowercase(), ..Self::default() };
        let mut rest = match rest.split_once('?') {
            Some((before, "")) => {
                uri.force_query = true;
                before
            }
            Some((before, query)) => {
                query.clone_into(&mut uri.raw_query);
                before
            }
            None => rest,
        };
        if !rest.starts_with('/') {
            if !uri.scheme.is_empty() {
                rest.clone_into(&mut uri.opaque);
                return Some(uri);
            }
            if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return None;
            }
        }
        let may_have_host = !uri.scheme.is_empty() || !rest.starts_with("///");
        if let Some(tail) = rest.strip_prefix("//").filter(|_| may_have_host) {
            let end = tail.find('/').unwrap_or(tail.len());
            uri.parse_authority(tail.get(..end)?)?;
            rest = tail.get(end..)?;
        } else {
            uri.omit_host = !uri.scheme.is_empty() && rest.starts_with('/');
        }
        uri.path = unescape(rest)?;
        if escape(&uri.path, IN_PATH) != rest {
            rest.clone_into(&mut uri.raw_path);
        }
        Some(uri)
    }

    fn parse_authority(&mut self, authority: &str) -> Option<()> {
        let (user, host) =
            authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        self.host = parse_host(&self.scheme, host)?;
        if let Some(user) = user {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
            if !user.bytes().all(fits) {
                return None;
            }
            let (name, password) =
                user.split_once(':').map_or((user, None), |(name, word)| (name, Some(word)));
            let password = match password {
                Some(word) => Some(unescape(word)?),
                None => None,
            };
            self.user = Some(User { name: unescape(name)?, password });
        }
        Some(())
    }

    /// As Go's `url.URL`; the user has no fields that JSON shows.
    pub(crate) fn value(&self) -> Value {
        object([
            ("Scheme", self.scheme.as_str().into()),
            ("Opaque", self.opaque.as_str().into()),
            ("User", if self.user.is_some() { object([]) } else { Value::Null }),
            ("Host", self.host.as_str().into()),
            ("Path", lossy(&self.path).into()),
            ("RawPath", self.raw_path.as_str().into()),
            ("OmitHost", self.omit_host.into()),
            ("ForceQuery", self.force_query.into()),
            ("RawQuery", self.raw_query.as_str().into()),
            ("Fragment", lossy(&self.fragment).into()),
            ("RawFragment", self.raw_fragment.as_str().into()),
        ])
    }

    fn escaped_path(&self) -> String {
        if !self.raw_path.is_empty() && is_escaped(&self.raw_path, IN_PATH) {
            return self.raw_path.clone();
        }
        if self.path == b"*" { "*".to_owned() } else { escape(&self.path, IN_PATH) }
    }

    fn write_hierarchy(&self, out: &mut String) {
        let has_authority = !self.scheme.is_empty() || !self.host.is_empty() || self.user.is_some();
        let is_omitted = self.omit_host && self.host.is_empty() && self.user.is_none();
        if has_authority && !is_omitted {
            if !self.host.is_empty() || !self.path.is_empty() || self.user.is_some() {
                out.push_str("//");
            }
            if let Some(user) = &self.user {
                out.push_str(&escape(&user.name, IN_USER));
                if let Some(password) = &user.password {
                    out.push(':');
                    out.push_str(&escape(password, IN_USER));
                }
                out.push('@');
            }
            out.push_str(&escape(self.host.as_bytes(), IN_HOST));
        }
        let path = self.escaped_path();
        if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
            out.push('/');
        }
        if out.is_empty() && path.split('/').next().is_some_and(|segment| segment.contains(':')) {
            out.push_str("./");
        }
        out.push_str(&path);
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        if !self.scheme.is_empty() {
            out.push_str(&self.scheme);
            out.push(':');
        }
        if self.opaque.is_empty() {
            self.write_hierarchy(&mut out);
        } else {
            out.push_str(&self.opaque);
        }
        if self.force_query || !self.raw_query.is_empty() {
            out.push('?');
            out.push_str(&self.raw_query);
        }
        if !self.fragment.is_empty() {
            out.push('#');
            let is_raw = !self.raw_fragment.is_empty() && is_escaped(&self.raw_fragment, IN_FRAGMENT);
            let escaped =
                if is_raw { self.raw_fragment.clone() } else { escape(&self.fragment, IN_FRAGMENT) };
            out.push_str(&escaped);
        }
        f.write_str(&out)
    }
}

/// The scheme, which may be missing, and what follows its colon.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '.'));
    match end {
        Some(0) if text.starts_with(':') => None,
        Some(end) if text.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            let (scheme, rest) = text.split_at_checked(end)?;
            Some(rest.strip_prefix(':').map_or(("", text), |rest| (scheme, rest)))
        }
        _ => Some(("", text)),
    }
}

fn parse_host(scheme: &str, host: &str) -> Option<String> {
    if let Some(literal) = host.strip_prefix('[') {
        let (address, port) = literal.rsplit_once(']')?;
        let plain = address.split("%25").next().unwrap_or_default();
        // Zones and escapes within an address are not read here.
        let fits = !address.contains('%') && plain.parse::<Ipv6Addr>().is_ok() && is_port(port);
        return fits.then(|| host.to_owned());
    }
    if host.contains('[') {
        return None;
    }
    let is_web = matches!(scheme, "http" | "https");
    let port = if is_web { host.find(':') } else { host.rfind(':') };
    if port.is_some_and(|at| !is_port(host.get(at..).unwrap_or_default())) {
        return None;
    }
    let allowed = |byte: u8| byte == b'%' || !byte.is_ascii() || is_plain(byte, IN_HOST);
    // A host may have escapes of other than ASCII only, and of a percent sign.
    let escapes_fit = host.split('%').skip(1).all(|tail| {
        tail.starts_with("25")
            || tail.bytes().next().is_some_and(|digit| hex_digit(digit).is_some_and(|high| high > 7))
    });
    if !host.bytes().all(allowed) || !escapes_fit {
        return None;
    }
    unescape(host).map(|bytes| lossy(&bytes))
}

fn is_port(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let [high, low, tail @ ..] = after else { return None };
            out.push((hex_digit(*high)? << 4) | hex_digit(*low)?);
            rest = tail;
        } else {
            out.push(byte);
            rest = after;
        }
    }
    Some(out)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn is_plain(byte: u8, also: &[u8]) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || also.contains(&byte)
}

fn escape(bytes: &[u8], plain: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        if is_plain(byte, plain) { out.push(char::from(byte)) } else { out.push_str(&format!("%{byte:02X}")) }
    }
    out
}

/// Whether a text can stand as it is where it was read from.
fn is_escaped(text: &str, plain: &[u8]) -> bool {
    text.bytes().all(|byte| b"!$&'()*+,;=:@[]%".contains(&byte) || is_plain(byte, plain))
}
