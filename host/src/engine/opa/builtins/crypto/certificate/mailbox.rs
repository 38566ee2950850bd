//! Mail addresses as RFC 2821 (section 4.1.2) has them, quoting included.

use super::is_domain;

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mailbox {
    /// Without quotes.
    pub(crate) local: Vec<u8>,
    pub(crate) domain: String,
}

// === impl Mailbox ===

impl Mailbox {
    pub(crate) fn parse(address: &str) -> Option<Self> {
        let bytes = address.as_bytes();
        let (local, rest) = match bytes.strip_prefix(b"\"") {
            Some(quoted) => parse_quoted(quoted)?,
            None => parse_plain(bytes)?,
        };
        let domain = str::from_utf8(rest.strip_prefix(b"@")?).ok()?;
        (is_domain(domain, false)).then(|| Self { local, domain: domain.to_owned() })
    }
}

fn parse_quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut local = Vec::new();
    let mut rest = text;
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some((local, rest)),
            b'\\' => {
                let (&escaped, after) = rest.split_first()?;
                if !matches!(escaped, 1..=9 | 11 | 12 | 14..=127) {
                    return None;
                }
                local.push(escaped);
                rest = after;
            }
            1..=8 | 11 | 12 | 14..=33 | 35..=91 | 93..=127 => local.push(byte),
            _ => return None,
        }
    }
}

fn parse_plain(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut local = Vec::new();
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'\\' {
            let (&escaped, after) = after.split_first()?;
            local.push(escaped);
            rest = after;
        } else if byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte) {
            local.push(byte);
            rest = after;
        } else {
            break;
        }
    }
    let is_dotted = local.first() == Some(&b'.')
        || local.last() == Some(&b'.')
        || local.windows(2).any(|pair| pair == b"..");
    (!local.is_empty() && !is_dotted).then_some((local, rest))
}
