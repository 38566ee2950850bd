use super::*;

fn number(text: &str) -> Number {
    Number::parse(text).expect(text)
}

#[test]
fn numbers_compare_by_value_and_keep_their_text() {
    assert_eq!(number("1"), number("1.0"));
    assert_eq!(number("1e3"), number("1000"));
    assert_eq!(number("0"), number("-0.0e7"));
    assert!(number("123456789012345678901234567890") > number("123456789012345678901234567889"));
    assert!(number("-2") < number("-1.5"));
    assert!(number("0.001") < number("1e999999999"));
    assert_eq!(number("1.50").to_string(), "1.50");
    assert_eq!(number("1e3").to_i64(), Some(1000));
    assert_eq!(number("-9223372036854775808").to_i64(), Some(i64::MIN));
    assert_eq!(number("9223372036854775808").to_i64(), None);
    assert_eq!(number("0.5").to_i64(), None);
}

#[test]
fn numbers_are_in_order_however_they_are_spelled() {
    let ascending = [
        "-1e999999999999999999999",
        "-120",
        "-12.5",
        "-0.01",
        "0.000",
        "1e-99",
        "0.00100",
        "1.5e-3",
        "0.1",
        "0.25",
        "0.5",
        "5.05",
        "5.5",
        "10",
        "10.01",
        "12e1",
        "121",
        "9007199254740992.5",
        "9007199254740993",
        "9007199254740993.1",
        "1000000000000000000000",
        "1e999999999999999999999",
    ];
    for (left, smaller) in ascending.iter().enumerate() {
        for (right, larger) in ascending.iter().enumerate() {
            assert_eq!(number(smaller).cmp(&number(larger)), left.cmp(&right), "{smaller} {larger}");
        }
    }
    for (left, right) in
        [("100", "1e2"), ("0.0100", "1e-2"), ("12.50", "1.25E+1"), ("-3.0", "-3"), ("0e5", "0.0")]
    {
        assert_eq!(number(left), number(right), "{left} {right}");
    }
    for (text, integer) in [("1.20e2", 120), ("-5e0", -5), ("0.003e3", 3), ("10.0", 10), ("0e9", 0)] {
        assert_eq!(number(text).to_i64(), Some(integer), "{text}");
    }
}

#[test]
fn what_is_no_json_number_is_refused() {
    for text in ["", "-", "1.", ".5", "1e", "+1", "0x1", "1e+", "NaN", "--1"] {
        assert!(Number::parse(text).is_none(), "{text}");
    }
}

#[test]
fn value_text_survives_a_round_trip() {
    for text in [
        "null",
        "[1.0,1e3,123456789012345678901234567890]",
        r#"{"a\n\"\\":{1,{2,set()}},{1,2}:[{},[]]}"#,
        r#"{[1]:true,null:false}"#,
    ] {
        let value = Value::parse(text).expect(text);
        assert_eq!(Value::parse(&value.dump()), Ok(value.clone()), "{text}");
    }
    assert_eq!(Value::parse("{2,1}").unwrap().dump(), "{1,2}");
}

#[test]
fn broken_text_is_an_error_not_a_guess() {
    for text in ["", "{", "[1,]", "[1 2]", "{1:2", "1 2", "\"a", "\"\\q\"", "tru", "{1,}", "\"\\ud800\""] {
        assert!(Value::parse(text).is_err(), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(Value::parse(&deep).unwrap_err().to_string(), "nested too deeply at byte 257");
}

#[test]
fn a_term_prints_as_in_rego() {
    let value = Value::parse(r#"{"b":{"x",1},"a":[true,null,"q\"\u0007\t"],"c":set()}"#).unwrap();
    assert_eq!(value.to_string(), r#"{"a": [true, null, "q\"\a\t"], "b": {1, "x"}, "c": set()}"#);
}

#[test]
fn a_guest_may_spell_numbers_as_rego_does() {
    for (text, expected) in
        [(".5", "0.5"), ("-.0", "-0.0"), ("200.", "200.0"), ("070", "70"), ("00.10e3", "0.10e3")]
    {
        assert_eq!(Value::parse(text).unwrap().to_string(), expected, "{text}");
    }
    for text in [".", "-", "-.", "1.2.3", "0x1", "1e", ".e1"] {
        assert!(Value::parse(text).is_err(), "{text}");
    }
}
