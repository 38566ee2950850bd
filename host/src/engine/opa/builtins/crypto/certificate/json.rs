//! Certificates as values: the JSON that Go's `encoding/json` makes of its structures, which is what OPA
//! promises. Bytes are Base64, integers of any size are numbers, and a list that Go never allocated is `null`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use num_bigint::BigUint;

use super::{Certificate, Extension, Name, Subtrees, Uri, policies::PolicyOid};
use crate::engine::opa::{
    builtins::crypto::{base64, der::Oid, key::PublicKey},
    value::{Number, Value},
};

/// An object with these members.
pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

pub(crate) fn null_if_empty(items: Vec<Value>) -> Value {
    if items.is_empty() { Value::Null } else { Value::Array(items) }
}

pub(crate) fn strings<'s>(texts: impl IntoIterator<Item = &'s String>) -> Value {
    null_if_empty(texts.into_iter().map(|text| text.as_str().into()).collect())
}

pub(crate) fn bytes(bytes: &[u8]) -> Value {
    base64::encode(bytes).into()
}

pub(crate) fn number(number: &BigUint) -> Value {
    // The decimal text of an integer is a number.
    Number::parse(&number.to_string()).map_or(Value::Null, Value::Number)
}

pub(crate) fn oid_value(oid: &Oid) -> Value {
    let numbers = oid.numbers().iter().map(|&number| i64::try_from(number).unwrap_or_default().into());
    Value::Array(numbers.collect())
}

// === impl Certificate ===

impl Certificate<'_> {
    /// As OPA's `extendedCert`, with the URIs as strings, too.
    pub(crate) fn extended_value(&self) -> Value {
        let mut value = self.value();
        if let Value::Object(members) = &mut value {
            let texts: Vec<String> = self.extensions.names.uris.iter().map(Uri::to_string).collect();
            members.insert("URIStrings".into(), strings(&texts));
        }
        value
    }

    /// As Go's `x509.Certificate`.
    pub(crate) fn value(&self) -> Value {
        let parts =
            [self.own_members(), self.extension_members(), self.constraint_members(), self.policy_members()];
        let members = parts.into_iter().flatten().map(|(name, value)| (name.into(), value));
        Value::Object(members.collect())
    }

    fn own_members(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Raw", bytes(self.raw)),
            ("RawTBSCertificate", bytes(self.tbs)),
            ("RawSubjectPublicKeyInfo", bytes(self.public_key_info)),
            ("RawSubject", bytes(self.raw_subject)),
            ("RawIssuer", bytes(self.raw_issuer)),
            ("Signature", bytes(&self.signature)),
            ("SignatureAlgorithm", self.algorithm.0.into()),
            ("PublicKeyAlgorithm", key_algorithm_number(&self.key_algorithm).into()),
            ("PublicKey", self.key.as_ref().map_or(Value::Null, PublicKey::value)),
            ("Version", self.version.into()),
            ("SerialNumber", number(&self.serial)),
            ("Issuer", self.issuer.value()),
            ("Subject", self.subject.value()),
            ("NotBefore", self.not_before.text().into()),
            ("NotAfter", self.not_after.text().into()),
        ]
    }

    fn extension_members(&self) -> Vec<(&'static str, Value)> {
        let extensions = &self.extensions;
        let basic = extensions.basic_constraints;
        let max_path_length = basic.map_or(0, |basic| basic.max_path_length);
        vec![
            ("KeyUsage", i64::from(extensions.key_usage).into()),
            ("Extensions", null_if_empty(extensions.all.iter().map(Extension::value).collect())),
            ("ExtraExtensions", Value::Null),
            ("UnhandledCriticalExtensions", oids(&extensions.unhandled_critical)),
            ("ExtKeyUsage", null_if_empty(extensions.key_usages.iter().map(|&usage| usage.into()).collect())),
            ("UnknownExtKeyUsage", oids(&extensions.unknown_key_usages)),
            ("BasicConstraintsValid", basic.is_some().into()),
            ("IsCA", basic.is_some_and(|basic| basic.is_ca).into()),
            ("MaxPathLen", max_path_length.into()),
            ("MaxPathLenZero", (basic.is_some() && max_path_length == 0).into()),
            ("SubjectKeyId", extensions.subject_key_id.map_or(Value::Null, bytes)),
            ("AuthorityKeyId", extensions.authority_key_id.map_or(Value::Null, bytes)),
            ("OCSPServer", strings(&extensions.ocsp_servers)),
            ("IssuingCertificateURL", strings(&extensions.issuer_urls)),
            ("CRLDistributionPoints", strings(&extensions.crl_distribution_points)),
            ("DNSNames", strings(&extensions.names.dns)),
            ("EmailAddresses", strings(&extensions.names.emails)),
            ("IPAddresses", addresses(&extensions.names.ips)),
            ("URIs", null_if_empty(extensions.names.uris.iter().map(Uri::value).collect())),
        ]
    }

    fn constraint_members(&self) -> Vec<(&'static str, Value)> {
        let none = Subtrees::default();
        let constraints = self.extensions.name_constraints.as_ref();
        let (permitted, excluded) =
            constraints.map_or((&none, &none), |both| (&both.permitted, &both.excluded));
        vec![
            ("PermittedDNSDomainsCritical", constraints.is_some_and(|both| both.critical).into()),
            ("PermittedDNSDomains", strings(&permitted.dns)),
            ("ExcludedDNSDomains", strings(&excluded.dns)),
            ("PermittedIPRanges", ranges(permitted)),
            ("ExcludedIPRanges", ranges(excluded)),
            ("PermittedEmailAddresses", strings(&permitted.emails)),
            ("ExcludedEmailAddresses", strings(&excluded.emails)),
            ("PermittedURIDomains", strings(&permitted.uris)),
            ("ExcludedURIDomains", strings(&excluded.uris)),
        ]
    }

    fn policy_members(&self) -> Vec<(&'static str, Value)> {
        let policies = &self.extensions.policies;
        let identifiers = policies.identifiers.as_ref();
        let plain = |list: &Vec<PolicyOid>| {
            Value::Array(list.iter().filter_map(|policy| policy.oid.as_ref().map(oid_value)).collect())
        };
        let texts = identifiers.into_iter().flatten().map(|policy| &policy.text);
        let mappings = policies.mappings.iter().map(|[issuer, subject]| {
            object([
                ("IssuerDomainPolicy", issuer.text.as_str().into()),
                ("SubjectDomainPolicy", subject.text.as_str().into()),
            ])
        });
        let is_zero = |value: Option<i64>| Value::from(value == Some(0));
        vec![
            ("PolicyIdentifiers", identifiers.map_or(Value::Null, plain)),
            ("Policies", strings(texts)),
            ("PolicyMappings", null_if_empty(mappings.collect())),
            ("InhibitAnyPolicy", policies.inhibit_any.unwrap_or(0).into()),
            ("InhibitAnyPolicyZero", is_zero(policies.inhibit_any)),
            ("InhibitPolicyMapping", policies.inhibit_mapping.unwrap_or(0).into()),
            ("InhibitPolicyMappingZero", is_zero(policies.inhibit_mapping)),
            ("RequireExplicitPolicy", policies.require_explicit.unwrap_or(0).into()),
            ("RequireExplicitPolicyZero", is_zero(policies.require_explicit)),
        ]
    }
}

// === impl Name ===

impl Name {
    /// As Go's `pkix.Name`.
    pub(crate) fn value(&self) -> Value {
        let list = |number| null_if_empty(self.values(number).map(Value::from).collect());
        let last = |number| Value::from(self.values(number).last().unwrap_or_default());
        let names = self.attributes.iter();
        let names =
            names.map(|(kind, value)| object([("Type", oid_value(kind)), ("Value", value.as_str().into())]));
        object([
            ("CommonName", last(3)),
            ("SerialNumber", last(5)),
            ("Country", list(6)),
            ("Locality", list(7)),
            ("Province", list(8)),
            ("StreetAddress", list(9)),
            ("Organization", list(10)),
            ("OrganizationalUnit", list(11)),
            ("PostalCode", list(17)),
            ("Names", null_if_empty(names.collect())),
            ("ExtraNames", Value::Null),
        ])
    }
}

// === impl Extension ===

impl Extension<'_> {
    pub(crate) fn value(&self) -> Value {
        object([
            ("Id", oid_value(&self.oid)),
            ("Critical", self.critical.into()),
            ("Value", bytes(self.value)),
        ])
    }
}

// === impl PublicKey ===

impl PublicKey {
    /// As Go's structure for keys of its kind.
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Rsa(key) => object([("N", number(&key.n)), ("E", key.e.into())]),
            Self::Ec(key) => object([
                ("Curve", object([])),
                ("X", number(&BigUint::from_bytes_be(key.x()))),
                ("Y", number(&BigUint::from_bytes_be(key.y()))),
            ]),
            Self::Ed25519(key) => bytes(key),
            Self::X25519(_) => object([]),
            Self::Dsa { p, q, g, y } => {
                object([("P", number(p)), ("Q", number(q)), ("G", number(g)), ("Y", number(y))])
            }
        }
    }
}

/// Go's number of an algorithm of public keys.
pub(crate) fn key_algorithm_number(oid: &Oid) -> i64 {
    match oid.numbers() {
        [1, 2, 840, 113_549, 1, 1, 1] => 1,
        [1, 2, 840, 10_040, 4, 1] => 2,
        [1, 2, 840, 10_045, 2, 1] => 3,
        [1, 3, 101, 112] => 4,
        _ => 0,
    }
}

pub(crate) fn addresses(addresses: &[&[u8]]) -> Value {
    null_if_empty(addresses.iter().map(|&bytes| address(bytes)).collect())
}

/// The text of an address; one of the IPv6 form `::ffff:1.2.3.4` is shown as IPv4, as in Go.
fn address(bytes: &[u8]) -> Value {
    let v4 = <[u8; 4]>::try_from(bytes).map(|octets| IpAddr::V4(Ipv4Addr::from(octets)));
    let v6 = <[u8; 16]>::try_from(bytes).map(|octets| IpAddr::V6(Ipv6Addr::from(octets)).to_canonical());
    v4.or(v6).map_or(Value::Null, |address| address.to_string().into())
}

fn ranges(subtrees: &Subtrees<'_>) -> Value {
    let ranges = subtrees.ips.iter();
    null_if_empty(ranges.map(|&(ip, mask)| object([("IP", address(ip)), ("Mask", bytes(mask))])).collect())
}

fn oids(oids: &[Oid]) -> Value {
    null_if_empty(oids.iter().map(oid_value).collect())
}
