use crate::engine::opa::builtins::cases::check;

#[test]
fn uris_are_taken_apart() {
    check(
        "uri.parse",
        &[
            (
                &[r#""https://example.com:8080/api?q=1#top""#],
                Some(
                    r#"{"fragment":"top","hostname":"example.com","path":"/api","port":"8080","raw_path":"/api","raw_query":"q=1","scheme":"https"}"#,
                ),
            ),
            (
                &[r#""HTTP://u:p@h/%7e%2F""#],
                Some(r#"{"hostname":"h","path":"/~/","raw_path":"/%7e%2F","scheme":"http"}"#),
            ),
            (&[r#""mailto:a@b""#], Some(r#"{"scheme":"mailto"}"#)),
            (
                &[r#""http://[fe80::1%25en0]:80/""#],
                Some(r#"{"hostname":"fe80::1%en0","path":"/","port":"80","raw_path":"/","scheme":"http"}"#),
            ),
            (&[r#""http://[::1""#], None),
            (&[r#""http://[1.2.3.4]/""#], None),
            (&[r#""http://a:b/""#], None),
            (&[r#""http://a:1:2/""#], None),
            (
                &[r#""postgres://a:1,b:2/x""#],
                Some(r#"{"hostname":"a:1,b","path":"/x","port":"2","raw_path":"/x","scheme":"postgres"}"#),
            ),
            (&[r#""//host/p""#], Some(r#"{"hostname":"host","path":"/p","raw_path":"/p"}"#)),
            (&[r#""///p""#], Some(r#"{"path":"///p","raw_path":"///p"}"#)),
            (&[r#""p/q:r""#], Some(r#"{"path":"p/q:r","raw_path":"p/q:r"}"#)),
            (&[r#""p:q""#], Some(r#"{"scheme":"p"}"#)),
            (&[r#""1p:q""#], None),
            (&[r#""*""#], Some(r#"{"path":"*","raw_path":"*"}"#)),
            (&[r#""""#], Some("{}")),
            (&[r#""http://a b/""#], None),
            (&[r#""http://é/é""#], Some(r#"{"hostname":"é","path":"/é","raw_path":"/é","scheme":"http"}"#)),
            (
                &[r#""http://x/a b""#],
                Some(r#"{"hostname":"x","path":"/a b","raw_path":"/a b","scheme":"http"}"#),
            ),
            (
                &[r#""http://x/a%20b""#],
                Some(r#"{"hostname":"x","path":"/a b","raw_path":"/a b","scheme":"http"}"#),
            ),
            (&[r#""http://x/?""#], Some(r#"{"hostname":"x","path":"/","raw_path":"/","scheme":"http"}"#)),
            (&[r#""x:/p?a#%zz""#], None),
            (
                &[r#""http://x/\\n""#],
                Some(r#"{"hostname":"x","path":"/\\n","raw_path":"/\\n","scheme":"http"}"#),
            ),
            (&[r#""?a=b""#], Some(r#"{"raw_query":"a=b"}"#)),
            (&[r#""http://x@y@z/""#], Some(r#"{"hostname":"z","path":"/","raw_path":"/","scheme":"http"}"#)),
            (&["1"], None),
        ],
    );
}

#[test]
fn validity_is_parsing() {
    check(
        "uri.is_valid",
        &[
            (&[r#""https://example.com/path?q=1""#], Some("true")),
            (&[r#""""#], Some("false")),
            (&[r#""%""#], Some("false")),
            (&[r#""%zz""#], Some("false")),
            (&[r#""a:b""#], Some("true")),
            (&[r#"" ""#], Some("true")),
            (&[r#"":""#], Some("false")),
            (&["1"], Some("false")),
        ],
    );
}
