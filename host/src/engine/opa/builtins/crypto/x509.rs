//! `crypto.x509.*`: certificates and requests as objects with the fields of Go's structures.
//!
//! What OPA takes and answers is in its policy reference
//! (<https://www.openpolicyagent.org/docs/policy-reference/builtins/crypto>). A chain that cannot be verified is
//! an answer, `[false, []]`, and not an error. Nothing is ever fetched: a chain has the certificates that the
//! policy gives, and no other root than the first of them.

use super::{
    certificate::{self, Certificate, object},
    chain::{self, Options},
    key::PrivateKey,
    keys, pem,
    request::Request,
};
use crate::engine::opa::{
    builtins::{BuiltinError, State, operands, output::Output},
    value::Value,
};

pub(super) fn parse_certificates(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text)] = args else { return Err(malformed()) };
    check_size(state, text)?;
    let der = certificate::decode(text).ok_or_else(malformed)?;
    let certificates = Certificate::parse_all(&der).ok_or_else(malformed)?;
    limited(state, Value::Array(certificates.iter().map(Certificate::extended_value).collect()))
}

pub(super) fn parse_and_verify_certificates(
    state: &mut State,
    args: &[Value],
) -> Result<Value, BuiltinError> {
    let [Value::String(text)] = args else { return Err(malformed()) };
    check_size(state, text)?;
    let options = Options { dns_name: String::new(), now_ns: state.now_ns, key_usages: Vec::new() };
    let answer = verified(text, || Ok(options), |certificate| certificate.extended_value())?;
    limited(state, answer)
}

pub(super) fn parse_and_verify_with_options(
    state: &mut State,
    args: &[Value],
) -> Result<Value, BuiltinError> {
    let [Value::String(text), Value::Object(options)] = args else { return Err(malformed()) };
    check_size(state, text)?;
    let now_ns = state.now_ns;
    let answer = verified(text, || parse_options(options.iter(), now_ns), |certificate| certificate.value())?;
    limited(state, answer)
}

pub(super) fn parse_certificate_request(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text)] = args else { return Err(malformed()) };
    check_size(state, text)?;
    let decoded;
    let mut bytes = text.as_bytes();
    if !text.starts_with("-----BEGIN CERTIFICATE REQUEST-----") {
        decoded = super::base64::decode(bytes).ok_or_else(malformed)?;
        bytes = &decoded;
    }
    let block = pem::first_block(bytes);
    let der = match &block {
        Some(block) if block.kind == b"CERTIFICATE REQUEST" => &block.bytes,
        Some(_) => return Err(malformed()),
        None => bytes,
    };
    limited(state, Request::parse(der).ok_or_else(malformed)?.value())
}

pub(super) fn parse_keypair(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(certificate), Value::String(key)] = args else { return Err(malformed()) };
    check_size(state, certificate)?;
    limited(state, keypair(certificate, key).ok_or_else(malformed)?)
}

/// The answer about a chain. The certificates are parsed first, so that errors in the options count only if the
/// certificates are sound.
fn verified(
    text: &str,
    options: impl FnOnce() -> Result<Options, BuiltinError>,
    show: fn(&Certificate<'_>) -> Value,
) -> Result<Value, BuiltinError> {
    let Some(der) = certificate::decode(text) else { return Ok(unverified()) };
    let Some(certificates) = Certificate::parse_all(&der) else { return Ok(unverified()) };
    let options = options()?;
    Ok(match chain::verify(&certificates, &options) {
        Some(chain) => {
            let chain = chain.into_iter().map(show).collect();
            Value::Array(vec![true.into(), Value::Array(chain)])
        }
        None => unverified(),
    })
}

fn unverified() -> Value {
    Value::Array(vec![false.into(), Value::Array(Vec::new())])
}

fn parse_options<'o>(
    entries: impl Iterator<Item = (&'o Value, &'o Value)>,
    now_ns: i64,
) -> Result<Options, BuiltinError> {
    let mut options = Options { dns_name: String::new(), now_ns, key_usages: Vec::new() };
    for (key, value) in entries {
        let Some(key) = key.as_str() else { continue };
        match (key, value) {
            ("DNSName", Value::String(name)) => name.trim_matches('"').clone_into(&mut options.dns_name),
            ("CurrentTime", ns) => options.now_ns = operands::int(ns)?,
            // Go does not look at this number any more.
            ("MaxConstraintComparisons", most) => operands::int(most).map(|_| ())?,
            ("KeyUsages", Value::Array(usages)) => options.key_usages = key_usages(usages.iter())?,
            ("KeyUsages", Value::Set(usages)) => options.key_usages = key_usages(usages.iter())?,
            _ => return Err(bad_option()),
        }
    }
    Ok(options)
}

/// Go's numbers of the usages; what is no string is skipped.
fn key_usages<'u>(usages: impl Iterator<Item = &'u Value>) -> Result<Vec<i64>, BuiltinError> {
    const NAMES: [&str; 14] = [
        "KeyUsageAny",
        "KeyUsageServerAuth",
        "KeyUsageClientAuth",
        "KeyUsageCodeSigning",
        "KeyUsageEmailProtection",
        "KeyUsageIPSECEndSystem",
        "KeyUsageIPSECTunnel",
        "KeyUsageIPSECUser",
        "KeyUsageTimeStamping",
        "KeyUsageOCSPSigning",
        "KeyUsageMicrosoftServerGatedCrypto",
        "KeyUsageNetscapeServerGatedCrypto",
        "KeyUsageMicrosoftCommercialCodeSigning",
        "KeyUsageMicrosoftKernelCodeSigning",
    ];
    let number = |usage: &str| NAMES.iter().zip(0..).find(|(name, _)| **name == usage.trim_matches('"'));
    let texts = usages.filter_map(Value::as_str);
    texts.map(|usage| number(usage).map(|(_, number)| number).ok_or_else(bad_option)).collect()
}

/// As Go's `tls.Certificate`, if the key is that of the first certificate.
fn keypair(certificates: &str, key: &str) -> Option<Value> {
    let certificates = pem_or_der(certificates, "CERTIFICATE")?;
    let key = pem_or_der(key, "PRIVATE KEY")?;
    let chain: Vec<_> = blocks(&certificates).filter(|block| block.kind == b"CERTIFICATE").collect();
    let leaf = Certificate::parse(&chain.first()?.bytes)?;
    let is_key = |kind: &[u8]| kind == b"PRIVATE KEY" || kind.ends_with(b" PRIVATE KEY");
    let block = blocks(&key).find(|block| is_key(block.kind))?;
    let der = &block.bytes;
    let parsed = PrivateKey::parse_pkcs1(der).or_else(|| PrivateKey::parse_pkcs8(der));
    let parsed = parsed.or_else(|| PrivateKey::parse_sec1(der))?;
    if !parsed.is_key_of(leaf.key.as_ref()?) {
        return None;
    }
    let bytes = chain.iter().map(|block| certificate::bytes(&block.bytes));
    Some(object([
        ("Certificate", Value::Array(bytes.collect())),
        ("Leaf", leaf.value()),
        ("OCSPStaple", Value::Null),
        ("PrivateKey", keys::value(&parsed)?),
        ("SignedCertificateTimestamps", Value::Null),
        ("SupportedSignatureAlgorithms", Value::Null),
    ]))
}

/// A text that is PEM, Base64 of PEM, or Base64 of DER, as PEM.
fn pem_or_der(text: &str, kind: &str) -> Option<Vec<u8>> {
    if text.starts_with("-----BEGIN ") {
        return Some(text.as_bytes().to_vec());
    }
    let bytes = super::base64::decode(text.as_bytes())?;
    if bytes.starts_with(b"-----BEGIN") {
        return Some(bytes);
    }
    let digits = super::base64::encode(&bytes);
    Some(format!("-----BEGIN {kind}-----\n{digits}\n-----END {kind}-----\n").into_bytes())
}

fn blocks(text: &[u8]) -> impl Iterator<Item = pem::Block<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let block = pem::first_block(rest)?;
        rest = block.rest;
        Some(block)
    })
}

/// Refuses what cannot fit, because the answer has at least all that was given.
fn check_size(state: &State, text: &str) -> Result<(), BuiltinError> {
    if text.len() > state.max_output_bytes { Err(Output::too_large()) } else { Ok(()) }
}

/// The answer, if its text is not too long; it is some times as long as what was given.
fn limited(state: &State, answer: Value) -> Result<Value, BuiltinError> {
    Output::new(state.max_output_bytes).push_value(&answer).map(|()| answer)
}

fn malformed() -> BuiltinError {
    BuiltinError::undefined("not what can be parsed")
}

fn bad_option() -> BuiltinError {
    BuiltinError::undefined("invalid option")
}
