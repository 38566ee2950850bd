//! Certificate requests (PKCS #10, RFC 2986) as Go's `x509.CertificateRequest`
//! (<https://pkg.go.dev/crypto/x509#ParseCertificateRequest>). The signature is shown, not checked, as in OPA.

use super::{
    certificate::{
        Extension, Name, SignatureAlgorithm, SubjectNames, Uri, addresses, bytes, key_algorithm_number,
        null_if_empty, object, oid_value, strings,
    },
    der::{Der, Element, Oid, SEQUENCE, SET, constructed},
    key::{PublicKey, PublicKeyInfo, right_aligned},
    text::lossy,
};
use crate::engine::opa::value::Value;

/// A request.
pub(super) struct Request<'d> {
    raw: &'d [u8],
    info: &'d [u8],
    public_key_info: &'d [u8],
    raw_subject: &'d [u8],
    version: i64,
    signature: Vec<u8>,
    algorithm: SignatureAlgorithm,
    key: PublicKeyInfo,
    subject: Name,
    attributes: Vec<Value>,
    extensions: Vec<Extension<'d>>,
    names: SubjectNames<'d>,
}

const EXTENSION_REQUEST: &[u64] = &[1, 2, 840, 113_549, 1, 9, 14];

// === impl Request ===

impl<'d> Request<'d> {
    pub(super) fn parse(der: &'d [u8]) -> Option<Self> {
        let mut outer = Der::new(der);
        let Element { full: raw, body, .. } = outer.element(SEQUENCE).filter(|_| outer.is_empty())?;
        let mut fields = Der::new(body);
        let Element { full: info, body, .. } = fields.element(SEQUENCE)?;
        let algorithm = SignatureAlgorithm::parse(fields.sequence()?)?;
        let (signature, unused) = fields.bit_string()?;
        let mut fields = Der::new(body);
        let version = fields.small_integer()?;
        let subject = fields.element(SEQUENCE)?;
        let key = fields.element(SEQUENCE)?;
        let attributes = Der::new(fields.read(constructed(0))?);
        let extensions = requested_extensions(attributes)?;
        let mut names = SubjectNames::default();
        for extension in extensions.iter().filter(|extension| extension.oid.is(&[2, 5, 29, 17])) {
            names = SubjectNames::parse(Der::new(extension.value))?;
        }
        Some(Self {
            raw,
            info,
            public_key_info: key.full,
            raw_subject: subject.full,
            version,
            signature: right_aligned(signature, unused),
            algorithm,
            key: PublicKeyInfo::parse(&mut Der::new(key.body))?,
            subject: Name::parse(Der::new(subject.body))?,
            attributes: attribute_values(attributes)?,
            extensions,
            names,
        })
    }

    pub(super) fn value(&self) -> Value {
        object([
            ("Raw", bytes(self.raw)),
            ("RawTBSCertificateRequest", bytes(self.info)),
            ("RawSubjectPublicKeyInfo", bytes(self.public_key_info)),
            ("RawSubject", bytes(self.raw_subject)),
            ("Version", self.version.into()),
            ("Signature", bytes(&self.signature)),
            ("SignatureAlgorithm", self.algorithm.0.into()),
            ("PublicKeyAlgorithm", key_algorithm_number(&self.key.algorithm).into()),
            ("PublicKey", self.key.key.as_ref().map_or(Value::Null, PublicKey::value)),
            ("Subject", self.subject.value()),
            ("Attributes", null_if_empty(self.attributes.clone())),
            ("Extensions", null_if_empty(self.extensions.iter().map(Extension::value).collect())),
            ("ExtraExtensions", Value::Null),
            ("DNSNames", strings(&self.names.dns)),
            ("EmailAddresses", strings(&self.names.emails)),
            ("IPAddresses", addresses(&self.names.ips)),
            ("URIs", null_if_empty(self.names.uris.iter().map(Uri::value).collect())),
        ])
    }
}

/// The extensions that the request asks for; none if they are malformed or one comes twice.
fn requested_extensions<'d>(mut attributes: Der<'d>) -> Option<Vec<Extension<'d>>> {
    let (mut extensions, mut seen) = (Vec::new(), std::collections::BTreeSet::new());
    while !attributes.is_empty() {
        let attribute = attributes.any()?;
        let Some(first) = first_extension_list(attribute) else { continue };
        let mut list = Der::new(first.body);
        if first.tag != SEQUENCE {
            return None;
        }
        while !list.is_empty() {
            let extension = Extension::parse(list.sequence()?)?;
            if !seen.insert(extension.oid.clone()) {
                return None;
            }
            extensions.push(extension);
        }
    }
    Some(extensions)
}

/// The first value of an attribute that asks for extensions; one that is malformed is left out, as in Go.
fn first_extension_list(attribute: Element<'_>) -> Option<Element<'_>> {
    let mut fields = Der::new(attribute.body);
    fields.oid().filter(|oid| attribute.tag == SEQUENCE && oid.is(EXTENSION_REQUEST))?;
    let mut values = Der::new(fields.read(SET)?);
    let first = values.any()?;
    while !values.is_empty() {
        values.any()?;
    }
    Some(first)
}

/// The attributes that are lists of lists of pairs; others, such as a challenge password, are left out, as in Go.
fn attribute_values(mut attributes: Der<'_>) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    while !attributes.is_empty() {
        let attribute = attributes.any()?;
        if attribute.tag == SEQUENCE {
            values.extend(attribute_value(Der::new(attribute.body)));
        }
    }
    Some(values)
}

fn attribute_value(mut attribute: Der<'_>) -> Option<Value> {
    let kind = attribute.oid()?;
    let mut set = Der::new(attribute.read(SET)?);
    let mut lists = Vec::new();
    while !set.is_empty() {
        let mut list = set.sequence()?;
        let mut pairs = Vec::new();
        while !list.is_empty() {
            let mut pair = list.sequence()?;
            let (name, value) = (pair.oid()?, pair.any()?);
            pairs.push(object([("Type", oid_value(&name)), ("Value", any_value(value)?)]));
        }
        lists.push(Value::Array(pairs));
    }
    Some(object([("Type", oid_value(&kind)), ("Value", Value::Array(lists))]))
}

/// A value of any type, as Go's `encoding/asn1` gives it for an `interface{}`; types beyond these are `null`.
fn any_value(element: Element<'_>) -> Option<Value> {
    let mut der = Der::new(element.full);
    Some(match element.tag {
        1 => der.boolean()?.into(),
        2 => der.small_integer()?.into(),
        4 => bytes(element.body),
        6 => oid_value(&Oid::parse(element.body)?),
        12 | 18..=20 | 22 => lossy(element.body).into(),
        _ => Value::Null,
    })
}
