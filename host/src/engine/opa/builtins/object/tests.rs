use super::*;
use crate::engine::opa::builtins::cases::{check, state};

#[test]
fn subsets_are_opas() {
    check(
        "object.subset",
        &[
            (&[r#"{"a":1,"b":2}"#, r#"{"a":1}"#], Some("true")),
            (&[r#"{"a":1}"#, r#"{"a":1.0}"#], Some("true")),
            (&[r#"{"a":{"b":[1,2,3],"c":{4,5}}}"#, r#"{"a":{"b":[2,3],"c":{5}}}"#], Some("true")),
            (&[r#"{"a":[1]}"#, r#"{"a":{1}}"#], Some("false")),
            (&[r#"{"a":1}"#, "{}"], Some("true")),
            (&["{1,2}", "{2}"], Some("true")),
            (&["{1,2}", "{2,3}"], Some("false")),
            (&["[1,2,3]", "[2,3]"], Some("true")),
            (&["[1,2,3]", "[1,3]"], Some("false")),
            (&["[1,1,2]", "[1,2]"], Some("true")),
            (&["[]", "[]"], Some("true")),
            (&["[1,2]", "{2}"], Some("true")),
            (&["[1,1]", "{1,2}"], Some("true")),
            (&["[1]", "set()"], Some("true")),
            (&["[]", "set()"], Some("false")),
            (&["{1}", "[1]"], None),
            (&["1", "1"], None),
        ],
    );
}

#[test]
fn long_arrays_take_linear_time() {
    let whole = vec![Value::from(0); 200_000];
    let mut part = vec![Value::from(0); 100_000];
    part.push(1.into());
    assert_eq!(subset(&mut state(), &[Value::Array(whole), Value::Array(part)]), Ok(false.into()));
}
