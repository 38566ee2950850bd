//! The text in a `Warning` header: `299 - "text"`, with `\` before `"` and `\`.

use reqwest::header::HeaderValue;

/// The text; the whole header when it has another form, so that a test shows what came.
pub(super) fn text(header: &HeaderValue) -> String {
    let header = String::from_utf8_lossy(header.as_bytes()).into_owned();
    let quoted = header.strip_prefix("299 - \"").and_then(|rest| rest.strip_suffix('"'));
    match quoted {
        Some(quoted) => unescape(quoted),
        None => header,
    }
}

fn unescape(quoted: &str) -> String {
    let mut text = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    while let Some(char) = chars.next() {
        let plain = if char == '\\' { chars.next() } else { Some(char) };
        text.extend(plain);
    }
    text
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    #[test]
    fn the_text_is_unquoted() {
        let text = |header: &'static str| super::text(&HeaderValue::from_static(header));
        assert_eq!(text(r#"299 - "container \"web\" has a \\ in it""#), r#"container "web" has a \ in it"#);
        assert_eq!(text("something else"), "something else");
    }
}
