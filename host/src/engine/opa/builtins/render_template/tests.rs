use super::*;
use crate::engine::opa::builtins::cases::state;

const OBJECT: &str = r#"{"name":"web","n":3,"z":0,"f":2.50,"s":"","t":true,"no":false,"nul":null,"list":["a","b"],"nums":[1,2],"emp":[],"obj":{"b":"B","a":{"c":[null,{"d":1}]}},"html":"<b>"}"#;

fn render(template: &str, object: &str, limit: usize) -> Result<Value, BuiltinError> {
    let mut state = State { max_output_bytes: limit, ..state() };
    render_template(&mut state, &[template.into(), Value::parse(object).expect(object)])
}

/// Template, and what OPA 1.22.0 makes of it and the object.
#[rustfmt::skip]
const ROWS: &[(&str, Option<&str>)] = &[
    ("", Some("")),
    ("plain", Some("plain")),
    ("{{.name}}", Some("web")),
    ("{{ .n }}|{{.f}}|{{.t}}|{{.list}}|{{.obj}}|{{.nums}}", Some("3|2.50|true|[a b]|map[a:map[c:[<nil> map[d:1]]] b:B]|[1 2]")),
    ("{{.nul}}|{{.missing}}|{{.missing.deeper}}|{{.obj.a.x.y}}", Some("<undefined>|<undefined>|<undefined>|<undefined>")),
    ("{{.nul.x}}", None),
    ("{{.name.x}}", None),
    ("{{.}}", Some("map[emp:[] f:2.50 html:<b> list:[a b] n:3 name:web no:false nul:<nil> nums:[1 2] obj:map[a:map[c:[<nil> map[d:1]]] b:B] s: t:true z:0]")),
    ("{{$}}{{$.name}}", Some("map[emp:[] f:2.50 html:<b> list:[a b] n:3 name:web no:false nul:<nil> nums:[1 2] obj:map[a:map[c:[<nil> map[d:1]]] b:B] s: t:true z:0]web")),
    ("<no value>", Some("<undefined>")),
    ("a \n {{- .name -}} \n b", Some("awebb")),
    ("a {{- /* gone */ -}} b", Some("ab")),
    ("{{/* gone */}}x", Some("x")),
    ("{{ /* not a comment */ }}", None),
    ("{{.name -}}x", Some("webx")),
    ("{{-3}}", Some("-3")),
    ("{{- 3}}", Some("3")),
    ("{{if .z}}zero is a text{{end}}", Some("zero is a text")),
    ("{{if .s}}x{{else}}empty{{end}}", Some("empty")),
    ("{{if .no}}1{{else if .t}}2{{else}}3{{end}}", Some("2")),
    ("{{if .missing}}x{{end}}", Some("")),
    ("{{if .emp}}x{{else}}no{{end}}", Some("no")),
    ("{{with .obj}}{{.b}}{{end}}", Some("B")),
    ("{{with .nul}}x{{else}}{{.name}}{{end}}", Some("web")),
    ("{{with .s}}x{{else with .name}}{{.}}{{end}}", Some("web")),
    ("{{with $x := .name}}{{$x}}{{end}}", Some("web")),
    ("{{range .list}}<{{.}}>{{end}}", Some("<a><b>")),
    ("{{range $i, $x := .list}}{{if $i}},{{end}}{{$i}}={{$x}}{{end}}", Some("0=a,1=b")),
    ("{{range $k, $v := .obj}}{{$k}};{{end}}", Some("a;b;")),
    ("{{range $x := .list}}{{$x}}{{end}}", Some("ab")),
    ("{{range .emp}}x{{else}}none{{end}}", Some("none")),
    ("{{range .nul}}x{{else}}none{{end}}", Some("none")),
    ("{{range 3}}{{.}}{{end}}", Some("012")),
    ("{{range .n}}x{{end}}", None),
    ("{{range .name}}x{{end}}", None),
    ("{{range .obj.a.c}}[{{.}}]{{end}}", Some("[<undefined>][map[d:1]]")),
    ("{{range .obj.a.c}}{{.d}}{{end}}", None),
    ("{{$x := 1}}{{range .list}}{{$x = .}}{{end}}{{$x}}", Some("b")),
    ("{{$x = 1}}", None),
    ("{{$y}}", None),
    ("{{if true}}{{$x := 1}}{{end}}{{$x}}", None),
    ("{{len .list}}{{len .name}}{{len .n}}{{len .obj}}", Some("2312")),
    ("{{len .nul}}", None),
    ("{{.list | len}}", Some("2")),
    (r#"{{index .list 1}}{{index .obj "a" "c" 1 "d"}}"#, Some("b1")),
    ("{{index .list 2}}", None),
    ("{{index .list .n}}", None),
    (r#"{{index .obj "x"}}"#, Some("<undefined>")),
    (r#"{{(index .obj "x").y}}"#, Some("<undefined>")),
    ("{{index .name 0}}", Some("119")),
    ("{{eq .n 3}}", None),
    (r#"{{eq .n "3"}}"#, Some("true")),
    (r#"{{eq .name "x" "web"}}{{ne .name "x"}}"#, Some("truetrue")),
    ("{{eq 1 1.0}}", None),
    ("{{eq .missing nil}}{{eq .nul nil}}{{eq .name nil}}", Some("truetruefalse")),
    ("{{eq .list .list}}", None),
    (r#"{{lt 1 2}}{{le 2 2}}{{gt 1 2}}{{ge .name "w"}}"#, Some("truetruefalsetrue")),
    ("{{lt true false}}", None),
    ("{{eq .name}}", None),
    (r#"{{and .t .s .name}}|{{or .s .name}}|{{not .s}}|{{and .t (eq .name "web")}}"#, Some("|web|true|true")),
    ("{{or .t .nul.x}}", Some("true")),
    ("{{and}}", None),
    ("{{print .name 1 2 .n true nil}}", Some("web1 23true <nil>")),
    (r#"{{printf "%s has %d of %v %q" .name 3 .f .s}}"#, Some(r#"web has 3 of 2.50 """#)),
    (r#"{{printf "%d %T %T %v %t" .n .n 1 nil true}}"#, Some("%!d(json.Number=3) json.Number int <nil> true")),
    (r#"{{.name | printf "%s-%s" "x"}}"#, Some("x-web")),
    ("{{printf .n}}", None),
    ("{{print .list}}", Some("[a b]")),
    (r#"{{"q\"\n"}}{{`raw\n`}}{{1.50}}{{1e6}}{{-2}}{{true}}"#, Some("q\"\nraw\\n1.51e+06-2true")),
    ("{{nil}}", None),
    ("{{1 | 2}}", None),
    ("{{.name | .x}}", None),
    (r#"{{.name "x"}}"#, None),
    ("{{unknown}}", None),
    ("{{.name", None),
    ("{{if .t}}", None),
    ("{{end}}", None),
    ("{{else}}", None),
    ("{{}}", None),
    ("{{(.name)}}{{(.obj).b}}", Some("webB")),
    ("{{(.name}}", None),
    ("{{.name)}}", None),
    ("{{print(1)}}", None),
    ("{{print (1)}}", Some("1")),
    ("{{1 .name}}", None),
    ("{{.a.}}", None),
    ("{{ .name | }}", Some("web")),
    ("{{break}}", None),
];

/// Templates that OPA renders and this host does not: they are outside of what is implemented.
#[rustfmt::skip]
const OUTSIDE: &[&str] = &[
    r#"{{printf "%v" .list}}"#,
    r#"{{define "x"}}{{end}}"#,
    "{{html .html}}",
    "{{0x10}}",
];

#[test]
fn templates_render_as_in_opa() {
    for (template, want) in ROWS {
        let answer = render(template, OBJECT, 1 << 20);
        assert_eq!(answer.as_ref().ok().and_then(Value::as_str), *want, "{template}: {answer:?}");
    }
}

#[test]
fn what_is_not_implemented_is_undefined() {
    for template in OUTSIDE {
        assert!(matches!(render(template, OBJECT, 1 << 20), Err(BuiltinError::Undefined(_))), "{template}");
    }
}

#[test]
fn objects_that_opa_cannot_decode_are_undefined() {
    for (object, is_fine) in [
        (r#"{"a":{1}}"#, false),
        (r#"{"a":set()}"#, false),
        (r#"{1:2}"#, false),
        (r#"{"a":[{null:2}]}"#, false),
        (r#"{"a":"\u0007"}"#, false),
        (r#"{"a":"\u007f"}"#, false),
        ("{\"a\":\"\u{e0001}\"}", false),
        (r#"{"a":"\u2028\u0085\b\f\n\r\t\\\""}"#, true),
        (r#"{"a":1e999999999}"#, true),
    ] {
        assert_eq!(render("x", object, 100).is_ok(), is_fine, "{object}");
    }
    let array = Value::Array(Vec::new());
    assert!(matches!(render_template(&mut state(), &["x".into(), array]), Err(BuiltinError::Undefined(_))));
}

#[test]
fn a_template_can_exhaust_neither_time_nor_memory() {
    for template in [
        "{{range 1000000000000}}{{end}}",
        "{{range 1000}}{{range 1000}}{{end}}{{end}}",
        r#"{{$x := "xxxxxxxxxxxxxxxx"}}{{range 100}}{{$x = print $x $x}}{{end}}"#,
        "{{range 100000}}some text{{end}}",
        r#"{{printf "%1000000d" 1}}"#,
    ] {
        let answer = render(template, "{}", 100_000);
        assert!(matches!(answer, Err(BuiltinError::Limit(_))), "{template}: {answer:?}");
    }
    assert!(matches!(render("<no value>", "{}", 10), Err(BuiltinError::Limit(_))));
    for template in ["{{(", "{{if 1}}"] {
        let answer = render(&template.repeat(100_000), "{}", 1 << 20);
        assert!(matches!(answer, Err(BuiltinError::Undefined(_))), "{template}");
    }
}
