mod build;
mod unit_tests;

use std::path::PathBuf;

use magtape_testing::tools::Tool;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{
    super::protocol::{
        Analysed, Analysis, Compiled, Expression, Op, RegoError, Request, Rule, Source, Tested,
    },
    ask,
};

const V1: &str = r#"# METADATA
# title: Names
# custom:
#   dialect: opa
package kubernetes.admission["a b"]

import data.lib.names as known

# METADATA
# title: A rule
deny contains msg if {
	some container in input.request.object.spec.containers
	not container.name in known.good
	not helper(container)
	msg := sprintf("%v", [container.name])
}

count_of[kind] := n if { n := data.totals[kind].n }

f(x) := x
"#;

const V0: &str = "package old\n\ndeny[msg] {\n\tmsg := \"no\"\n\tinput.x == data.lib.y\n}\n";

fn opa() -> PathBuf {
    Tool::Opa.built().unwrap()
}

fn source<'s>(name: &'s str, text: &'s str) -> Source<'s> {
    Source { name, text, version: "", without: Vec::new() }
}

fn asked<T: DeserializeOwned>(request: &Request<'_>) -> T {
    serde_json::from_slice(&ask(&opa(), request).unwrap()).unwrap()
}

fn analysed(text: &str) -> Analysed {
    let name = "/policies/x, document 1: a.rego";
    let analysis: Analysis = asked(&Request::new(Op::Analyse, vec![source(name, text)]));
    assert_eq!(analysis.modules[0].name, name);
    analysis.modules.into_iter().next().unwrap()
}

fn places(errors: &[RegoError]) -> Vec<(String, &str)> {
    errors.iter().map(|error| (error.place("?"), error.code.as_str())).collect()
}

#[test]
fn a_file_is_analysed() {
    let facts = analysed(V1);
    assert_eq!(facts.errors, []);
    assert_eq!(
        (facts.version.as_str(), &facts.package[..]),
        ("v1", &["kubernetes", "admission", "a b"].map(Into::into)[..])
    );
    let rule = |name: &str, kind: &str| Rule { name: name.to_owned(), kind: kind.to_owned(), definitions: 1 };
    assert_eq!(facts.rules, [rule("deny", "set"), rule("count_of", "object"), rule("f", "function")]);
    let about: Vec<_> = facts.annotations.iter().map(|a| (a.scope.as_str(), a.rule.as_str())).collect();
    assert_eq!(about, [("package", ""), ("rule", "deny")]);
    assert_eq!(
        facts.annotations[0].annotations,
        json!({
            "scope": "package", "title": "Names", "custom": {"dialect": "opa"}
        })
    );
}

#[test]
fn what_a_file_uses_is_found() {
    let uses: Vec<_> = analysed(V1).uses.iter().map(|path| path.join("/")).collect();
    let own = |name: &str| format!("kubernetes/admission/a b/{name}");
    assert_eq!(
        uses,
        [own("helper"), own("kind"), own("sprintf"), "lib/names/good".to_owned(), "totals".to_owned()]
    );
}

#[test]
fn the_older_dialect_is_found_out() {
    let facts = analysed(V0);
    assert_eq!((facts.version.as_str(), facts.errors), ("v0", vec![]));
    assert_eq!(facts.uses, [["lib", "y"].map(str::to_owned)]);
}

#[test]
fn numbers_that_are_no_json_do_no_harm() {
    let facts = analysed("package a\n\nx := 2e308 + data.y\n\nz := -1e999\n");
    assert_eq!((facts.errors, facts.uses), (vec![], vec![vec!["y".to_owned()]]));
}

#[test]
fn an_error_is_at_its_place_in_the_file() {
    let facts = analysed("package a\n\ndeny[msg] {\n\tmsg := \"no\" +\n}\n");
    assert_eq!(
        places(&facts.errors),
        [("/policies/x, document 1: a.rego:5:1".to_owned(), "rego_parse_error")]
    );
    assert_eq!(facts.errors[0].text, "unexpected } token\n  }\n  ^");
}

#[test]
fn another_program_is_no_opa() {
    let request = Request::new(Op::Check, vec![source("a.rego", "package a")]);
    assert!(ask("/bin/sh".as_ref(), &request).unwrap_err().starts_with("opa failed: "));
    assert!(
        ask("/nowhere/opa".as_ref(), &request).unwrap_err().starts_with("/nowhere/opa: does not start: ")
    );
}
