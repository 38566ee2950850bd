use super::*;

/// The text, as `strconv.Quote` and as `strconv.QuoteToASCII` of Go 1.26 quote it.
const ROWS: &[(&str, &str, &str)] = &[
    ("", r#""""#, r#""""#),
    ("a'b\"c\\", r#""a'b\"c\\""#, r#""a'b\"c\\""#),
    ("\u{7}\u{8}\u{c}\n\r\t\u{b}", r#""\a\b\f\n\r\t\v""#, r#""\a\b\f\n\r\t\v""#),
    ("\0\u{1b}\u{7f}", r#""\x00\x1b\x7f""#, r#""\x00\x1b\x7f""#),
    ("<>&", r#""<>&""#, r#""<>&""#),
    ("é日😀", r#""é日😀""#, r#""\u00e9\u65e5\U0001f600""#),
    ("\u{80}\u{a0}\u{ad}", r#""\u0080\u00a0\u00ad""#, r#""\u0080\u00a0\u00ad""#),
    ("\u{2028}\u{200b}\u{feff}", r#""\u2028\u200b\ufeff""#, r#""\u2028\u200b\ufeff""#),
    ("\u{fffd}\u{378}\u{e0001}", "\"\u{fffd}\\u0378\\U000e0001\"", r#""\ufffd\u0378\U000e0001""#),
    ("e\u{301}\u{3000}", "\"e\u{301}\\u3000\"", r#""e\u0301\u3000""#),
];

#[test]
fn text_is_quoted_as_in_go() {
    for (text, quoted, ascii) in ROWS {
        assert_eq!(go_quote(text), *quoted);
        let mut out = String::new();
        write_quoted(&mut out, text.chars(), '"', Escapes::NonAscii).unwrap();
        assert_eq!(out, *ascii);
    }
}

#[test]
fn only_the_quote_in_use_is_escaped() {
    let mut out = String::new();
    write_quoted(&mut out, "'\"".chars(), '\'', Escapes::Unprintable).unwrap();
    assert_eq!(out, r#"'\'"'"#);
}

#[test]
fn as_many_characters_are_printable_as_in_go() {
    assert_eq!(('\0'..=char::MAX).filter(|&c| is_printable(c)).count(), 148_998);
    assert!(!is_printable('\u{1fadc}'), "assigned by Unicode 16, which Go 1.26 does not know");
}
