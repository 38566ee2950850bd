//! Writes characters that came as a pair of `\u` escapes in UTF-8.
//!
//! The JSON parser in OPA's modules gets some such pairs wrong (`\udbff\udfff` becomes U+FFFFF), and a policy must
//! not read another name than the cluster stores.

/// The text with its surrogate pairs written in UTF-8, or nothing if it has none. The text must be valid JSON.
pub(super) fn resolve(json: &[u8]) -> Option<Vec<u8>> {
    let mut resolved: Option<Vec<u8>> = None;
    let (mut at, mut copied) = (0, 0);
    while let Some(found) = json.get(at..).and_then(|rest| rest.iter().position(|&byte| byte == b'\\')) {
        at += found;
        match pair(json, at) {
            Some(character) => {
                let out = resolved.get_or_insert_with(|| Vec::with_capacity(json.len()));
                out.extend_from_slice(json.get(copied..at).unwrap_or_default());
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                at += 12;
                copied = at;
            }
            // An escaped character, a backslash too, is stepped over whole.
            None => at += 2,
        }
    }
    resolved.map(|mut out| {
        out.extend_from_slice(json.get(copied..).unwrap_or_default());
        out
    })
}

/// The character of the twelve bytes `\uXXXX\uXXXX` at `at`, if they are a pair.
fn pair(json: &[u8], at: usize) -> Option<char> {
    let units = [escape(json, at)?, escape(json, at + 6)?];
    let mut characters = char::decode_utf16(units);
    let first = characters.next()?.ok()?;
    // Two escapes that are two characters are no pair.
    characters.next().is_none().then_some(first)
}

fn escape(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_written_out_and_nothing_else_changes() {
        for (json, expected) in [
            (r#"["\ud83d\ude00"]"#, Some("[\"😀\"]")),
            (r#"["a\n\\\uD83D\uDE00\u0041","\udbff\udfff"]"#, Some("[\"a\\n\\\\😀\\u0041\",\"\u{10ffff}\"]")),
            (r#"["\\ud83d\\ude00","\u0041\u0042","plain"]"#, None),
            (r#"["\u004"#, None),
        ] {
            assert_eq!(resolve(json.as_bytes()), expected.map(|text| text.as_bytes().to_vec()), "{json}");
        }
    }
}
