//! The extensions of a certificate (RFC 5280, section 4.2) that Go's `x509.Certificate` has fields for.
//!
//! Those that Go does not know are kept as they are, and noted if they are critical, since a chain with such a
//! certificate must not be trusted. A known extension that is malformed makes the certificate malformed.

use super::{NameConstraints, Uri, is_domain, policies, policies::Policies};
use crate::engine::opa::builtins::crypto::{
    der::{BOOLEAN, Der, INTEGER, OCTET_STRING, Oid, SEQUENCE, constructed, context},
    text,
};

/// One extension.
pub(crate) struct Extension<'d> {
    pub(crate) oid: Oid,
    pub(crate) critical: bool,
    pub(crate) value: &'d [u8],
}

/// All extensions, and what they say.
#[derive(Default)]
pub(crate) struct Extensions<'d> {
    pub(crate) all: Vec<Extension<'d>>,
    pub(crate) unhandled_critical: Vec<Oid>,
    pub(crate) key_usage: u16,
    pub(crate) basic_constraints: Option<BasicConstraints>,
    pub(crate) names: SubjectNames<'d>,
    pub(crate) name_constraints: Option<NameConstraints<'d>>,
    pub(crate) crl_distribution_points: Vec<String>,
    pub(crate) authority_key_id: Option<&'d [u8]>,
    pub(crate) subject_key_id: Option<&'d [u8]>,
    /// Go's numbers of the usages it knows.
    pub(crate) key_usages: Vec<i64>,
    pub(crate) unknown_key_usages: Vec<Oid>,
    pub(crate) ocsp_servers: Vec<String>,
    pub(crate) issuer_urls: Vec<String>,
    pub(crate) policies: Policies,
}

#[derive(Clone, Copy)]
pub(crate) struct BasicConstraints {
    pub(crate) is_ca: bool,
    /// -1 where it is not limited.
    pub(crate) max_path_length: i64,
}

/// Alternative names of the subject.
#[derive(Default)]
pub(crate) struct SubjectNames<'d> {
    pub(crate) dns: Vec<String>,
    pub(crate) emails: Vec<String>,
    pub(crate) ips: Vec<&'d [u8]>,
    pub(crate) uris: Vec<Uri>,
}

const AUTHORITY_INFO_ACCESS: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 1];

// === impl Extension ===

impl<'d> Extension<'d> {
    /// From the inside of the sequence.
    pub(crate) fn parse(mut der: Der<'d>) -> Option<Self> {
        let oid = der.oid()?;
        let critical = if der.next_is(BOOLEAN) { der.boolean()? } else { false };
        Some(Self { oid, critical, value: der.read(OCTET_STRING)? })
    }
}

// === impl Extensions ===

impl<'d> Extensions<'d> {
    pub(crate) fn parse(mut der: Der<'d>) -> Option<Self> {
        let mut all = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        while !der.is_empty() {
            let extension = Extension::parse(der.sequence()?)?;
            if !seen.insert(extension.oid.clone()) {
                return None;
            }
            all.push(extension);
        }
        let mut extensions = Self::default();
        for extension in &all {
            let is_handled = extensions.process(extension)?;
            if extension.critical && !is_handled {
                extensions.unhandled_critical.push(extension.oid.clone());
            }
        }
        extensions.all = all;
        Some(extensions)
    }

    /// Whether the extension was understood; none if it is malformed.
    fn process(&mut self, extension: &Extension<'d>) -> Option<bool> {
        let value = Der::new(extension.value);
        let never_critical = || (!extension.critical).then_some(());
        match extension.oid.numbers() {
            [2, 5, 29, 14] => {
                never_critical()?;
                self.subject_key_id = Some(Der::new(extension.value).read(OCTET_STRING)?);
            }
            [2, 5, 29, 15] => self.key_usage = key_usage(value)?,
            [2, 5, 29, 17] => {
                self.names = SubjectNames::parse(value)?;
                return Some(!self.names.is_empty());
            }
            [2, 5, 29, 19] => self.basic_constraints = Some(BasicConstraints::parse(value)?),
            [2, 5, 29, 30] => {
                let constraints = NameConstraints::parse(value, extension.critical)?;
                let is_handled = !constraints.has_unknown_kind;
                self.name_constraints = Some(constraints);
                return Some(is_handled);
            }
            [2, 5, 29, 31] => self.crl_distribution_points = crl_distribution_points(value)?,
            [2, 5, 29, 32] => self.policies.identifiers = Some(policies::parse_identifiers(value)?),
            [2, 5, 29, 33] => self.policies.mappings = policies::parse_mappings(value)?,
            [2, 5, 29, 35] => {
                never_critical()?;
                self.authority_key_id = authority_key_id(value)?;
            }
            [2, 5, 29, 36] => self.policies.parse_constraints(value)?,
            [2, 5, 29, 37] => self.parse_key_usages(value)?,
            [2, 5, 29, 54] => self.policies.inhibit_any = Some(Der::new(extension.value).small_integer()?),
            numbers if numbers == AUTHORITY_INFO_ACCESS => {
                never_critical()?;
                self.parse_authority_info(value)?;
            }
            _ => return Some(false),
        }
        Some(true)
    }

    fn parse_key_usages(&mut self, mut value: Der<'_>) -> Option<()> {
        let mut usages = value.sequence()?;
        while !usages.is_empty() {
            let oid = usages.oid()?;
            match key_usage_number(&oid) {
                Some(number) => self.key_usages.push(number),
                None => self.unknown_key_usages.push(oid),
            }
        }
        Some(())
    }

    fn parse_authority_info(&mut self, mut value: Der<'_>) -> Option<()> {
        let mut descriptions = value.sequence()?;
        while !descriptions.is_empty() {
            let mut description = descriptions.sequence()?;
            let method = description.oid()?;
            let Some(uri) = description.optional(context(6))? else { continue };
            match method.numbers() {
                [1, 3, 6, 1, 5, 5, 7, 48, 1] => self.ocsp_servers.push(text::lossy(uri)),
                [1, 3, 6, 1, 5, 5, 7, 48, 2] => self.issuer_urls.push(text::lossy(uri)),
                _ => {}
            }
        }
        Some(())
    }
}

// === impl BasicConstraints ===

impl BasicConstraints {
    fn parse(mut value: Der<'_>) -> Option<Self> {
        let mut fields = value.sequence()?;
        let is_ca = if fields.next_is(BOOLEAN) { fields.boolean()? } else { false };
        let max_path_length =
            if fields.next_is(INTEGER) { fields.small_integer().filter(|&most| most >= 0)? } else { -1 };
        Some(Self { is_ca, max_path_length })
    }
}

// === impl SubjectNames ===

impl<'d> SubjectNames<'d> {
    pub(crate) fn parse(mut value: Der<'d>) -> Option<Self> {
        let mut names = Self::default();
        let mut list = value.read(SEQUENCE).map(Der::new)?;
        while !list.is_empty() {
            let name = list.any()?;
            match name.tag ^ 0x80 {
                1 => names.emails.push(text::ascii(name.body)?),
                2 => names.dns.push(text::ascii(name.body)?),
                6 => {
                    let uri = Uri::parse(&text::ascii(name.body)?)?;
                    names.uris.push(Some(uri).filter(|uri| is_domain(&uri.host, false))?);
                }
                7 if matches!(name.body.len(), 4 | 16) => names.ips.push(name.body),
                7 => return None,
                _ => {}
            }
        }
        Some(names)
    }

    fn is_empty(&self) -> bool {
        self.dns.is_empty() && self.emails.is_empty() && self.ips.is_empty() && self.uris.is_empty()
    }
}

fn key_usage(mut value: Der<'_>) -> Option<u16> {
    let (bytes, _) = value.bit_string()?;
    let bit = |index: usize| bytes.get(index / 8).is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0);
    Some((0..9).filter(|&index| bit(index)).fold(0, |usage, index| usage | (1 << index)))
}

fn authority_key_id<'d>(mut value: Der<'d>) -> Option<Option<&'d [u8]>> {
    value.sequence()?.optional(context(0))
}

fn crl_distribution_points(mut value: Der<'_>) -> Option<Vec<String>> {
    let mut points = value.sequence()?;
    let mut uris = Vec::new();
    while !points.is_empty() {
        let mut point = points.sequence()?;
        let Some(name) = point.optional(constructed(0))? else { continue };
        let mut full_name = Der::new(Der::new(name).read(constructed(0))?);
        while full_name.next_is(context(6)) {
            uris.push(text::lossy(full_name.read(context(6))?));
        }
    }
    Some(uris)
}

/// Go's number of an extended key usage.
fn key_usage_number(oid: &Oid) -> Option<i64> {
    match oid.numbers() {
        [2, 5, 29, 37, 0] => Some(0),
        [1, 3, 6, 1, 5, 5, 7, 3, usage @ 1..=9] => i64::try_from(*usage).ok(),
        [1, 3, 6, 1, 4, 1, 311, 10, 3, 3] => Some(10),
        [2, 16, 840, 1, 113_730, 4, 1] => Some(11),
        [1, 3, 6, 1, 4, 1, 311, 2, 1, 22] => Some(12),
        [1, 3, 6, 1, 4, 1, 311, 61, 1, 1] => Some(13),
        _ => None,
    }
}
