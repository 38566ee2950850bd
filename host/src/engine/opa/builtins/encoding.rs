//! `hex.*`, `base64url.encode_no_pad` and `urlquery.*`.
//!
//! Defined by OPA's policy reference ("Encoding") and by Go's `encoding/hex`, `encoding/base64` and the query
//! half of `net/url`. Where decoding gives bytes that are no UTF-8, each such byte becomes U+FFFD, as when OPA
//! writes its answer as JSON.

pub(super) mod percent;

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Builtin, BuiltinError, State};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "base64url.encode_no_pad", arity: 1, call: base64url_encode_no_pad },
    Builtin { name: "hex.decode", arity: 1, call: hex_decode },
    Builtin { name: "hex.encode", arity: 1, call: hex_encode },
    Builtin { name: "urlquery.decode", arity: 1, call: urlquery_decode },
    Builtin { name: "urlquery.decode_object", arity: 1, call: urlquery_decode_object },
    Builtin { name: "urlquery.encode", arity: 1, call: urlquery_encode },
    Builtin { name: "urlquery.encode_object", arity: 1, call: urlquery_encode_object },
];

/// The most parameters that Go's `url.ParseQuery` takes.
const MAX_QUERY_PARAMETERS: usize = 10_000;

/// Bytes as text: every byte that is no UTF-8 becomes U+FFFD.
pub(super) fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    out
}

fn string(args: &[Value]) -> Result<&str, BuiltinError> {
    match args {
        [Value::String(text)] => Ok(text),
        _ => Err(BuiltinError::undefined("the operand must be a string")),
    }
}

/// Refuses an answer of more bytes than the limit, before it is made.
fn check_size(state: &State, bytes: usize) -> Result<(), BuiltinError> {
    if bytes > state.max_output_bytes {
        return Err(BuiltinError::Limit("the encoded text is too large".to_owned()));
    }
    Ok(())
}

fn base64url_encode_no_pad(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let plain = string(args)?;
    check_size(state, plain.len().div_ceil(3) * 4)?;
    Ok(URL_SAFE_NO_PAD.encode(plain).into())
}

fn hex_encode(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let plain = string(args)?;
    check_size(state, plain.len() * 2)?;
    let digits = plain.bytes().flat_map(|byte| [byte >> 4, byte & 0xf]);
    Ok(digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect::<String>().into())
}

fn hex_decode(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let encoded = string(args)?;
    // Every byte may become the three of U+FFFD.
    check_size(state, encoded.len() / 2 * 3)?;
    let bytes = encoded.as_bytes().chunks(2).map(percent::hex_byte).collect::<Option<Vec<_>>>();
    let bytes = bytes.ok_or_else(|| BuiltinError::undefined("no hexadecimal text"))?;
    Ok(text(&bytes).into())
}

fn urlquery_encode(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let plain = string(args)?;
    check_size(state, plain.len() * 3)?;
    Ok(percent::escape_query(plain).into())
}

fn urlquery_decode(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let encoded = string(args)?;
    check_size(state, encoded.len())?;
    unescape(encoded).map(Value::from)
}

fn unescape(encoded: &str) -> Result<String, BuiltinError> {
    let bytes = percent::unescape_query(encoded);
    Ok(text(&bytes.ok_or_else(|| BuiltinError::undefined("a bad percent escape"))?))
}

fn urlquery_encode_object(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::Object(map)] = args else {
        return Err(BuiltinError::undefined("urlquery.encode_object takes an object"));
    };
    let mut parameters = BTreeMap::new();
    for (key, value) in map {
        let values = query_values(value)?;
        let key = match key {
            Value::String(text) => text.clone(),
            other => other.clone().into_json().to_string(),
        };
        parameters.insert(key, values);
    }
    let pairs = || parameters.iter().flat_map(|(key, values)| values.iter().map(move |value| (key, value)));
    check_size(state, pairs().map(|(key, value)| (key.len() + value.len()) * 3 + 2).sum())?;
    let encoded: Vec<String> = pairs()
        .map(|(key, value)| format!("{}={}", percent::escape_query(key), percent::escape_query(value)))
        .collect();
    Ok(encoded.join("&").into())
}

fn query_values(value: &Value) -> Result<Vec<&str>, BuiltinError> {
    let values = match value {
        Value::String(text) => Some(vec![text.as_str()]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        Value::Set(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    };
    values.ok_or_else(|| BuiltinError::undefined("a value must be a string, or an array or a set of strings"))
}

fn urlquery_decode_object(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let query = string(args)?;
    check_size(state, query.len())?;
    if query.split('&').count() > MAX_QUERY_PARAMETERS {
        return Err(BuiltinError::undefined("too many query parameters"));
    }
    let mut parameters: BTreeMap<Value, Value> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        if pair.contains(';') {
            return Err(BuiltinError::undefined("a semicolon separates nothing in a query"));
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (unescape(key)?, unescape(value)?);
        let values = parameters.entry(key.into()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = values {
            values.push(value.into());
        }
    }
    Ok(Value::Object(parameters))
}

#[cfg(test)]
mod tests;
