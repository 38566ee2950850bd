use super::*;
use crate::engine::opa::builtins::cases::{check, state};

#[test]
fn paths_end_where_opa_ends_them() {
    check(
        "graph.reachable_paths",
        &[
            (
                &[r#"{"a":["b","c"],"b":["d"],"c":["d"],"d":[]}"#, r#"["a"]"#],
                Some(r#"{["a","b","d"],["a","c","d"]}"#),
            ),
            (&[r#"{"a":{"b"},"b":{"a","c"},"c":{}}"#, r#"{"a"}"#], Some(r#"{["a","b"],["a","b","c"]}"#)),
            (&[r#"{"a":["missing"]}"#, r#"["a","missing"]"#], Some(r#"{["a"]}"#)),
            (&[r#"{"a":["a"]}"#, r#"["a"]"#], Some(r#"{["a"]}"#)),
            (&[r#"{"a":null,"b":["a"]}"#, r#"["a","b"]"#], Some(r#"{["a"],["b","a"]}"#)),
            (&["{}", "[]"], Some("set()")),
            (&["{}", r#""a""#], None),
            (&["[]", "[]"], None),
        ],
    );
}

#[test]
fn exponentially_many_paths_are_a_limit() {
    let layer = |n: usize| format!(r#""{n}a":["{m}a","{m}b"],"{n}b":["{m}a","{m}b"]"#, m = n + 1);
    let graph: Vec<String> = (0..60).map(layer).collect();
    let graph = Value::parse(&format!("{{{}}}", graph.join(","))).unwrap();
    let start = Value::parse(r#"["0a"]"#).unwrap();
    let result = reachable_paths(&mut state(), &[graph, start]);
    assert!(matches!(result, Err(BuiltinError::Limit(_))), "{result:?}");
}

#[test]
fn a_long_path_does_not_exhaust_the_stack() {
    let graph: Vec<String> = (0..10_000).map(|n| format!("{n}:[{}]", n + 1)).collect();
    let graph = Value::parse(&format!("{{{}}}", graph.join(","))).unwrap();
    let result = reachable_paths(&mut state(), &[graph, Value::parse("[0]").unwrap()]).unwrap();
    let Value::Set(paths) = result else { panic!("no set") };
    assert!(matches!(paths.first(), Some(Value::Array(path)) if path.len() == 10_000));
}
