//! Certificate policies (RFC 5280, sections 4.2.1.4, 4.2.1.5, 4.2.1.11 and 4.2.1.14), read but not enforced here.

use std::collections::BTreeSet;

use num_bigint::BigUint;

use crate::engine::opa::builtins::crypto::der::{Der, OBJECT_IDENTIFIER, Oid, context};

/// What a certificate says about policies.
#[derive(Default)]
pub(crate) struct Policies {
    pub(crate) identifiers: Option<Vec<PolicyOid>>,
    /// Policies of the issuer's domain and the subject's that are equal.
    pub(crate) mappings: Vec<[PolicyOid; 2]>,
    pub(crate) require_explicit: Option<i64>,
    pub(crate) inhibit_mapping: Option<i64>,
    pub(crate) inhibit_any: Option<i64>,
}

/// An object identifier whose numbers may be of any size.
#[derive(Clone, Debug)]
pub(crate) struct PolicyOid {
    pub(crate) text: String,
    /// The numbers, unless one of them exceeds 31 bits.
    pub(crate) oid: Option<Oid>,
}

/// More bytes are no identifier but an attempt to keep a policy busy.
const MAX_OID_BYTES: usize = 256;

// === impl Policies ===

impl Policies {
    pub(super) fn parse_constraints(&mut self, mut value: Der<'_>) -> Option<()> {
        let mut fields = value.sequence()?;
        if fields.next_is(context(0)) {
            self.require_explicit = Some(fields.small_integer_tagged(context(0))?);
        }
        if fields.next_is(context(1)) {
            self.inhibit_mapping = Some(fields.small_integer_tagged(context(1))?);
        }
        Some(())
    }
}

pub(super) fn parse_identifiers(mut value: Der<'_>) -> Option<Vec<PolicyOid>> {
    let mut list = value.sequence()?;
    let (mut seen, mut identifiers) = (BTreeSet::new(), Vec::new());
    while !list.is_empty() {
        let body = list.sequence()?.read(OBJECT_IDENTIFIER)?;
        if !seen.insert(body) {
            return None;
        }
        identifiers.push(PolicyOid::parse(body)?);
    }
    Some(identifiers)
}

pub(super) fn parse_mappings(mut value: Der<'_>) -> Option<Vec<[PolicyOid; 2]>> {
    let mut list = value.sequence()?;
    let mut mappings = Vec::new();
    while !list.is_empty() {
        let mut pair = list.sequence()?;
        let mut next = || PolicyOid::parse(pair.read(OBJECT_IDENTIFIER)?);
        mappings.push([next()?, next()?]);
    }
    Some(mappings)
}

// === impl PolicyOid ===

impl PolicyOid {
    fn parse(body: &[u8]) -> Option<Self> {
        let is_whole = body.last().is_some_and(|&byte| byte < 0x80) && body.len() <= MAX_OID_BYTES;
        if !is_whole {
            return None;
        }
        let mut numbers = Vec::new();
        for digits in body.split_inclusive(|&byte| byte < 0x80) {
            if digits.first() == Some(&0x80) {
                return None;
            }
            let add = |number: BigUint, &byte: &u8| (number << 7) + u32::from(byte & 0x7f);
            numbers.push(digits.iter().fold(BigUint::ZERO, add));
        }
        let first = numbers.first()?.clone();
        let (arc, second) = match u8::try_from(&first) {
            Ok(small @ 0..80) => (small / 40, BigUint::from(small % 40)),
            _ => (2, first - 80_u32),
        };
        let rest = numbers.iter().skip(1).map(|number| format!(".{number}"));
        Some(Self { text: format!("{arc}.{second}{}", rest.collect::<String>()), oid: Oid::parse(body) })
    }
}
