//! `net.cidr_contains_matches`, `net.cidr_expand`, `net.cidr_merge` and `net.cidr_is_valid`.
//!
//! Defined by OPA's policy reference ("Net") and by Go's `net.ParseCIDR` and `net.IPNet`: an IPv6 address that
//! maps an IPv4 one counts as that one, and addresses without a prefix get the mask of their old class when
//! they are merged.
//!
//! Nothing here looks up a name. Answers that would hold too many addresses are a limit.

mod merge;
mod network;

use std::{collections::BTreeSet, net::IpAddr};

use self::network::Network;
use super::{Builtin, BuiltinError, State};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "net.cidr_contains_matches", arity: 2, call: contains_matches },
    Builtin { name: "net.cidr_expand", arity: 1, call: expand },
    Builtin { name: "net.cidr_is_valid", arity: 1, call: is_valid },
    Builtin { name: "net.cidr_merge", arity: 1, call: merge },
];

/// More comparisons than this in one call are a limit: about a tenth of a second.
const MAX_COMPARISONS: usize = 10_000_000;

/// What an address takes in the answer, as quoted text with its separator, at the least.
const MIN_ADDRESS_BYTES: u128 = 5;

fn is_valid(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    Ok(matches!(args, [Value::String(text)] if Network::parse(text).is_some()).into())
}

fn expand(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text)] = args else {
        return Err(BuiltinError::undefined("net.cidr_expand takes a string"));
    };
    let network = Network::parse(text).ok_or_else(|| invalid(text))?;
    let too_large = || BuiltinError::Limit(format!("{text} has too many addresses"));
    let mut left = u128::try_from(state.max_output_bytes).unwrap_or(u128::MAX);
    if network.last() - network.first() >= left / MIN_ADDRESS_BYTES {
        return Err(too_large());
    }
    let mut addresses = BTreeSet::new();
    for number in network.first()..=network.last() {
        let address = network.address(number).to_string();
        left = left.checked_sub(address.len() as u128 + 3).ok_or_else(too_large)?;
        addresses.insert(address.into());
    }
    Ok(Value::Set(addresses))
}

fn merge(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let texts: Vec<&Value> = match args {
        [Value::Array(items)] => items.iter().collect(),
        [Value::Set(items)] => items.iter().collect(),
        _ => return Err(BuiltinError::undefined("net.cidr_merge takes an array or a set")),
    };
    let networks = texts.into_iter().map(merge_operand).collect::<Result<Vec<_>, _>>()?;
    Ok(Value::Set(merge::merge(networks).into_iter().map(Value::from).collect()))
}

fn merge_operand(value: &Value) -> Result<Network, BuiltinError> {
    let text = value.as_str().ok_or_else(|| BuiltinError::undefined("a network must be a string"))?;
    match text.parse() {
        Ok(address) => Network::of_class(address)
            .ok_or_else(|| BuiltinError::undefined("an IPv6 address needs a prefix length")),
        Err(_) => Network::parse(text).ok_or_else(|| invalid(text)),
    }
}

/// A network or an address on the side that is searched for.
enum Inner {
    Address(IpAddr),
    Network(Network),
}

fn contains_matches(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [outer, inner] = args else {
        return Err(BuiltinError::undefined("net.cidr_contains_matches takes two arguments"));
    };
    let outer = members(outer)?;
    // OPA does not look at the second operand when the first is empty, nor the other way round.
    let inner = if outer.is_empty() { Vec::new() } else { members(inner)? };
    if inner.is_empty() {
        return Ok(Value::Set(BTreeSet::new()));
    }
    if outer.len().saturating_mul(inner.len()) > MAX_COMPARISONS {
        return Err(BuiltinError::Limit("too many networks to compare".to_owned()));
    }
    let inner = inner.into_iter().map(|(index, text)| Ok((index, parse_inner(text)?)));
    let inner = inner.collect::<Result<Vec<_>, BuiltinError>>()?;
    let mut matches = BTreeSet::new();
    for (outer_index, text) in outer {
        let network = text.as_str().and_then(Network::parse);
        let network = network.ok_or_else(|| BuiltinError::undefined(format!("{text} is not a network")))?;
        for (index, inner) in &inner {
            let contained = match inner {
                Inner::Address(address) => network.contains(*address),
                Inner::Network(inner) => network.contains_network(inner),
            };
            if contained {
                matches.insert(Value::Array(vec![outer_index.clone(), index.clone()]));
            }
        }
    }
    Ok(Value::Set(matches))
}

fn parse_inner(value: &Value) -> Result<Inner, BuiltinError> {
    let text = value.as_str().ok_or_else(|| BuiltinError::undefined("a network must be a string"))?;
    match text.parse() {
        Ok(address) => Ok(Inner::Address(address)),
        Err(_) => Network::parse(text).map(Inner::Network).ok_or_else(|| invalid(text)),
    }
}

/// What the answer names a member by, and the member's network.
fn members(operand: &Value) -> Result<Vec<(Value, &Value)>, BuiltinError> {
    match operand {
        Value::String(_) => Ok(vec![(operand.clone(), operand)]),
        Value::Array(items) => {
            (0i64..).zip(items).map(|(index, item)| Ok((index.into(), member(item)?))).collect()
        }
        Value::Set(items) => items.iter().map(|item| Ok((item.clone(), member(item)?))).collect(),
        Value::Object(map) => map.iter().map(|(key, item)| Ok((key.clone(), member(item)?))).collect(),
        _ => Ok(Vec::new()),
    }
}

/// A member is a network, or an array that begins with one.
fn member(value: &Value) -> Result<&Value, BuiltinError> {
    let network = match value {
        Value::String(_) => Some(value),
        Value::Array(items) => items.first(),
        _ => None,
    };
    network.ok_or_else(|| BuiltinError::undefined("a member must be a string or a non-empty array"))
}

fn invalid(text: &str) -> BuiltinError {
    BuiltinError::undefined(format!("{text} is not a network in CIDR notation"))
}

#[cfg(test)]
mod tests;
