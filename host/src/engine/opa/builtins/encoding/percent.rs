//! Percent escapes as Go's `net/url` reads and writes them.

/// The parts of a URL that differ in which bytes stand for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine::opa::builtins) enum Part {
    Host,
    /// What follows the `%25` in an IPv6 address.
    Zone,
    /// Path, user and fragment, whose bytes are not looked at when they are read.
    Other,
}

/// A text as a component of a query: a blank becomes `+`, unreserved characters stay.
pub(super) fn escape_query(text: &str) -> String {
    escape(text.as_bytes(), |byte| is_unreserved(byte) || byte == b' ').replace(' ', "+")
}

/// A path with Go's default escapes.
pub(in crate::engine::opa::builtins) fn escape_path(path: &[u8]) -> String {
    escape(path, |byte| is_unreserved(byte) || b"$&+,/:;=@".contains(&byte))
}

fn escape(bytes: &[u8], is_plain: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        if is_plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 0xf].map(upper_hex));
        }
    }
    out
}

fn upper_hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap_or('0').to_ascii_uppercase()
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)
}

/// Whether Go lets the byte stand in a host unescaped.
fn is_host_byte(byte: u8) -> bool {
    is_unreserved(byte) || b"!\"$&'()*+,:;<=>[]".contains(&byte)
}

/// A component of a query without its escapes; `None` where an escape is broken.
pub(super) fn unescape_query(text: &str) -> Option<Vec<u8>> {
    unescape(&text.replace('+', " "), Part::Other)
}

/// A part of a URL without its escapes; `None` where an escape is broken or a byte may not stand in it.
pub(in crate::engine::opa::builtins) fn unescape(text: &str, part: Part) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            if part != Part::Other && byte.is_ascii() && !is_host_byte(byte) {
                return None;
            }
            out.push(byte);
            continue;
        }
        let decoded = hex_byte(&[bytes.next()?, bytes.next()?])?;
        let allowed = match part {
            Part::Host => !decoded.is_ascii() || decoded == b'%',
            Part::Zone => matches!(decoded, b'%' | b' ') || is_host_byte(decoded),
            Part::Other => true,
        };
        if !allowed {
            return None;
        }
        out.push(decoded);
    }
    Some(out)
}

/// The byte that two hexadecimal digits spell.
pub(super) fn hex_byte(digits: &[u8]) -> Option<u8> {
    let &[high, low] = digits else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}
