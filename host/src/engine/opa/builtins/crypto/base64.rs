//! Base64 as Go's `encoding/base64` reads it (<https://pkg.go.dev/encoding/base64>): line breaks are skipped
//! anywhere, padding is all or nothing by variant, and spare bits of the last digit may be set.

use base64::{
    Engine as _,
    alphabet::{Alphabet, STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

const fn engine(alphabet: &Alphabet, padding: DecodePaddingMode) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(padding)
        .with_encode_padding(matches!(padding, DecodePaddingMode::RequireCanonical));
    GeneralPurpose::new(alphabet, config)
}

const PADDED: GeneralPurpose = engine(&STANDARD, DecodePaddingMode::RequireCanonical);
const RAW: GeneralPurpose = engine(&STANDARD, DecodePaddingMode::RequireNone);
const URL_PADDED: GeneralPurpose = engine(&URL_SAFE, DecodePaddingMode::RequireCanonical);
const URL_RAW: GeneralPurpose = engine(&URL_SAFE, DecodePaddingMode::RequireNone);

/// `StdEncoding.EncodeToString`
pub(crate) fn encode(bytes: &[u8]) -> String {
    PADDED.encode(bytes)
}

/// `RawURLEncoding.EncodeToString`
pub(crate) fn encode_url(bytes: &[u8]) -> String {
    URL_RAW.encode(bytes)
}

/// `StdEncoding.DecodeString`
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    decode_with(&PADDED, text)
}

/// A part of a token, as OPA's `base64url.decode` reads it: padding is added where none is.
pub(crate) fn decode_part(text: &str) -> Option<Vec<u8>> {
    let padding = match text.len() % 4 {
        _ if text.ends_with('=') => "",
        0 => "",
        2 => "==",
        3 => "=",
        _ => return None,
    };
    decode_with(&URL_PADDED, format!("{text}{padding}").as_bytes())
}

/// A field of a key, whose variant its digits and its end tell.
pub(crate) fn decode_guessing(text: &str) -> Option<Vec<u8>> {
    let engine = match (text.ends_with('='), text.contains(['+', '/'])) {
        (false, false) => &URL_RAW,
        (true, false) => &URL_PADDED,
        (false, true) => &RAW,
        (true, true) => &PADDED,
    };
    decode_with(engine, text.as_bytes())
}

fn decode_with(engine: &GeneralPurpose, text: &[u8]) -> Option<Vec<u8>> {
    if text.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
        let digits: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        return engine.decode(digits).ok();
    }
    engine.decode(text).ok()
}
