//! Bytes as strings, as Go's `encoding/json` makes them of strings that are not UTF-8.

/// Each byte that is no part of a character becomes U+FFFD.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n(char::REPLACEMENT_CHARACTER, chunk.invalid().len()));
    }
    text
}

/// Bytes that are ASCII, and so an `IA5String`.
pub(crate) fn ascii(bytes: &[u8]) -> Option<String> {
    if bytes.is_ascii() { String::from_utf8(bytes.to_vec()).ok() } else { None }
}
