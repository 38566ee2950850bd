use super::*;
use crate::engine::opa::builtins::cases::{check, state};

#[test]
fn values_are_written_as_go_yaml_does() {
    check(
        "yaml.marshal",
        &[
            (
                &[r#"{"a":[1,{"b":[],"c":{}}],"d":{"e":null}}"#],
                Some(r#""a:\n  - 1\n  - b: []\n    c: {}\nd:\n  e: null\n""#),
            ),
            (&["[[1,[2]],[]]"], Some(r#""- - 1\n  - - 2\n- []\n""#)),
            (&[r#""yes""#], Some(r#""\"yes\"\n""#)),
            (
                &[
                    r#"["12","1:20","2001-01-01","~","","a: b","a #b","- a","it's","a\nb","a\nb\n","\na\n\n"," a\nb","a \nb","\ttab","\u0001","é","😀","x\u2028y","<<"]"#,
                ],
                Some(
                    r#""- \"12\"\n- \"1:20\"\n- \"2001-01-01\"\n- \"~\"\n- \"\"\n- 'a: b'\n- 'a #b'\n- '- a'\n- it's\n- |-\n  a\n  b\n- |\n  a\n  b\n- |2+\n\n  a\n\n- |2-\n   a\n  b\n- \"a \\nb\"\n- \"\\ttab\"\n- \"\\x01\"\n- é\n- \"\\U0001F600\"\n- 'x   y'\n- <<\n""#,
                ),
            ),
            (
                &["[1.0,1e6,12345678901234567890123,1e400,-0,18446744073709551615]"],
                Some(r#""- 1\n- 1e+06\n- 1.2345678901234568e+22\n- 1e400\n- 0\n- 18446744073709551615\n""#),
            ),
            (
                &[r#"{"a10":1,"a2":1,"a1":1,"B":1,"b":1,"1":1,"10":1,"2":1}"#],
                Some(r#""\"1\": 1\n\"2\": 1\n\"10\": 1\nB: 1\na1: 1\na2: 1\na10: 1\nb: 1\n""#),
            ),
            (
                &[
                    r#"{"a\nb":1,"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk":{"x":[1]}}"#,
                ],
                Some(
                    r#""? |-\n  a\n  b\n: 1\n? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: x:\n    - 1\n""#,
                ),
            ),
            (&["{1,{2}}"], Some(r#""- 1\n- - 2\n""#)),
            (&["{[1]:true}"], Some(r#""'[1]': true\n""#)),
            (&[r#""\u007f""#], None),
            (&["true"], Some(r#""true\n""#)),
            (&["set()"], Some(r#""[]\n""#)),
        ],
    );
}

#[test]
fn texts_are_read_as_opa_does() {
    check(
        "yaml.unmarshal",
        &[
            (
                &[r#""a: yes\nb: 0o17\nc: 017\nd: 1_000\ne: 1e3\nf: 2001-01-01""#],
                Some(r#"{"a":"yes","b":15,"c":15,"d":1000,"e":1000,"f":"2001-01-01"}"#),
            ),
            (&[r#""a: 1.50\nb: 1e21\nc: .5""#], Some(r#"{"a":1.5,"b":1e+21,"c":0.5}"#)),
            (&[r#""a: [1,\n2]\n""#], Some(r#"{"a":[1,2]}"#)),
            (&[r#""- |\n  x""#], Some(r#"["x"]"#)),
            (&[r#""a: 1\na: 2""#], Some(r#"{"a":2}"#)),
            (&[r#""<<: {a: 1, b: 1}\nb: 2""#], Some(r#"{"a":1,"b":2}"#)),
            (&[r#""a: &x [1]\nb: *x""#], Some(r#"{"a":[1],"b":[1]}"#)),
            (&[r#""1: a\ntrue: b""#], Some(r#"{"1":"a","true":"b"}"#)),
            (&[r#""a: 1\n---\nb: 2""#], Some(r#"{"a":1}"#)),
            (&[r#""""#], Some("null")),
            (&[r#""null: 1""#], None),
            (&[r#""[1]: 2""#], None),
            (&[r#""a: .inf""#], None),
            (&[r#""a: [""#], None),
            (&[r#""*x""#], None),
            (&[r#""a: &x [*x]""#], None),
            (&[r#""\ta: 1""#], None),
            (&[r#""!!int x""#], None),
            (&[r#""!!binary aGk=""#], Some(r#""hi""#)),
            (&[r#""a: 1\n---\n\tb""#], None),
            (&["1"], None),
        ],
    );
}

#[test]
fn validity_is_reading() {
    check(
        "yaml.is_valid",
        &[
            (&[r#""a: 1""#], Some("true")),
            (&[r#""a: [""#], Some("false")),
            (&[r#""""#], Some("true")),
            (&[r#""{\"a\":1}""#], Some("true")),
            (&[r#""a: b: c""#], Some("false")),
            (&["1"], Some("false")),
        ],
    );
}

#[test]
fn answers_have_bounds() {
    let small = || State { max_output_bytes: 1000, ..state() };
    let long = Value::from("x".repeat(2000));
    assert!(matches!(marshal(&mut small(), std::slice::from_ref(&long)), Err(BuiltinError::Limit(_))));
    assert!(matches!(unmarshal(&mut small(), std::slice::from_ref(&long)), Err(BuiltinError::Limit(_))));
    assert!(matches!(is_valid(&mut small(), &[long]), Err(BuiltinError::Limit(_))));
}
