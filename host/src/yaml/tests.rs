use super::*;

/// A text, and its JSON as `kubectl` and as OPA read it; `None` where it is refused.
type Case<'t> = (&'t str, Option<&'t str>, Option<&'t str>);

/// Made with sigs.k8s.io/yaml 1.6.0 and with OPA 1.22.0's own conversion.
const CASES: &[Case<'_>] = &[
    (
        "a: yes\nb: No\nc: on\nd: y",
        Some(r#"{"a":true,"b":false,"c":true,"d":true}"#),
        Some(r#"{"a":"yes","b":"No","c":"on","d":"y"}"#),
    ),
    (
        "a: 0644\nb: 0o17\nc: 0o-7\nd: 0x1F\ne: 0b11\nf: 08",
        Some(r#"{"a":420,"b":15,"c":"0o-7","d":31,"e":3,"f":8}"#),
        Some(r#"{"a":420,"b":15,"c":-7,"d":31,"e":3,"f":8}"#),
    ),
    (
        "a: 1_000\nb: +1\nc: -0\nd: 1__0.5",
        Some(r#"{"a":1000,"b":1,"c":0,"d":10.5}"#),
        Some(r#"{"a":1000,"b":1,"c":0,"d":10.5}"#),
    ),
    (
        "a: 18446744073709551615\nb: 18446744073709551616\nc: -9223372036854775808",
        Some(r#"{"a":18446744073709551615,"b":18446744073709552000,"c":-9223372036854775808}"#),
        Some(r#"{"a":18446744073709551615,"b":18446744073709552000,"c":-9223372036854775808}"#),
    ),
    (
        "a: 1e3\nb: .5\nc: 1e400\nd: 1.0",
        Some(r#"{"a":1000,"b":0.5,"c":"1e400","d":1}"#),
        Some(r#"{"a":1000,"b":0.5,"c":"1e400","d":1}"#),
    ),
    (
        "a: ~\nb:\nc: null\nd: ''",
        Some(r#"{"a":null,"b":null,"c":null,"d":""}"#),
        Some(r#"{"a":null,"b":null,"c":null,"d":""}"#),
    ),
    (
        "a: 2001-01-01\nb: 12:30:45",
        Some(r#"{"a":"2001-01-01","b":"12:30:45"}"#),
        Some(r#"{"a":"2001-01-01","b":"12:30:45"}"#),
    ),
    (
        "1: a\n1.5: b\ntrue: c",
        Some(r#"{"1":"a","1.5":"b","true":"c"}"#),
        Some(r#"{"1":"a","1.5":"b","true":"c"}"#),
    ),
    ("18446744073709551615: a", None, Some(r#"{"18446744073709551615":"a"}"#)),
    ("null: a", None, None),
    ("[1]: a", None, None),
    ("a: .nan", None, None),
    ("!!str 12", Some(r#""12""#), Some(r#""12""#)),
    ("!!int '12'", Some("12"), Some("12")),
    ("!!int 1.5", None, None),
    ("!!float 1", Some("1"), Some("1")),
    ("!!binary aGVsbG8=", Some(r#""hello""#), Some(r#""hello""#)),
    ("!!binary x", None, None),
    ("! 12", Some(r#""12""#), Some("12")),
    ("!foo 12", Some(r#""12""#), Some(r#""12""#)),
    ("a: &x 1\nb: *x", Some(r#"{"a":1,"b":1}"#), Some(r#"{"a":1,"b":1}"#)),
    ("a: *x", None, None),
    ("&x [*x]", None, None),
    ("a: 1\na: 2", Some(r#"{"a":2}"#), Some(r#"{"a":2}"#)),
    ("1: a\n'1': b", Some(r#"{"1":"b"}"#), Some(r#"{"1":"b"}"#)),
    (
        "a: &x {k: 1, l: 2}\nb: {k: 3, <<: *x}",
        Some(r#"{"a":{"k":1,"l":2},"b":{"k":1,"l":2}}"#),
        Some(r#"{"a":{"k":1,"l":2},"b":{"k":3,"l":2}}"#),
    ),
    (
        "a: &x {k: 1}\nb: &y {k: 2, l: 3}\nc:\n  <<: [*x, *y]",
        Some(r#"{"a":{"k":1},"b":{"k":2,"l":3},"c":{"k":1,"l":3}}"#),
        Some(r#"{"a":{"k":1},"b":{"k":2,"l":3},"c":{"k":1,"l":3}}"#),
    ),
    (
        "a: &x {k: 1}\nb: &y {k: 2}\nc: {<<: *x, <<: *y}",
        Some(r#"{"a":{"k":1},"b":{"k":2},"c":{"k":2}}"#),
        Some(r#"{"a":{"k":1},"b":{"k":2},"c":{"k":1}}"#),
    ),
    ("<<: 1", None, None),
    ("a: |\n  x\n\n y\nb: >-\n  f\n  g\n\n  h", None, None),
    ("a: |+\n  x\n\nb: |2\n    y", Some(r#"{"a":"x\n\n","b":"  y"}"#), Some(r#"{"a":"x\n\n","b":"  y"}"#)),
    ("|\n  x", Some(r#""x""#), Some(r#""x""#)),
    ("a: \"x\n  y\\\n  z\\u00e9\"", Some(r#"{"a":"x yzé"}"#), Some(r#"{"a":"x yzé"}"#)),
    ("a: \"\\/\"", None, None),
    ("a: [\n1,\n2\n]", Some(r#"{"a":[1,2]}"#), Some(r#"{"a":[1,2]}"#)),
    (
        "a: {b: 1, c}\nd: [x: y]",
        Some(r#"{"a":{"b":1,"c":null},"d":[{"x":true}]}"#),
        Some(r#"{"a":{"b":1,"c":null},"d":[{"x":"y"}]}"#),
    ),
    ("a: {\"b\":1}", Some(r#"{"a":{"b":1}}"#), Some(r#"{"a":{"b":1}}"#)),
    ("a: b: c", None, None),
    ("\ta: 1", None, None),
    ("a:\n\t- b", None, None),
    ("a: x # c\nb: x#c", Some(r#"{"a":"x","b":"x#c"}"#), Some(r#"{"a":"x","b":"x#c"}"#)),
    ("? a\n: b\n? c", Some(r#"{"a":"b","c":null}"#), Some(r#"{"a":"b","c":null}"#)),
    ("- - a\n  - b\n-\n  c: d", Some(r#"[["a","b"],{"c":"d"}]"#), Some(r#"[["a","b"],{"c":"d"}]"#)),
    ("a: b\n c\n\n d", Some(r#"{"a":"b c\nd"}"#), Some(r#"{"a":"b c\nd"}"#)),
    ("a: 1\n---\nb: 2", Some(r#"{"a":1}"#), Some(r#"{"a":1}"#)),
    ("a: 1\n...\nb: [", Some(r#"{"a":1}"#), None),
    ("---\n# only\n", Some("null"), Some("null")),
    ("", Some("null"), Some("null")),
    ("a: [", None, None),
    ("a: 'x", None, None),
    ("- a\nb: c", None, None),
    ("%YAML 1.2\n---\na", None, None),
    ("a: @x", None, None),
    ("k\u{85}l", Some(r#""k l""#), Some(r#""k l""#)),
    ("a: \u{7f}", None, None),
];

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect(text)
}

#[test]
fn documents_mean_what_the_go_libraries_make_of_them() {
    for (text, kubernetes, opa) in CASES {
        for (dialect, want) in [(Dialect::Kubernetes, kubernetes), (Dialect::Opa, opa)] {
            let value = parse_as(dialect, text, MAX_OUTPUT_BYTES);
            assert_eq!(value.as_ref().ok(), want.map(json).as_ref(), "{dialect:?} {text:?}: {value:?}");
        }
    }
}

#[test]
fn json_is_read_as_json_first() {
    assert_eq!(parse(r#" {"a": "\/", "b": 1.0}"#), Ok(json(r#"{"a": "/", "b": 1.0}"#)));
    assert_eq!(parse("{a: yes}"), Ok(json(r#"{"a": true}"#)));
}

#[test]
fn errors_name_the_place() {
    for (text, line, column) in [
        ("a: 1\nb: [1", 2, 6),
        ("a: 1\nb: !!int x", 2, 4),
        ("a:\n  - *x", 2, 5),
        ("a: \u{7f}", 1, 4),
        ("a: .inf", 1, 4),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.line(), error.column()), (line, column), "{text:?}: {error}");
    }
}

#[test]
fn aliases_cannot_multiply() {
    let nested = |width: usize| {
        let aliases = |level: usize| vec![format!("*a{level}"); width].join(",");
        let lines: Vec<String> =
            (1..10).map(|level| format!("a{level}: &a{level} [{}]", aliases(level - 1))).collect();
        format!("a0: &a0 [x]\n{}", lines.join("\n"))
    };
    let error = parse(&nested(9)).unwrap_err();
    assert_eq!(error.message(), "document contains excessive aliasing");
    let keys: Vec<String> = (0..1000).map(|n| format!("k{n}: 1")).collect();
    let merged = format!("a: &a {{{}}}\nb: {{<<: [{}]}}", keys.join(", "), vec!["*a"; 100_000].join(","));
    for dialect in [Dialect::Kubernetes, Dialect::Opa] {
        let error = parse_as(dialect, &merged, MAX_OUTPUT_BYTES).unwrap_err();
        assert_eq!(error.message(), "document contains excessive aliasing");
    }
    let long = format!("a: &a {}\nb: [{}]", "x".repeat(100_000), vec!["*a"; 900].join(","));
    assert!(parse(&long).unwrap_err().is_too_large());
}

#[test]
fn depth_is_bounded() {
    for deep in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000), "? ".repeat(100_000)] {
        assert_eq!(parse(&deep).unwrap_err().message(), "nested too deeply");
    }
    assert!(parse(&format!("{}{}", "[".repeat(200), "]".repeat(200))).is_ok());
}

#[test]
fn streams_split_as_kubectl_splits_them() {
    let split = |text| documents(text).unwrap();
    assert_eq!(
        split("a: 1\n---\nb: 2\n--- # c\n\n# only\n---\nc: 3"),
        [(1, "a: 1\n"), (3, "b: 2\n"), (8, "c: 3")]
    );
    assert_eq!(split("---\na: |\n  x\n---\n"), [(2, "a: |\n  x\n")]);
    assert_eq!(
        split("\n{\"a\": 1}\n{\"b\": 2}\n---\nc: 3\n"),
        [(2, "{\"a\": 1}"), (3, "{\"b\": 2}"), (5, "c: 3\n")]
    );
    assert_eq!(split("{a: 1}\n---\nb: 2\n"), [(1, "{a: 1}\n"), (3, "b: 2\n")]);
    assert_eq!(split("\u{feff}# only\n"), []);
    for text in ["a: 1\n--- b\n", "----\n"] {
        assert!(documents(text).is_err(), "{text:?}");
    }
}

#[test]
fn floats_are_written_as_in_go() {
    for (float, shortest, json) in [
        (1e5, "100000", "100000"),
        (1e6, "1e+06", "1000000"),
        (1234567.5, "1.2345675e+06", "1234567.5"),
        (1e21, "1e+21", "1e+21"),
        (0.0001, "0.0001", "0.0001"),
        (-1.5e-7, "-1.5e-07", "-1.5e-7"),
        (-0.0, "-0", "-0"),
        (123456.0, "123456", "123456"),
    ] {
        assert_eq!((go_shortest(float).as_str(), go_json_float(float).as_str()), (shortest, json));
    }
}
