use super::*;
use crate::engine::opa::builtins::cases::{check, state};

#[test]
fn patches_are_opas() {
    check(
        "json.patch",
        &[
            (
                &[r#"{"a":{"foo":1}}"#, r#"[{"op":"add","path":"/a/bar","value":2}]"#],
                Some(r#"{"a":{"bar":2,"foo":1}}"#),
            ),
            (
                &[
                    r#"{"a":[1,2]}"#,
                    r#"[{"op":"add","path":"/a/-","value":3},{"op":"add","path":"a/0","value":0}]"#,
                ],
                Some(r#"{"a":[0,1,2,3]}"#),
            ),
            (&[r#"{"a":1,"b":2}"#, r#"[{"op":"remove","path":"/a"}]"#], Some(r#"{"b":2}"#)),
            (&[r#"{"a":1}"#, r#"[{"op":"replace","path":["a"],"value":{"b":1}}]"#], Some(r#"{"a":{"b":1}}"#)),
            (
                &[r#"{"a":{"b":1}}"#, r#"[{"op":"move","from":"/a/b","path":"/c"}]"#],
                Some(r#"{"a":{},"c":1}"#),
            ),
            (
                &[r#"{"a":{"b":1}}"#, r#"[{"op":"copy","from":"","path":"/c"}]"#],
                Some(r#"{"a":{"b":1},"c":{"a":{"b":1}}}"#),
            ),
            (&[r#"{"a":1}"#, r#"[{"op":"test","path":"/a","value":1.0}]"#], Some(r#"{"a":1}"#)),
            (&[r#"{"a":1}"#, r#"[{"op":"test","path":"/a","value":2}]"#], None),
            (&[r#"{"a":1}"#, r#"[{"op":"remove","path":"/b"}]"#], None),
            (
                &[
                    r#"{"x/y":1,"m~n":2}"#,
                    r#"[{"op":"remove","path":"/x~1y"},{"op":"remove","path":"/m~0n"}]"#,
                ],
                Some("{}"),
            ),
            (&["{1,2}", r#"[{"op":"add","path":[3],"value":3},{"op":"remove","path":[1]}]"#], Some("{2,3}")),
            (&["{1,2}", r#"[{"op":"add","path":[3],"value":4}]"#], None),
            (
                &[r#"{"a":{[1]}}"#, r#"[{"op":"add","path":["a",[1],"-"],"value":2}]"#],
                Some(r#"{"a":{[1,2]}}"#),
            ),
            (&["[1,2]", r#"[{"op":"add","path":"/01","value":3}]"#], None),
            (&["[1,2]", r#"[{"op":"add","path":"/3","value":3}]"#], None),
            (&["1", r#"[{"op":"add","path":"","value":{1}}]"#], Some("{1}")),
            (&[r#"{"a":1}"#, r#"[{"op":"bogus","path":"/a"}]"#], None),
            (&[r#"{"a":1}"#, r#"[{"op":"add","path":"/b"}]"#], None),
            (&[r#"{"a":1}"#, "[1]"], None),
            (&[r#"{"a":1}"#, "{}"], None),
        ],
    );
}

// A position counts in the array as it was first: see tree.rs.
#[test]
fn arrays_are_read_by_their_first_positions() {
    check(
        "json.patch",
        &[
            (
                &["[1,2,3]", r#"[{"op":"remove","path":"/0"},{"op":"test","path":"/0","value":1}]"#],
                Some("[1,3]"),
            ),
            (&["[1,2,3]", r#"[{"op":"remove","path":"/0"},{"op":"test","path":"/0","value":2}]"#], None),
        ],
    );
}

#[test]
fn json_is_written_as_go_does() {
    check(
        "json.marshal_with_options",
        &[
            (
                &[r#"{"b":[1,1.50,{}],"a":"<é>"}"#, "{}"],
                Some(r#""{\"a\":\"\\u003cé\\u003e\",\"b\":[1,1.50,{}]}""#),
            ),
            (
                &[r#"{"b":[1],"a":{"c":null}}"#, r#"{"pretty":true}"#],
                Some(r#""{\n\t\"a\": {\n\t\t\"c\": null\n\t},\n\t\"b\": [\n\t\t1\n\t]\n}""#),
            ),
            (
                &[r#"{"b":[1]}"#, r#"{"indent":"  ","prefix":"> "}"#],
                Some(r#""> {\n>   \"b\": [\n>     1\n>   ]\n> }""#),
            ),
            (&["[]", r#"{"indent":"  "}"#], Some(r#""[]""#)),
            (&[r#"{"b":[1]}"#, r#"{"indent":"  ","pretty":false}"#], Some(r#""{\"b\":[1]}""#)),
            (&["{[1]:{2},1:true}", "{}"], Some(r#""{\"1\":true,\"[1]\":[2]}""#)),
            (&["1", r#"{"pretty":1}"#], None),
            (&["1", r#"{"x":1}"#], None),
            (&["1", "[]"], None),
        ],
    );
}

#[test]
fn a_patch_cannot_grow_without_bound() {
    let copy = |n: usize| format!(r#"{{"op":"copy","from":"","path":"/{}"}}"#, vec!["a"; 1 << n].join("/"));
    let wide: Vec<String> = (0..64).map(|n| format!(r#"{{"op":"copy","from":"","path":"/{n}"}}"#)).collect();
    let deep: Vec<String> = (0..12).map(copy).collect();
    for operations in [wide, deep] {
        let operations = Value::parse(&format!("[{}]", operations.join(","))).unwrap();
        let result = patch(&mut state(), &[Value::parse(r#"{"a":{}}"#).unwrap(), operations]);
        assert!(matches!(result, Err(BuiltinError::Limit(_))), "{result:?}");
    }
}
