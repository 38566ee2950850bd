//! Which numbers OPA's builtins take for integers: the texts that its `util.Atoi64` reads.
//!
//! Fractions of zeros are allowed (`1.0`), exponents are not (`1e3`), and more than 19 characters never fit.

/// The integer that `text` spells.
pub(super) fn go_integer(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.is_empty() || unsigned.len() > 19 {
        return None;
    }
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) || !fraction.bytes().all(|byte| byte == b'0') {
        return None;
    }
    // A lone point has no digits and counts as zero.
    let size: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    i64::try_from(if text.starts_with('-') { -size } else { size }).ok()
}

#[cfg(test)]
mod tests {
    use super::go_integer;

    #[test]
    fn integers_are_opas() {
        for (text, want) in [
            ("0", Some(0)),
            ("-12", Some(-12)),
            ("+5", Some(5)),
            ("1.0", Some(1)),
            ("1.", Some(1)),
            (".", Some(0)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("1.00000000000000000000", None),
            ("1.5", None),
            ("1e3", None),
            ("", None),
            ("-", None),
            ("1 ", None),
        ] {
            assert_eq!(go_integer(text), want, "{text}");
        }
    }
}
