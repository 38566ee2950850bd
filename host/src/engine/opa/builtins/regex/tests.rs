use super::*;
use crate::engine::opa::builtins::cases::{check, state};

#[test]
fn matches_are_gos() {
    check(
        "regex.find_n",
        &[
            (&[r#""oo""#, r#""foo boo""#, "-1"], Some(r#"["oo","oo"]"#)),
            (&[r#""a*""#, r#""baac""#, "-1"], Some(r#"["","aa",""]"#)),
            (&[r#""a*""#, r#""baac""#, "2"], Some(r#"["","aa"]"#)),
            (&[r#""a""#, r#""aaa""#, "0"], Some("[]")),
            (&[r#""a""#, r#""aaa""#, "1.0"], Some(r#"["a"]"#)),
            (&[r#""a""#, r#""aaa""#, "1.5"], None),
            (&[r#""[日é]""#, r#""é日x""#, "-1"], Some(r#"["é","日"]"#)),
            (&[r#""\\B""#, r#""aé b""#, "-1"], Some(r#"[""]"#)),
            (&[r#""(?i)k""#, r#""KKk""#, "-1"], Some(r#"["K","K","k"]"#)),
            (&[r#""\\w+""#, r#""né_1""#, "-1"], Some(r#"["n","_1"]"#)),
            (&[r#""(|a)*""#, r#""aa""#, "-1"], Some(r#"["","",""]"#)),
            (&[r#""a**""#, r#""a""#, "-1"], None),
            (&[r#""(a{10}){101}""#, r#""a""#, "-1"], None),
            (&[r#""x{2""#, r#""x{2""#, "-1"], Some(r#"["x{2"]"#)),
            (&[r#""\\pN\\p{^greek}""#, r#""1αb2c""#, "-1"], Some(r#"["2c"]"#)),
            (&[r#""\\p{Old_Italic}""#, r#""a""#, "-1"], None),
            (&[r#""[[:alpha:]-]+""#, r#""a-b1""#, "-1"], Some(r#"["a-b"]"#)),
            (&[r#""\\Qa.b\\E+""#, r#""a.bb""#, "-1"], Some(r#"["a.bb"]"#)),
            (&[r#""a(?i)B*""#, r#""abBb""#, "-1"], Some(r#"["abBb"]"#)),
            (&[r#""(?=a)""#, r#""a""#, "-1"], None),
            (&[r#""\\1""#, r#""a""#, "-1"], None),
            (&[r#""\\C""#, r#""a""#, "-1"], None),
        ],
    );
}

#[test]
fn splits_are_gos() {
    check(
        "regex.split",
        &[
            (&[r#"",""#, r#""a,b,,c""#], Some(r#"["a","b","","c"]"#)),
            (&[r#""""#, r#""abc""#], Some(r#"["a","b","c"]"#)),
            (&[r#""""#, r#""""#], Some("[]")),
            (&[r#"",""#, r#""""#], Some(r#"[""]"#)),
            (&[r#""a*""#, r#""baac""#], Some(r#"["b","c"]"#)),
            (&[r#""^""#, r#""a\nb""#], Some(r#"["a\nb"]"#)),
            (&[r#""(?m)^""#, r#""a\nb""#], Some(r#"["a\n","b"]"#)),
            (&[r#""$""#, r#""ab""#], Some(r#"["ab"]"#)),
            (&[r#""[""#, r#""a""#], None),
        ],
    );
}

#[test]
fn replacements_are_gos() {
    check(
        "regex.replace",
        &[
            (&[r#""foobar""#, r#""o+""#, r#""0""#], Some(r#""f0bar""#)),
            (&[r#""ab""#, r#""(?P<x>a)(?P<y>b)""#, r#""${y}$x""#], Some(r#""ba""#)),
            (&[r#""ab""#, r#""(a)(b)""#, r#""$2x""#], Some(r#""""#)),
            (&[r#""ab""#, r#""(a)(b)""#, r#""${2}x""#], Some(r#""bx""#)),
            (&[r#""ab""#, r#""(a)(b)""#, r#""$$1 $""#], Some(r#""$1 $""#)),
            (&[r#""ab""#, r#""(a)(b)""#, r#""$01${3}$""#], Some(r#""$""#)),
            (&[r#""ab""#, r#""a(x)?""#, r#""[$1]""#], Some(r#""[]b""#)),
            (&[r#""abc""#, r#""x*""#, r#""-""#], Some(r#""-a-b-c-""#)),
            (&[r#""é""#, r#""$""#, r#""!$é""#], Some(r#""é!""#)),
            (&[r#""a""#, r#""(""#, r#""b""#], None),
            (&[r#""a.b""#, r#""\\.""#, r#""$0$0""#], Some(r#""a..b""#)),
        ],
    );
}

#[test]
fn templates_hold_expressions() {
    check(
        "regex.template_match",
        &[
            (&[r#""urn:foo:{.*}""#, r#""urn:foo:bar:baz""#, r#""{""#, r#""}""#], Some("true")),
            (&[r#""urn:foo:<.*>""#, r#""urn:foo:bar""#, r#""<""#, r#"">""#], Some("true")),
            (&[r#""a.c{[0-9]{2}}""#, r#""a.c12""#, r#""{""#, r#""}""#], Some("true")),
            (&[r#""a.c""#, r#""abc""#, r#""{""#, r#""}""#], Some("false")),
            (&[r#""{a""#, r#""a""#, r#""{""#, r#""}""#], None),
            (&[r#""{(}""#, r#""(""#, r#""{""#, r#""}""#], None),
            (&[r#""{a}""#, r#""a""#, r#""{{""#, r#""}""#], None),
        ],
    );
}

#[test]
fn globs_intersect_as_in_opa() {
    check(
        "regex.globs_match",
        &[
            (&[r#""a.a.[0-9]+z""#, r#""a.b.c""#], Some("false")),
            (&[r#""abcd""#, r#""....""#], Some("true")),
            (&[r#""[a-c]+""#, r#""[c-e]*""#], Some("true")),
            (&[r#"".*""#, r#""""#], Some("false")),
            (&[r#""""#, r#""""#], Some("true")),
            (&[r#""a*b""#, r#""b""#], Some("true")),
            (&[r#""ab+""#, r#""ab*c""#], Some("false")),
            (&[r#""foo.*bar""#, r#""foobar""#], Some("true")),
            (&[r#""[ab]+c""#, r#""[bc]*""#], Some("true")),
            (&[r#"".*.*.*.*f""#, r#"".*.*.*.*g""#], Some("false")),
            (&[r#""a\\+""#, r#""a+""#], Some("false")),
            (&[r#""[]""#, r#""x""#], Some("false")),
            (&[r#""[a-""#, r#""a""#], None),
            (&[r#""+""#, r#""a""#], None),
            (&[r#""a]""#, r#""a""#], None),
        ],
    );
}

#[test]
fn globs_take_no_exponential_time() {
    let (left, right) = (format!("{}c", ".*".repeat(500)), format!("{}d", ".*".repeat(500)));
    assert_eq!(globs_match(&mut state(), &[left.into(), right.into()]), Ok(false.into()));
}

#[test]
fn too_large_expressions_and_searches_are_a_limit() {
    let long = "x".repeat(100_000);
    let slow = r".*[^A-Z]|[A-Z]";
    for (pattern, text) in [(long.as_str(), "x"), (r"(\pL{100}){10}\PL", "x"), (slow, &"A".repeat(400_000))] {
        let result = split(&mut state(), &[pattern.into(), text.into()]);
        assert!(matches!(result, Err(BuiltinError::Limit(_))), "{pattern:.20}");
    }
}

#[test]
fn deep_expressions_are_undefined() {
    let deep = format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(matches!(split(&mut state(), &[deep.into(), "a".into()]), Err(BuiltinError::Undefined(_))));
}
