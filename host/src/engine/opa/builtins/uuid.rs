//! `uuid.rfc4122` and `uuid.parse`.
//!
//! Defined by OPA's policy reference ("UUID") and `internal/uuid` in OPA's source, which reads as Go's
//! `google/uuid` does: with any case of the `urn:uuid:` prefix and any two characters for the braces. A
//! version 1 or 2 also tells its time and node.

use ::uuid::{Builder, Uuid, Variant};

use super::{Builtin, BuiltinError, State, random::once};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "uuid.parse", arity: 1, call: parse },
    Builtin { name: "uuid.rfc4122", arity: 1, call: rfc4122 },
];

/// From the first day of the Gregorian calendar, where the time of a UUID begins, to 1970, in units of 100 ns.
const GREGORIAN_EPOCH: i64 = 122_192_928_000_000_000;

/// A random UUID, the same one for the same operand.
fn rfc4122(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [key] = args else { return Err(BuiltinError::undefined("one operand is needed")) };
    once(state, "uuid.rfc4122", &key.dump(), |bytes| {
        Builder::from_random_bytes(bytes).into_uuid().hyphenated().to_string().into()
    })
}

fn parse(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text)] = args else {
        return Err(BuiltinError::undefined("the operand must be a string"));
    };
    let uuid = read(text.as_bytes()).ok_or_else(|| BuiltinError::undefined("not a UUID"))?;
    let version = i64::try_from(uuid.get_version_num()).unwrap_or_default();
    let mut fields: Vec<(&str, Value)> =
        vec![("version", version.into()), ("variant", variant(&uuid).into())];
    if matches!(version, 1 | 2) {
        fields.extend(time_fields(&uuid));
    }
    if version == 2 {
        let (id, ..) = uuid.as_fields();
        fields.extend([("id", i64::from(id).into()), ("domain", domain(&uuid).into())]);
    }
    Ok(Value::Object(fields.into_iter().map(|(key, value)| (key.into(), value)).collect()))
}

/// The forms that are 32, 36, 38 and 45 bytes long.
fn read(text: &[u8]) -> Option<Uuid> {
    let bare = match text.len() {
        38 => text.get(1..37)?,
        45 => {
            let (prefix, bare) = text.split_at_checked(9)?;
            prefix.eq_ignore_ascii_case(b"urn:uuid:").then_some(bare)?
        }
        32 | 36 => text,
        _ => return None,
    };
    Uuid::try_parse_ascii(bare).ok()
}

fn variant(uuid: &Uuid) -> &'static str {
    match uuid.get_variant() {
        Variant::RFC4122 => "RFC4122",
        Variant::Microsoft => "Microsoft",
        Variant::Future => "Future",
        _ => "Reserved",
    }
}

fn time_fields(uuid: &Uuid) -> [(&'static str, Value); 4] {
    let (low, middle, high, rest) = uuid.as_fields();
    let ticks = i64::from(low) | i64::from(middle) << 32 | i64::from(high & 0xfff) << 48;
    // OPA's product wraps around for times that no int64 of nanoseconds can tell.
    let since_1970 = ticks - GREGORIAN_EPOCH;
    let time =
        (since_1970 / 10_000_000).wrapping_mul(1_000_000_000).wrapping_add(since_1970 % 10_000_000 * 100);
    let [first, second, node @ ..] = rest;
    let sequence = i64::from(u16::from_be_bytes([*first, *second]) & 0x3fff);
    let node_text: Vec<String> = node.iter().map(|byte| format!("{byte:02x}")).collect();
    [
        ("time", time.into()),
        ("nodeid", node_text.join("-").into()),
        ("macvariables", address_kind(node).into()),
        ("clocksequence", sequence.into()),
    ]
}

/// What the last two bits of a MAC address's first byte say.
fn address_kind(node: &[u8; 6]) -> &'static str {
    let [first, ..] = node;
    match first & 0b11 {
        0b11 => "local:multicast",
        0b01 => "global:multicast",
        0b10 => "local:unicast",
        _ => "global:unicast",
    }
}

fn domain(uuid: &Uuid) -> String {
    let [.., domain, _, _, _, _, _, _] = uuid.as_bytes();
    match domain {
        0 => "Person".to_owned(),
        1 => "Group".to_owned(),
        2 => "Org".to_owned(),
        other => format!("Domain{other}"),
    }
}

#[cfg(test)]
mod tests;
