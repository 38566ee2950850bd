//! Whether a certificate is for a host (RFC 6125), as Go's `Certificate.VerifyHostname` decides
//! (<https://pkg.go.dev/crypto/x509#Certificate.VerifyHostname>): the common name does not count, and a
//! wildcard stands for the whole first label.

use std::net::IpAddr;

use crate::engine::opa::builtins::crypto::certificate::Certificate;

pub(super) fn matches(certificate: &Certificate<'_>, host: &str) -> bool {
    let names = &certificate.extensions.names;
    let address =
        host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).filter(|inner| !inner.is_empty());
    if let Ok(address) = address.unwrap_or(host).parse::<IpAddr>() {
        return names.ips.iter().any(|bytes| is_address(address, bytes));
    }
    let host = host.to_ascii_lowercase();
    let is_plain = is_hostname(host.strip_suffix('.').unwrap_or(&host), false);
    names.dns.iter().any(|pattern| {
        let pattern_text = pattern.to_ascii_lowercase();
        if is_plain && is_hostname(pattern, true) {
            fits(&pattern_text, host.strip_suffix('.').unwrap_or(&host))
        } else {
            !matches!(host.as_str(), "" | ".")
                && !matches!(pattern_text.as_str(), "" | ".")
                && pattern_text == host
        }
    })
}

fn is_address(address: IpAddr, bytes: &[u8]) -> bool {
    let v6 = match address.to_canonical() {
        IpAddr::V4(v4) if bytes.len() == 4 => return v4.octets() == bytes,
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    };
    v6.octets() == bytes
}

fn is_hostname(host: &str, is_pattern: bool) -> bool {
    host != "*"
        && host.split('.').enumerate().all(|(index, label)| {
            let is_wildcard = is_pattern && index == 0 && label == "*";
            let is_label = !label.is_empty()
                && !label.starts_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            is_wildcard || is_label
        })
}

fn fits(pattern: &str, host: &str) -> bool {
    let (mut patterns, mut labels) = (pattern.split('.'), host.split('.'));
    let first_fits = match (patterns.next(), labels.next()) {
        (Some("*"), Some(_)) => true,
        (pattern, label) => pattern == label,
    };
    first_fits && patterns.eq(labels)
}
