use super::*;
use crate::engine::opa::builtins::cases::{check, state};

#[test]
fn any_prefix_and_suffix_match() {
    check(
        "strings.any_prefix_match",
        &[
            (&["\"a/b/c\"", "\"a/\""], Some("true")),
            (&["\"a/b/c\"", "[\"b\",\"a/b\"]"], Some("true")),
            (&["[\"x\",\"abc\",\"ab\"]", "{\"abcd\",\"xy\"}"], Some("false")),
            (&["[\"x\",\"abc\",\"ab\"]", "{\"abcd\",\"abc\"}"], Some("true")),
            (&["\"\"", "\"\""], Some("true")),
            (&["[\"b\"]", "[\"\"]"], Some("true")),
            (&["[]", "[\"\"]"], Some("false")),
            (&["\"a\"", "[]"], Some("false")),
            (&["\"é\"", "[\"e\"]"], Some("false")),
            (&["[\"a\",1]", "[\"a\"]"], None),
            (&["\"a\"", "[\"a\",1]"], None),
            (&["\"a\"", "{\"a\":1}"], None),
            (&["1", "\"a\""], None),
        ],
    );
    check(
        "strings.any_suffix_match",
        &[
            (&["\"a/b/c\"", "\"/c\""], Some("true")),
            (&["[\"abc\",\"bc\",\"c\"]", "[\"zabc\",\"b\"]"], Some("false")),
            (&["[\"abc\",\"xé\"]", "{\"q\",\"é\"}"], Some("true")),
            (&["{\"abc\"}", "[]"], Some("false")),
        ],
    );
}

#[test]
fn counts_do_not_overlap() {
    check(
        "strings.count",
        &[
            (&["\"cheese\"", "\"e\""], Some("3")),
            (&["\"aaaa\"", "\"aa\""], Some("2")),
            (&["\"日本\"", "\"\""], Some("3")),
            (&["\"\"", "\"a\""], Some("0")),
            (&["1", "\"a\""], None),
        ],
    );
}

#[test]
fn indexes_count_characters_and_overlap() {
    check(
        "indexof_n",
        &[
            (&["\"sad\"", "\"a\""], Some("[1]")),
            (&["\"aaaa\"", "\"aa\""], Some("[0,1,2]")),
            (&["\"日本本日\"", "\"本\""], Some("[1,2]")),
            (&["\"ababaababa\"", "\"ababa\""], Some("[0,5]")),
            (&["\"abababa\"", "\"aba\""], Some("[0,2,4]")),
            (&["\"éaé\"", "\"é\""], Some("[0,2]")),
            (&["\"abc\"", "\"abcd\""], Some("[]")),
            (&["\"abc\"", "\"\""], None),
            (&["[]", "\"a\""], None),
        ],
    );
}

#[test]
fn a_search_takes_linear_time() {
    let text = Value::from("a".repeat(400_000));
    let mut generous = State { max_output_bytes: 1 << 20, ..state() };
    let wanted = Value::from("a".repeat(200_000));
    let Ok(Value::Array(found)) = indexof_n(&mut generous, &[text.clone(), wanted]) else {
        panic!("not found")
    };
    assert_eq!(found.len(), 200_001);
    let wanted = Value::from(format!("{}b", "a".repeat(200_000)));
    assert_eq!(indexof_n(&mut generous, &[text.clone(), wanted]), Ok(Value::Array(Vec::new())));
    let mut strict = State { max_output_bytes: 1000, ..state() };
    assert!(matches!(indexof_n(&mut strict, &[text, "a".into()]), Err(BuiltinError::Limit(_))));
}

#[test]
fn split_n_takes_parts_from_either_end() {
    check(
        "strings.split_n",
        &[
            (&["\"a.b.c\"", "\".\"", "2"], Some("[\"a\",\"b\"]")),
            (&["\"a.b.c\"", "\".\"", "9223372036854775807"], Some("[\"a\",\"b\",\"c\"]")),
            (&["\"a.b.c\"", "\".\"", "0"], Some("[]")),
            (&["\"a.b.c\"", "\".\"", "-2"], Some("[\"b\",\"c\"]")),
            (&["\"a.b.c\"", "\".\"", "-9223372036854775808"], Some("[\"a\",\"b\",\"c\"]")),
            (&["\"\"", "\".\"", "2"], Some("[\"\"]")),
            (&["\"\"", "\"\"", "2"], Some("[]")),
            (&["\"日本語\"", "\"\"", "2"], Some("[\"日\",\"本\"]")),
            (&["\"日本語\"", "\"\"", "-1"], Some("[\"語\"]")),
            (&["\"..\"", "\".\"", "2.0"], Some("[\"\",\"\"]")),
            (&["\"a\"", "\".\"", "1.5"], None),
            (&["\"a\"", "\".\"", "1e0"], None),
            (&["\"a\"", "1", "1"], None),
        ],
    );
    let mut strict = State { max_output_bytes: 100, ..state() };
    let text = ",".repeat(100);
    let answer = split_n(&mut strict, &[text.into(), ",".into(), 100.into()]);
    assert!(matches!(answer, Err(BuiltinError::Limit(_))));
}

#[test]
fn template_strings_show_undefined_parts() {
    check(
        "internal.template_string",
        &[
            (&["[]"], Some("\"\"")),
            (
                &["[\"a=\",{1.50},\" b=\",{\"x\\n\"},set(),true,null,7]"],
                Some("\"a=1.50 b=x\\n<undefined>truenull7\""),
            ),
            (&["[{[\"q\\u2028\",{1:set()}]}]"], Some("\"[\\\"q\\\\u2028\\\", {1: set()}]\"")),
            (&["[{1,2}]"], None),
            (&["[[1]]"], None),
            (&["[{\"a\":1}]"], None),
            (&["\"a\""], None),
        ],
    );
    let mut strict = State { max_output_bytes: 10, ..state() };
    let long = Value::Array(vec!["12345".into(), "678901".into()]);
    assert!(matches!(template_string(&mut strict, &[long]), Err(BuiltinError::Limit(_))));
}
