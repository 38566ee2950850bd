//! Less of a text, for where there is not room for all of it.

use std::borrow::Cow;

/// No name in Kubernetes is longer.
const NAME_CHARS: usize = 253;

/// As much of what is said to be a name as is kept of it.
pub(crate) fn name(text: &str) -> &str {
    first(text, NAME_CHARS)
}

/// The first characters of a text.
pub(crate) fn first(text: &str, max_chars: usize) -> &str {
    text.char_indices().nth(max_chars).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// The text, or its beginning and … where it has more characters.
pub(crate) fn to_chars<'t>(text: impl Into<Cow<'t, str>>, max_chars: usize) -> String {
    let text = text.into();
    match text.char_indices().nth(max_chars) {
        Some(_) => format!("{}…", first(&text, max_chars.saturating_sub(1))),
        None => text.into_owned(),
    }
}

/// The text, or its beginning and … where it has more bytes.
pub(crate) fn to_bytes<'t>(text: impl Into<Cow<'t, str>>, max_bytes: usize) -> String {
    let text = text.into();
    if text.len() <= max_bytes {
        return text.into_owned();
    }
    let end = text.floor_char_boundary(max_bytes.saturating_sub('…'.len_utf8()));
    format!("{}…", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_left_alone_and_characters_stay_whole() {
        assert_eq!([first("üüü", 3), first("üüü", 2), first("", 2)], ["üüü", "üü", ""]);
        assert_eq!([to_chars("üüü", 3), to_chars("üüüü", 3)], ["üüü", "üü…"]);
        assert_eq!([to_bytes("üüü", 6), to_bytes("üüüü", 6)], ["üüü", "ü…"]);
        assert_eq!(name(&"ü".repeat(300)).chars().count(), NAME_CHARS);
    }
}
