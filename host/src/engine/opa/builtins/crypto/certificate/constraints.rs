//! Name constraints of certificate authorities (RFC 5280, section 4.2.1.10): which names the certificates below
//! may carry. Matching them is the chain's business.

use std::net::IpAddr;

use super::Mailbox;
use crate::engine::opa::builtins::crypto::{
    der::{Der, constructed, context},
    text,
};

/// What one certificate allows and forbids.
pub(crate) struct NameConstraints<'d> {
    pub(crate) critical: bool,
    pub(crate) permitted: Subtrees<'d>,
    pub(crate) excluded: Subtrees<'d>,
    /// Whether there is a constraint on names of a kind that Go does not know.
    pub(crate) has_unknown_kind: bool,
}

/// Constraints by kind of name.
#[derive(Default)]
pub(crate) struct Subtrees<'d> {
    pub(crate) dns: Vec<String>,
    /// Address and mask.
    pub(crate) ips: Vec<(&'d [u8], &'d [u8])>,
    pub(crate) emails: Vec<String>,
    pub(crate) uris: Vec<String>,
}

// === impl NameConstraints ===

impl<'d> NameConstraints<'d> {
    pub(crate) fn parse(mut value: Der<'d>, critical: bool) -> Option<Self> {
        let mut fields = value.sequence().filter(|_| value.is_empty())?;
        let permitted = fields.optional(constructed(0))?.unwrap_or_default();
        let excluded = fields.optional(constructed(1))?.unwrap_or_default();
        if !fields.is_empty() || (permitted.is_empty() && excluded.is_empty()) {
            return None;
        }
        let mut has_unknown_kind = false;
        let mut subtrees = |bytes| Subtrees::parse(Der::new(bytes), &mut has_unknown_kind);
        let (permitted, excluded) = (subtrees(permitted)?, subtrees(excluded)?);
        Some(Self { critical, permitted, excluded, has_unknown_kind })
    }
}

// === impl Subtrees ===

impl<'d> Subtrees<'d> {
    fn parse(mut list: Der<'d>, has_unknown_kind: &mut bool) -> Option<Self> {
        let mut subtrees = Self::default();
        while !list.is_empty() {
            let base = list.sequence()?.any()?;
            match base.tag {
                tag if tag == context(1) => {
                    let email = text::ascii(base.body)?;
                    let fits = if email.contains('@') {
                        Mailbox::parse(&email).is_some()
                    } else {
                        is_domain(&email, true)
                    };
                    subtrees.emails.push(Some(email).filter(|_| fits)?);
                }
                tag if tag == context(2) => {
                    subtrees.dns.push(text::ascii(base.body).filter(|name| is_domain(name, true))?);
                }
                tag if tag == context(6) => {
                    let is_host = |name: &String| name.parse::<IpAddr>().is_err() && is_domain(name, true);
                    subtrees.uris.push(text::ascii(base.body).filter(is_host)?);
                }
                tag if tag == context(7) => {
                    let (address, mask) = base.body.split_at_checked(base.body.len() / 2)?;
                    let fits = matches!(base.body.len(), 8 | 32) && is_mask(mask);
                    subtrees.ips.push(Some((address, mask)).filter(|_| fits)?);
                }
                _ => *has_unknown_kind = true,
            }
        }
        Some(subtrees)
    }
}

/// Whether all ones come before all zeros.
fn is_mask(mask: &[u8]) -> bool {
    let mut rest = mask.iter().copied().skip_while(|&byte| byte == 0xff);
    let boundary = rest.next().unwrap_or_default();
    boundary.leading_ones() + boundary.trailing_zeros() == 8 && rest.all(|byte| byte == 0)
}

/// Whether a text can be a domain: labels of visible ASCII, none of them empty. A constraint may begin with a dot.
pub(crate) fn is_domain(name: &str, is_constraint: bool) -> bool {
    if name.is_empty() {
        return true;
    }
    let labels = name.strip_prefix('.').filter(|_| is_constraint).unwrap_or(name);
    !name.ends_with('.')
        && labels.bytes().all(|byte| (33..=126).contains(&byte))
        && labels.split('.').all(|label| !label.is_empty())
}
