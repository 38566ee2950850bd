use serde_json::Value as Json;

use super::*;

/// What the table says, as JSON.
fn read(value: Value<'_>) -> Json {
    match value.kind() {
        Kind::Null => Json::Null,
        Kind::Boolean(truth) => truth.into(),
        Kind::Number => serde_json::from_str(value.raw()).unwrap(),
        Kind::String | Kind::Escaped => value.string().unwrap().into(),
        Kind::Array => value.elements().map(read).collect(),
        Kind::Object => Json::Object(
            value.members().map(|(key, value)| (key.string().unwrap().into(), read(value))).collect(),
        ),
    }
}

#[test]
fn a_document_says_what_its_text_says() {
    for text in [
        "null",
        " [ ] ",
        "{\"a\":{}}",
        "\"\\u0000\\ud83d\\ude00\\u00e9\\n\\\"\\\\\\/\\b\\f\\r\\t\"",
        "-0.1e-5",
        "[[[1],2],{\"a\":[true,false]}, \"a string of more than eight bytes\", \"1234567\\\"\"]",
        r#"{"a":1,"a":2,"a":3,"b\u0041":1,"c":{"d":{"e":[{},{"f":[]}]}}}"#,
    ] {
        let document = Document::parse(text).unwrap();
        assert_eq!(read(document.root()), serde_json::from_str::<Json>(text).unwrap(), "{text}");
        assert_eq!(document.text(), text);
    }
}

#[test]
fn fields_are_found_by_what_their_keys_say() {
    let document = Document::parse(r#"{"a":{"x":1},"b":2,"\u0061":3}"#).unwrap();
    assert_eq!(document.root().get("a").unwrap().raw(), "3");
    assert_eq!(document.root().get("b").unwrap().span(), 17..18);
    assert!(document.root().get("x").is_none());
    assert!(document.root().get("b").unwrap().get("x").is_none());
}

#[test]
fn what_is_no_json_is_refused_where_it_is() {
    for (text, at) in [
        ("", 0),
        ("{\"a\":1,}", 7),
        ("[1 2]", 3),
        ("[1,]", 3),
        ("01", 1),
        ("1.", 2),
        ("-", 1),
        ("+1", 0),
        ("1e", 2),
        ("nul", 0),
        ("\"a", 2),
        ("\"\\x\"", 2),
        ("\"\\ud800\"", 7),
        ("\"\\ud800\\u0041\"", 13),
        ("\"\\udc00\"", 7),
        ("\"\n\"", 1),
        ("\"12345678\u{1}\"", 9),
        ("{1:2}", 1),
        ("{\"a\" 1}", 5),
        ("[1] 2", 4),
        ("\u{feff}1", 0),
    ] {
        let error = Document::parse(text).unwrap_err();
        assert!(serde_json::from_str::<Json>(text).is_err(), "{text}");
        assert!(error.to_string().ends_with(&format!("at byte {at}")), "{text}: {error}");
    }
    assert!(Document::parse(b"\"\xff\"").unwrap_err().to_string().contains("not UTF-8 at byte 1"));
    let deep = "[".repeat(129) + &"]".repeat(129);
    assert!(Document::parse(deep).unwrap_err().to_string().contains("nested too deep"));
}

#[test]
fn depth_and_pairs_are_noticed() {
    for (text, depth) in [("1", 0), ("{}", 1), ("[[],{\"a\":[1]}]", 3)] {
        assert_eq!(Document::parse(text).unwrap().depth(), depth);
    }
    assert!(Document::parse(r#"["\ud83d\ude00"]"#).unwrap().has_surrogate_pairs());
    assert!(!Document::parse(r#"["\u0041", "\\ud83d\\ude00"]"#).unwrap().has_surrogate_pairs());
}

/// Whatever serde_json takes, or does not, is taken here as well, or is not.
#[test]
fn random_bytes_are_read_as_serde_json_reads_them() {
    let mut random = fastrand::Rng::with_seed(11);
    let pieces = [
        "{", "}", "[", "]", ",", ":", "\"", "a", "\\", "u00e9", "ud83d", "\\ude00", "1", "-", ".5", "e3",
        "0", "true", "null", " ", "\n", "\u{e9}", "\u{1}", "\"k\":", "\"\"", "[]", "{}",
    ];
    for _ in 0..200_000 {
        let text: String = (0..random.usize(1..12)).map(|_| pieces[random.usize(..pieces.len())]).collect();
        let (ours, theirs) = (Document::parse(text.as_str()), serde_json::from_str::<Json>(&text));
        match (ours, theirs) {
            (Ok(document), Ok(json)) => assert_eq!(read(document.root()), json, "{text}"),
            (Err(_), Err(_)) => {}
            // A number beyond what a float holds is JSON all the same.
            (Ok(_), Err(error)) => assert!(error.to_string().contains("out of range"), "{text}: {error}"),
            (Err(error), Ok(_)) => panic!("{text}: {error}"),
        }
    }
}

#[test]
fn pointers_lead_where_rfc_6901_says() {
    // The examples of section 5.
    let document = Document::parse(
        r#"{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8}"#,
    )
    .unwrap();
    let at = |pointer: &str| document.root().pointer(pointer).map(Value::raw);
    for (pointer, expected) in [
        ("/foo", r#"["bar", "baz"]"#),
        ("/foo/0", "bar"),
        ("/", "0"),
        ("/a~1b", "1"),
        ("/c%d", "2"),
        ("/e^f", "3"),
        ("/g|h", "4"),
        ("/i\\j", "5"),
        ("/k\"l", "6"),
        ("/ ", "7"),
        ("/m~0n", "8"),
    ] {
        assert_eq!(at(pointer), Some(expected), "{pointer}");
    }
    assert_eq!(at(""), Some(document.text()));
    for nowhere in
        ["foo", "/foo/2", "/foo/00", "/foo/-", "/foo/+1", "/foo/0/x", "/bar", "/foo/99999999999999999999"]
    {
        assert_eq!(at(nowhere), None, "{nowhere}");
    }
    let foo = document.root().get("foo").unwrap();
    assert_eq!(document.node(foo.number()).map(Value::raw), Some(foo.raw()));
}
