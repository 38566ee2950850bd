use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;

use super::*;

fn compiled(modules: Vec<Source<'_>>, entrypoint: &str) -> Compiled {
    asked(&Request { entrypoints: vec![entrypoint.to_owned()], ..Request::new(Op::Compile, modules) })
}

#[test]
fn files_become_a_module() {
    let lib = source("b/lib.rego", "package lib\n\ny := 1\n");
    for (text, package) in [(V0, "old"), ("package new\n\ndeny contains data.lib.y\n", "new")] {
        let compiled =
            compiled(vec![source("a, document 1: x.rego", text), lib.clone()], &format!("{package}/deny"));
        assert_eq!(compiled.errors, []);
        assert!(BASE64_STANDARD.decode(&compiled.wasm).unwrap().starts_with(b"\0asm"));
        assert_eq!(compiled.manifest["wasm"][0]["entrypoint"], json!(format!("{package}/deny")));
    }
}

#[test]
fn functions_that_depend_on_an_entrypoint_are_left_out() {
    let text = "package a\n\ndeny contains 1\n\nf(x) := data.a.deny[x]\n";
    let compiled = compiled(vec![source("a.rego", text)], "a/deny");
    assert_eq!((compiled.errors, compiled.wasm.is_empty()), (vec![], false));
}

#[test]
fn all_that_is_wrong_is_reported() {
    let text = "package a\n\nx := startswith(1)\n\nz := nope(1)\n";
    let compiled = compiled(vec![source("dir/a b.rego", text)], "a/x");
    let check: Compiled = asked(&Request::new(Op::Check, vec![source("dir/a b.rego", text)]));
    assert_eq!(compiled.errors, check.errors);
    let at = |place: &str| (format!("dir/a b.rego:{place}"), "rego_type_error");
    assert_eq!(places(&check.errors), [at("3:6"), at("5:6")]);
    let text = &check.errors[0].text;
    assert!(text.starts_with("startswith: arity mismatch\n  have: (number, ???)\n  want: ("), "{text}");
}

#[test]
fn an_error_without_a_place_is_reported() {
    let compiled = compiled(vec![source("a.rego", "package a\n\nx := 1\n")], "a/deny");
    let text = "entrypoint \"a/deny\" does not refer to a rule or policy decision".to_owned();
    assert_eq!(compiled.errors, [RegoError { text, ..RegoError::default() }]);
}

#[test]
fn capabilities_are_kept_to() {
    let capabilities = json!({"builtins": [], "wasm_abi_versions": [{"version": 1, "minor_version": 1}]});
    let request = Request {
        entrypoints: vec!["a/x".to_owned()],
        capabilities: Some(&capabilities),
        ..Request::new(Op::Compile, vec![source("a.rego", "package a\n\nx := count(input)\n")])
    };
    let compiled: Compiled = asked(&request);
    assert_eq!(compiled.errors[0].text, "undefined function count");
}

#[test]
fn leaving_out_rules_needs_the_compiler() {
    let helper = Source { without: vec!["deny".to_owned()], ..source("b.rego", "package a\n\ndeny := 1\n") };
    let compiled = compiled(vec![source("a.rego", "package a\n\nx := 1\n"), helper], "a/x");
    assert_eq!(compiled.errors[0].file, "b.rego");
    assert!(compiled.errors[0].text.contains("cargo xtask rego-compiler"), "{:?}", compiled.errors);
}
