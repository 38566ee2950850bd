//! Distinguished names (RFC 5280, section 4.1.2.4) and the string types of ASN.1, as Go reads them: T61 is
//! Latin-1, and `*` and `&` are printable.

use crate::engine::opa::builtins::crypto::der::{Der, Oid, SET};

/// A name's attributes, in order.
#[derive(Default)]
pub(crate) struct Name {
    pub(crate) attributes: Vec<(Oid, String)>,
}

// === impl Name ===

impl Name {
    /// From the inside of the sequence.
    pub(crate) fn parse(mut sequence: Der<'_>) -> Option<Self> {
        let mut attributes = Vec::new();
        while !sequence.is_empty() {
            let mut set = Der::new(sequence.read(SET)?);
            while !set.is_empty() {
                let mut attribute = set.sequence()?;
                let kind = attribute.oid()?;
                let value = attribute.any()?;
                attributes.push((kind, text(value.tag, value.body)?));
            }
        }
        Some(Self { attributes })
    }

    /// The values of the attribute with that number under 2.5.4.
    pub(crate) fn values(&self, number: u64) -> impl Iterator<Item = &str> {
        let wanted = self.attributes.iter().filter(move |(kind, _)| kind.is(&[2, 5, 4, number]));
        wanted.map(|(_, value)| value.as_str())
    }
}

/// A string of any of the types that names use.
fn text(tag: u8, value: &[u8]) -> Option<String> {
    match tag {
        // UTF8String
        12 => String::from_utf8(value.to_vec()).ok(),
        // NumericString
        18 => ascii(value, |byte| byte.is_ascii_digit() || byte == b' '),
        // PrintableString
        19 => ascii(value, |byte| {
            matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'\''..=b')' | b'+'..=b'/')
                || b" :=?*&".contains(&byte)
        }),
        // T61String
        20 => Some(value.iter().copied().map(char::from).collect()),
        // IA5String
        22 => ascii(value, |byte| byte.is_ascii()),
        // BMPString
        30 => bmp(value),
        _ => None,
    }
}

fn ascii(value: &[u8], is_allowed: impl Fn(u8) -> bool) -> Option<String> {
    let fits = value.iter().all(|&byte| byte.is_ascii() && is_allowed(byte));
    if fits { String::from_utf8(value.to_vec()).ok() } else { None }
}

/// Characters of two bytes; one zero at the end is a terminator.
fn bmp(value: &[u8]) -> Option<String> {
    if !value.len().is_multiple_of(2) {
        return None;
    }
    let value = value.strip_suffix(&[0, 0]).unwrap_or(value);
    let units =
        value.chunks_exact(2).map(|pair| pair.iter().fold(0, |unit, &byte| (unit << 8) | u32::from(byte)));
    let is_reserved = |unit| matches!(unit, 0xfdd0..=0xfdef | 0xfffe | 0xffff);
    units.map(|unit| if is_reserved(unit) { None } else { char::from_u32(unit) }).collect()
}
