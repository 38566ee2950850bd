//! Chains of trust (RFC 5280, section 6) as Go's `Certificate.Verify` finds them
//! (<https://pkg.go.dev/crypto/x509#Certificate.Verify>): from a leaf over any intermediates to one root.
//!
//! Policies are not processed: a chain below a certificate that demands an explicit policy is refused. The work is
//! bounded as in Go by a number of signatures, and here also by a number of name comparisons.

mod hostname;
mod names;

use super::certificate::Certificate;

/// As in Go; a set of certificates that sign each other crosswise has very many chains.
const MAX_SIGNATURE_CHECKS: usize = 100;

/// Go's number of the usage "TLS server", which is asked for if nothing else is.
const SERVER_AUTH: i64 = 1;
const ANY_USAGE: i64 = 0;
const CERT_SIGN: u16 = 1 << 5;

/// What a chain must fulfil.
pub(crate) struct Options {
    /// Not checked if empty.
    pub(crate) dns_name: String,
    pub(crate) now_ns: i64,
    /// Go's numbers.
    pub(crate) key_usages: Vec<i64>,
}

/// The place of a certificate in a chain.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Leaf,
    Intermediate,
    Root,
}

struct Search<'s, 'd> {
    root: &'s Certificate<'d>,
    intermediates: Vec<&'s Certificate<'d>>,
    options: &'s Options,
    signature_checks: usize,
    found: Vec<Vec<&'s Certificate<'d>>>,
}

/// The first chain from the last certificate to the first one, over any of the others.
pub(crate) fn verify<'s, 'd>(
    certificates: &'s [Certificate<'d>],
    options: &'s Options,
) -> Option<Vec<&'s Certificate<'d>>> {
    let [root, between @ .., leaf] = certificates else { return None };
    is_valid(leaf, Place::Leaf, &[], options.now_ns).then_some(())?;
    if !options.dns_name.is_empty() && !hostname::matches(leaf, &options.dns_name) {
        return None;
    }
    let mut intermediates: Vec<&Certificate<'d>> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    intermediates.extend(between.iter().filter(|certificate| seen.insert(certificate.raw)));
    let mut search = Search { root, intermediates, options, signature_checks: 0, found: Vec::new() };
    if leaf.raw == root.raw {
        search.found.push(vec![leaf]);
    } else {
        search.extend(&[leaf]);
    }
    let mut comparisons = names::Budget::default();
    search.found.into_iter().find(|chain| {
        requires_no_policy(chain)
            && allows_usages(chain, options)
            && names::are_allowed(chain, &mut comparisons)
    })
}

// === impl Search ===

impl<'s, 'd> Search<'s, 'd> {
    /// Adds every chain that begins as `chain`.
    fn extend(&mut self, chain: &[&'s Certificate<'d>]) {
        let Some(child) = chain.last() else { return };
        if self.root.raw_subject == child.raw_issuer {
            self.consider(chain, self.root, Place::Root);
        }
        let mut parents: Vec<&'s Certificate<'d>> = self.intermediates.clone();
        parents.retain(|parent| parent.raw_subject == child.raw_issuer);
        parents.sort_by_key(|parent| implausibility(parent, child));
        for parent in parents {
            if self.signature_checks > MAX_SIGNATURE_CHECKS {
                return;
            }
            self.consider(chain, parent, Place::Intermediate);
        }
    }

    fn consider(&mut self, chain: &[&'s Certificate<'d>], parent: &'s Certificate<'d>, place: Place) {
        self.signature_checks += 1;
        let is_parent = self.signature_checks <= MAX_SIGNATURE_CHECKS
            && !is_in_chain(parent, chain)
            && chain.last().is_some_and(|child| is_signed_by(child, parent))
            && is_valid(parent, place, chain, self.options.now_ns);
        if !is_parent {
            return;
        }
        let longer = [chain, &[parent]].concat();
        if place == Place::Root { self.found.push(longer) } else { self.extend(&longer) }
    }
}

/// How unlikely it is that this is the parent, by the key identifiers.
fn implausibility(parent: &Certificate<'_>, child: &Certificate<'_>) -> u8 {
    let own = parent.extensions.subject_key_id.unwrap_or_default();
    let wanted = child.extensions.authority_key_id.unwrap_or_default();
    match (own == wanted, own.is_empty() != wanted.is_empty()) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    }
}

fn is_valid(certificate: &Certificate<'_>, place: Place, chain: &[&Certificate<'_>], now_ns: i64) -> bool {
    let second = |time: &super::der::Time| time.unix_seconds().map(i128::from);
    let now = i128::from(now_ns);
    let is_current = second(&certificate.not_before).is_some_and(|start| now >= start * 1_000_000_000)
        && second(&certificate.not_after).is_some_and(|end| now <= end * 1_000_000_000);
    let basic = certificate.extensions.basic_constraints;
    let is_authority = basic.is_some_and(|basic| basic.is_ca);
    let intermediates = i64::try_from(chain.len()).unwrap_or(i64::MAX) - 1;
    let is_too_long =
        basic.is_some_and(|basic| basic.max_path_length >= 0 && intermediates > basic.max_path_length);
    certificate.extensions.unhandled_critical.is_empty()
        && is_current
        && (place != Place::Intermediate || is_authority)
        && !is_too_long
}

fn is_signed_by(child: &Certificate<'_>, parent: &Certificate<'_>) -> bool {
    let may_sign = match parent.extensions.basic_constraints {
        Some(basic) => basic.is_ca,
        None => parent.version < 3,
    };
    let usage = parent.extensions.key_usage;
    let key = parent.key.as_ref();
    may_sign
        && (usage == 0 || usage & CERT_SIGN != 0)
        && key.is_some_and(|key| child.algorithm.verify(key, child.tbs, &child.signature))
}

/// Whether the chain has the same authority already: the same name, key and alternative names.
fn is_in_chain(candidate: &Certificate<'_>, chain: &[&Certificate<'_>]) -> bool {
    let alternative_names = |certificate: &Certificate<'_>| {
        let mut all = certificate.extensions.all.iter();
        all.find(|extension| extension.oid.is(&[2, 5, 29, 17])).map(|extension| extension.value.to_vec())
    };
    let wanted = alternative_names(candidate);
    chain.iter().any(|certificate| {
        certificate.raw_subject == candidate.raw_subject
            && certificate.public_key_info == candidate.public_key_info
            && alternative_names(certificate) == wanted
    })
}

fn requires_no_policy(chain: &[&Certificate<'_>]) -> bool {
    chain.iter().rev().skip(1).all(|certificate| certificate.extensions.policies.require_explicit.is_none())
}

/// Whether at least one of the wanted usages is allowed all along the chain.
fn allows_usages(chain: &[&Certificate<'_>], options: &Options) -> bool {
    if options.key_usages.contains(&ANY_USAGE) {
        return true;
    }
    let mut wanted = options.key_usages.clone();
    if wanted.is_empty() {
        wanted.push(SERVER_AUTH);
    }
    for certificate in chain.iter().rev() {
        let allowed = &certificate.extensions.key_usages;
        let is_limited = !allowed.is_empty() || !certificate.extensions.unknown_key_usages.is_empty();
        if is_limited && !allowed.contains(&ANY_USAGE) {
            wanted.retain(|usage| allowed.contains(usage));
        }
    }
    !wanted.is_empty()
}
