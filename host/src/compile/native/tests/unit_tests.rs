use serde_json::json;

use super::*;

#[test]
fn unit_tests_are_run() {
    let text = r#"package a_test

import rego.v1

test_passes if { print("seen"); data.limit == 3 }

test_fails if {
	x := data.limit
	x == 3
	x + 1 == 5 # not yet
}

test_errs if data.a_test.f(1) == 1

f(_) := 1

f(_) := 2

todo_test_later if { false }
"#;
    let data = json!({"limit": 3});
    let capabilities: serde_json::Value = json!({
        "builtins": crate::engine::opa::capabilities().unwrap()["builtins"], "features": ["rego_v1"]
    });
    let request = Request {
        data: data.as_object(),
        capabilities: Some(&capabilities),
        run: Some("test_[pfel]"),
        ..Request::new(Op::Test, vec![source("dir/a_test.rego", text)])
    };
    let tested: Tested = asked(&request);
    assert_eq!(tested.errors, []);
    let outcomes: Vec<_> =
        tested.tests.iter().map(|test| (test.name.as_str(), test.line, test.outcome.as_str())).collect();
    assert_eq!(
        outcomes,
        [
            ("data.a_test.test_passes", 5, "passed"),
            ("data.a_test.test_fails", 7, "failed"),
            ("data.a_test.test_errs", 13, "error"),
            ("data.a_test.todo_test_later", 19, "skipped"),
        ]
    );
    assert_eq!(tested.tests[0].output, "seen\n");
    let expression = Expression { line: 10, column: 2, expression: "x + 1 == 5".to_owned() };
    assert_eq!(tested.tests[1].failed, Some(expression));
    assert!(
        tested.tests[2].error.starts_with("dir/a_test.rego:17: eval_conflict_error: "),
        "{}",
        tested.tests[2].error
    );
}

#[test]
fn unit_tests_that_do_not_compile_are_reported() {
    let tested: Tested =
        asked(&Request::new(Op::Test, vec![source("a_test.rego", "package a\n\ntest_x if nope(1)\n")]));
    assert_eq!(places(&tested.errors), [("a_test.rego:3:11".to_owned(), "rego_type_error")]);
    let request = Request {
        run: Some("("),
        ..Request::new(Op::Test, vec![source("a_test.rego", "package a\n\nx := 1\n")])
    };
    let tested: Tested = asked(&request);
    assert_eq!(tested.errors[0].text, "error parsing regexp: missing closing ): `(`");
}
