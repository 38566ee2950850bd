//! Name constraints along a chain, as Go enforces them: each certificate's alternative names against the
//! constraints of all authorities above it. What cannot be matched is not allowed.

use std::net::IpAddr;

use crate::engine::opa::builtins::crypto::certificate::{
    Certificate, Mailbox, NameConstraints, SubjectNames, Subtrees, Uri, is_domain,
};

/// The comparisons of names that may still be made; Go, too, had this limit until it found a faster method.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(250_000)
    }
}

impl Budget {
    fn spend(&mut self, amount: usize) -> bool {
        let rest = self.0.checked_sub(amount);
        self.0 = rest.unwrap_or(0);
        rest.is_some()
    }
}

/// The names of one certificate in the form that constraints are about.
struct Names<'n> {
    dns: &'n [String],
    ips: &'n [&'n [u8]],
    hosts: Vec<String>,
    mailboxes: Vec<Mailbox>,
}

pub(super) fn are_allowed(chain: &[&Certificate<'_>], budget: &mut Budget) -> bool {
    let above = |index: usize| {
        let authorities = chain.iter().skip(index + 1);
        authorities.filter_map(|authority| authority.extensions.name_constraints.as_ref())
    };
    chain.iter().enumerate().all(|(index, certificate)| {
        let mut constraints = above(index).peekable();
        let has_names = certificate.extensions.all.iter().any(|extension| extension.oid.is(&[2, 5, 29, 17]));
        if !has_names || constraints.peek().is_none() {
            return true;
        }
        let Some(names) = Names::of(&certificate.extensions.names) else { return false };
        constraints.all(|constraints| names.fit(constraints, budget))
    })
}

// === impl Names ===

impl<'n> Names<'n> {
    fn of(names: &'n SubjectNames<'_>) -> Option<Self> {
        let mailbox = |address: &String| {
            let mailbox = Mailbox::parse(address)?;
            Some(Mailbox { domain: mailbox.domain.to_ascii_lowercase(), ..mailbox })
        };
        Some(Self {
            dns: &names.dns,
            ips: &names.ips,
            hosts: names.uris.iter().map(host).collect::<Option<_>>()?,
            mailboxes: names.emails.iter().map(mailbox).collect::<Option<_>>()?,
        })
    }

    fn fit(&self, constraints: &NameConstraints<'_>, budget: &mut Budget) -> bool {
        let (permitted, excluded) = (&constraints.permitted, &constraints.excluded);
        let count = self.dns.len() + self.ips.len() + self.hosts.len() + self.mailboxes.len();
        let size =
            |trees: &Subtrees<'_>| trees.dns.len() + trees.ips.len() + trees.uris.len() + trees.emails.len();
        if !budget.spend(count.saturating_mul(size(permitted) + size(excluded))) {
            return false;
        }
        let ips = self.ips.iter().all(|ip| {
            let contains = |range: &(&[u8], &[u8])| is_in_range(ip, *range);
            (permitted.ips.is_empty() || permitted.ips.iter().any(contains))
                && !excluded.ips.iter().any(contains)
        });
        let dns = self
            .dns
            .iter()
            .all(|name| is_domain(name, false) && domain_fits(name, &permitted.dns, &excluded.dns));
        let uris = self
            .hosts
            .iter()
            .all(|host| is_domain(host, false) && domain_fits(host, &permitted.uris, &excluded.uris));
        let emails = self.mailboxes.iter().all(|mailbox| {
            (permitted.emails.is_empty() || mailbox_is_in(mailbox, &permitted.emails, false))
                && !mailbox_is_in(mailbox, &excluded.emails, true)
        });
        ips && dns && uris && emails
    }
}

fn is_in_range(ip: &[u8], (address, mask): (&[u8], &[u8])) -> bool {
    ip.len() == address.len()
        && ip.iter().zip(address).zip(mask).all(|((ip, address), mask)| ip & mask == address & mask)
}

fn domain_fits(name: &str, permitted: &[String], excluded: &[String]) -> bool {
    (permitted.is_empty() || is_below_any(name, permitted, false)) && !is_below_any(name, excluded, true)
}

fn is_below_any(name: &str, domains: &[String], is_excluded: bool) -> bool {
    domains.iter().any(|domain| is_below(name, domain) || (is_excluded && wildcard_covers(name, domain)))
}

/// Whether the name is the domain or a part of it; one that begins with a dot has parts only.
fn is_below(name: &str, domain: &str) -> bool {
    let Some(at) = name.len().checked_sub(domain.len()) else { return false };
    let Some((before, end)) = name.split_at_checked(at) else { return false };
    end.eq_ignore_ascii_case(domain)
        && (domain.is_empty() || domain.starts_with('.') || before.is_empty() || before.ends_with('.'))
}

/// Whether a name such as `*.example.org` stands for the excluded domain, too.
fn wildcard_covers(name: &str, domain: &str) -> bool {
    let parent = |name: &str| name.find('.').and_then(|dot| name.get(dot..)).map(str::to_ascii_lowercase);
    name.starts_with('*') && parent(domain).is_some() && parent(name) == parent(domain)
}

fn mailbox_is_in(mailbox: &Mailbox, constraints: &[String], is_excluded: bool) -> bool {
    constraints.iter().any(|constraint| {
        if constraint.contains('@') {
            let wanted = Mailbox::parse(constraint);
            return wanted.is_some_and(|wanted| {
                wanted.local == mailbox.local && wanted.domain.eq_ignore_ascii_case(&mailbox.domain)
            });
        }
        is_below(&mailbox.domain, constraint) || (is_excluded && wildcard_covers(&mailbox.domain, constraint))
    })
}

/// The host of a URI without its port; an address cannot be matched.
fn host(uri: &Uri) -> Option<String> {
    let host = uri.host.to_ascii_lowercase();
    let name = match host.split_once(':') {
        Some((name, port)) if !port.contains(':') => name,
        Some(_) => return None,
        None => &host,
    };
    let is_name = !host.is_empty() && !name.starts_with('[') && name.parse::<IpAddr>().is_err();
    is_name.then(|| name.to_owned())
}
