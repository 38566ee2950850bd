use crate::engine::opa::builtins::cases::check;

#[test]
fn hexadecimal_text() {
    check(
        "hex.decode",
        &[
            (&[r#""""#], Some(r#""""#)),
            (&[r#""6869""#], Some(r#""hi""#)),
            (&[r#""C3A9""#], Some(r#""é""#)),
            (&[r#""e9""#], Some(r#""�""#)),
            (&[r#""6""#], None),
            (&[r#""6g""#], None),
            (&[r#""ff00""#], Some(r#""�\u0000""#)),
        ],
    );
}

#[test]
fn hexadecimal_digits() {
    check(
        "hex.encode",
        &[
            (&[r#""""#], Some(r#""""#)),
            (&[r#""hi""#], Some(r#""6869""#)),
            (&[r#""é""#], Some(r#""c3a9""#)),
            (&["1"], None),
        ],
    );
}

#[test]
fn base64_for_urls() {
    check(
        "base64url.encode_no_pad",
        &[
            (&[r#""""#], Some(r#""""#)),
            (&[r#""a""#], Some(r#""YQ""#)),
            (&[r#""ab""#], Some(r#""YWI""#)),
            (&[r#""abc""#], Some(r#""YWJj""#)),
            (&[r#""??>>""#], Some(r#""Pz8-Pg""#)),
        ],
    );
}

#[test]
fn query_components_are_escaped() {
    check(
        "urlquery.encode",
        &[
            (&[r#""""#], Some(r#""""#)),
            (&[r#""a b""#], Some(r#""a+b""#)),
            (&[r#""a&b=c""#], Some(r#""a%26b%3Dc""#)),
            (&[r#""-_.~""#], Some(r#""-_.~""#)),
            (&[r#""é/?""#], Some(r#""%C3%A9%2F%3F""#)),
            (&[r#""+%""#], Some(r#""%2B%25""#)),
        ],
    );
}

#[test]
fn query_components_are_read() {
    check(
        "urlquery.decode",
        &[
            (&[r#""a+b""#], Some(r#""a b""#)),
            (&[r#""%C3%A9""#], Some(r#""é""#)),
            (&[r#""%e9""#], Some(r#""�""#)),
            (&[r#""%4""#], None),
            (&[r#""%zz""#], None),
            (&[r#""a%20b%2b""#], Some(r#""a b+""#)),
        ],
    );
}

#[test]
fn objects_become_queries() {
    check(
        "urlquery.encode_object",
        &[
            (&[r#"{"a":"b c","c":["d","e"],"f":{"h","g"}}"#], Some(r#""a=b+c&c=d&c=e&f=g&f=h""#)),
            (&[r#"{"a":[]}"#], Some(r#""""#)),
            (&[r#"{"b":"&","a":""}"#], Some(r#""a=&b=%26""#)),
            (&[r#"{1:"x"}"#], Some(r#""1=x""#)),
            (&[r#"{"a":1}"#], None),
            (&[r#"{"a":[1]}"#], None),
            (&["{}"], Some(r#""""#)),
            (&["[]"], None),
        ],
    );
}

#[test]
fn queries_become_objects() {
    check(
        "urlquery.decode_object",
        &[
            (&[r#""a=b+c&c=d&c=e""#], Some(r#"{"a":["b c"],"c":["d","e"]}"#)),
            (&[r#""""#], Some("{}")),
            (&[r#""a&b=&=c""#], Some(r#"{"":["c"],"a":[""],"b":[""]}"#)),
            (&[r#""a=%zz""#], None),
            (&[r#""a;b=c""#], None),
            (&[r#""&&a=1&""#], Some(r#"{"a":["1"]}"#)),
        ],
    );
}
