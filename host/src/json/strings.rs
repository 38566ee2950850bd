//! Strings: where the next character that means something is, and what escapes say.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Where the first quote, backslash or control character from `at` on is; the end of the text when there is none.
pub(super) fn special_from(text: &[u8], mut at: usize) -> usize {
    while let Some(word) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return at + (special.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len())
}

/// The high bit of the first byte that is special, and perhaps of some behind it.
fn special(word: u64) -> u64 {
    let is = |byte: u8| {
        let other = word ^ (ONES * u64::from(byte));
        other.wrapping_sub(ONES) & !other
    };
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (is(b'"') | is(b'\\') | control) & HIGHS
}

/// What the text of a checked string says.
pub(super) fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, escape)) = rest.split_once('\\') {
        text.push_str(before);
        let (character, behind) = escaped(escape);
        text.push(character);
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// The character that begins behind a backslash, and what follows it.
fn escaped(escape: &str) -> (char, &str) {
    let mut characters = escape.chars();
    let character = match characters.next() {
        Some('u') => return unicode(characters.as_str()),
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some(other) => other,
        None => char::REPLACEMENT_CHARACTER,
    };
    (character, characters.as_str())
}

fn unicode(digits: &str) -> (char, &str) {
    let unit = |digits: &str| u16::from_str_radix(digits.get(..4)?, 16).ok();
    let behind = |count| digits.get(count..).unwrap_or_default();
    let low = digits.get(6..).and_then(unit);
    let units = [unit(digits), low.filter(|_| behind(4).starts_with("\\u"))];
    let mut decoded = char::decode_utf16(units.into_iter().flatten());
    let character = decoded.next().and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER);
    (character, behind(if u32::from(character) > 0xffff { 10 } else { 4 }))
}
